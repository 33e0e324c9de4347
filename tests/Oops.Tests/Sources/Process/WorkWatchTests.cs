using Oops.Core;
using Oops.Native;
using Oops.Sources.Process;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Sources.Process;

/// <summary>Whether a silent server works, by real processes.</summary>
public sealed class WorkWatchTests : IAsyncDisposable
{
    const string Channel = "process/ns1/cpu";

    readonly TemporaryFolder folder = new();
    readonly RecordingEngine engine = new();
    readonly CancellationTokenSource stop = new();
    Task running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        stop.Dispose();
        folder.Dispose();
    }

    /// <summary>Starts a program under a name of the test's own and watches it.</summary>
    ChildProcess Serve(string program, int windowMs, params string[] arguments)
    {
        var name = $"srv{Guid.NewGuid():n}"[..12];
        File.Copy(program, folder.File(name));
        var server = new ChildProcess([folder.File(name), .. arguments]);
        File.WriteAllText(folder.File("server.pid"), $"{server.Pid}\n");
        running = new ProcessSource(new ProcessTarget
        {
            Server = "ns1",
            Pidfile = folder.File("server.pid"),
            Executables = [name],
            Recheck = TimeSpan.FromMinutes(1),
            CpuWindow = TimeSpan.FromMilliseconds(windowMs),
        }).RunAsync(engine, stop.Token);
        Assert.Equal(server.Pid, engine.Next<ProcessStarted>().Pid);
        return server;
    }

    ChildProcess Shell(int windowMs, string script) => Serve("/bin/sh", windowMs, "-c", script);

    void Unanswered() => engine.View = new([], false, null, 1) { UnansweredSince = engine.Now };

    void Answered() => engine.View = new([], false, null, 2);

    ServerSignal Said(int value) => engine.Next<ServerSignal>(s => s.Channel == Channel && s.Value == value);

    void NeverSaid(int value, int milliseconds) => engine.None<ServerSignal>(milliseconds, s => s.Channel == Channel && s.Value == value);

    static void Signal(string signal, int pid)
    {
        using var kill = new ChildProcess("sh", "-c", $"kill -{signal} {pid}");
        kill.Reap();
    }

    [Fact]
    public void While_all_is_answered_nobody_looks()
    {
        using var server = Serve("/bin/sleep", 300, "60");
        NeverSaid(1, 1000);
        Unanswered();
        Said(1);
        Answered();
        NeverSaid(1, 1500);
    }

    [Fact]
    public void A_sleeping_server_is_idle_over_a_window_of_the_silence()
    {
        using var server = Serve("/bin/sleep", 1000, "60");
        Unanswered();
        var since = engine.View.UnansweredSince!.Value;
        var idle = Said(1);
        Assert.Equal((Measure.Idle, Evidence.Proof), (idle.Measure, idle.Evidence));
        Assert.StartsWith("1 process, ", idle.Detail, StringComparison.Ordinal);
        Assert.True(idle.For >= TimeSpan.FromSeconds(1));
        Assert.True(engine.Now - idle.For >= since);
    }

    [Fact]
    public void A_stopped_server_is_idle_without_a_window()
    {
        using var server = Serve("/bin/sleep", 60_000, "60");
        Unanswered();
        server.Kill(19);
        var idle = Said(1);
        Assert.Equal("all 1 stopped (state T)", idle.Detail);
        Assert.InRange(idle.For, WorkSampler.LeastStopped, TimeSpan.FromSeconds(10));
        server.Kill(9);
        engine.Next<ProcessGone>();
        Assert.Equal("no process", engine.Next<ChannelLost>(l => l.Channel == Channel).Why);
    }

    [Fact]
    public void A_stop_that_does_not_last_is_none()
    {
        using var server = Serve("/bin/sleep", 60_000, "60");
        Unanswered();
        for (var i = 0; i < 10; i++)
        {
            server.Kill(19);
            server.Kill(18);
            NeverSaid(1, 100);
        }
    }

    [Fact]
    public void A_set_of_which_a_part_is_stopped_is_not_idle_until_much_later()
    {
        using var server = Shell(1000, "sleep 60 & wait");
        Signal("STOP", Child(server));
        Unanswered();
        NeverSaid(1, 3000);
        Assert.Contains(", 1 stopped", Said(1).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verdict_of_idle_does_not_outlive_the_look_that_does_not_bear_it_out()
    {
        using var server = Shell(1000, "sleep 60 & wait");
        var child = Child(server);
        Unanswered();
        Said(1);
        // In part stopped: that is looked at over six windows, of which not two are over.
        Signal("STOP", child);
        Assert.Equal("not known to be idle any more", engine.Next<ChannelLost>(l => l.Channel == Channel).Why);
        engine.Next<ChannelOpened>(o => o.Channel == Channel);
        Assert.Contains(", 1 stopped", Said(1).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_whole_set_must_be_stopped()
    {
        using var server = Shell(60_000, "sleep 60 & wait");
        var child = Child(server);
        Signal("STOP", server.Pid);
        Unanswered();
        NeverSaid(1, 1500);
        Signal("STOP", child);
        Assert.Equal("all 2 stopped (state T)", Said(1).Detail);
    }

    [Fact]
    public void A_server_whose_worker_computes_works()
    {
        using var server = Shell(1000, "(while :; do :; done) & wait");
        Unanswered();
        Assert.Contains("2 processes", Said(0).Detail, StringComparison.Ordinal);
        NeverSaid(1, 2000);
    }

    [Fact]
    public void A_server_that_gets_no_CPU_waits_for_one_and_is_not_idle()
    {
        // SCHED_IDLE, beside two that take all of the same core: measured, it gets less than a percent.
        using var server = Shell(1000, "while :; do :; done");
        Run("chrt", "--idle", "-p", "0", $"{server.Pid}");
        Run("taskset", "-cp", "0", $"{server.Pid}");
        using var one = new ChildProcess("taskset", "-c", "0", "sh", "-c", "while :; do :; done");
        using var two = new ChildProcess("taskset", "-c", "0", "sh", "-c", "while :; do :; done");
        Unanswered();
        Said(0);
        NeverSaid(1, 5000);
    }

    [Fact]
    public void A_server_that_waits_for_its_disk_is_not_idle_until_much_later()
    {
        // The parent of a vfork waits in state D until its child executes or exits (system call 58 on x86-64, 220 is clone elsewhere).
        Assert.SkipUnless(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "x86-64 only");
        using var server = Serve("/usr/bin/perl", 1000, "-e", "syscall(58) or sleep 60");
        ProcTests.Eventually(() => Proc.ReadTasks(server.Pid).Exists(t => t.State == 'D') ? "blocked" : null);
        Signal("STOP", Child(server));
        Signal("CONT", Child(server));
        Unanswered();
        NeverSaid(1, 3000);
        Assert.Contains("1 blocked (state D)", Said(1).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_goes_on_after_a_stop_works()
    {
        using var server = Shell(1000, "while :; do :; done");
        server.Kill(19);
        Unanswered();
        Said(1);
        server.Kill(18);
        Said(0);
    }

    static int Child(ChildProcess server) =>
        int.Parse(ProcTests.Eventually(() => Proc.ReadTree(server.Pid) is [_, var child] ? child.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture) : null)!, System.Globalization.CultureInfo.InvariantCulture);

    static void Run(params string[] argv)
    {
        using var process = new ChildProcess(argv);
        Assert.Equal(0, process.Reap().Code);
    }
}
