using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

/// <summary>A real process, our child, ended with its group at the test's end.</summary>
internal sealed class ChildProcess : IDisposable
{
    readonly Child child;
    bool reaped;

    public ChildProcess(params string[] argv)
        : this("/", argv)
    {
    }

    public ChildProcess(string folder, string[] argv)
    {
        Assert.True(Spawn.TryStart(new SpawnOptions { Argv = argv, Folder = folder, Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" } }, out var child, out var why), why);
        this.child = child!;
    }

    public static ChildProcess Sleep() => new("sleep", "60");

    public int Pid => child.Pid;

    public Pidfd Pidfd => child.Pidfd;

    public Descriptor Output => child.Output;

    public void Kill(int signal = 9) => child.SignalGroup(signal);

    /// <summary>Reaps it; fails after 5 s.</summary>
    public ExitStatus Reap()
    {
        WaitUntilDead();
        Assert.True(child.Pidfd.TryReap(out var status));
        reaped = true;
        return status;
    }

    /// <summary>Waits until it is a zombie.</summary>
    public void WaitUntilDead()
    {
        using var epoll = new Epoll();
        epoll.Add(child.Pidfd.Handle, EpollEvents.In, 1);
        var ready = new EpollReady[1];
        // A signal ends a wait early, and that a child of ours was stopped is one.
        var deadline = Environment.TickCount64 + 5000;
        while (epoll.Wait(ready, TimeSpan.FromMilliseconds(100)) != 1) Assert.True(Environment.TickCount64 < deadline, $"pid {Pid} lives");
    }

    public void Dispose()
    {
        if (!reaped)
        {
            Kill();
            Reap();
        }

        child.Dispose();
    }
}
