using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

/// <summary>A real process, our child, ended with its group at the test's end.</summary>
internal sealed class ChildProcess : IDisposable
{
    readonly Child _child;
    bool _reaped;

    public ChildProcess(params string[] argv)
    {
        Assert.True(Spawn.TryStart(new SpawnOptions { Argv = argv, Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" } }, out var child, out var why), why);
        _child = child!;
    }

    public static ChildProcess Sleep() => new("sleep", "60");

    public int Pid => _child.Pid;

    public Pidfd Pidfd => _child.Pidfd;

    public Descriptor Output => _child.Output;

    public void Kill(int signal = 9) => _child.SignalGroup(signal);

    /// <summary>Reaps it; fails after 5 s.</summary>
    public ExitStatus Reap()
    {
        WaitUntilDead();
        Assert.True(_child.Pidfd.TryReap(out var status));
        _reaped = true;
        return status;
    }

    /// <summary>Waits until it is a zombie.</summary>
    public void WaitUntilDead()
    {
        using var epoll = new Epoll();
        epoll.Add(_child.Pidfd.Handle, EpollEvents.In, 1);
        var ready = new EpollReady[1];
        Assert.Equal(1, epoll.Wait(ready, TimeSpan.FromSeconds(5)));
    }

    public void Dispose()
    {
        if (!_reaped)
        {
            Kill();
            Reap();
        }

        _child.Dispose();
    }
}
