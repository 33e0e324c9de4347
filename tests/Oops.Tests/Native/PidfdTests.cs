using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class PidfdTests
{
    [Fact]
    public void An_exit_code_is_told_to_the_parent()
    {
        using var child = new ChildProcess("sh", "-c", "exit 7");
        var status = child.Reap();
        Assert.Equal(new ExitStatus(true, 7, 0, false), status);
        Assert.Equal("exit code 7", status.ToString());
    }

    [Fact]
    public void A_signal_is_told_to_the_parent()
    {
        using var child = ChildProcess.Sleep();
        child.Kill(15);
        Assert.Equal("killed by SIGTERM", child.Reap().ToString());
    }

    [Fact]
    public void A_running_child_is_not_reaped()
    {
        using var child = ChildProcess.Sleep();
        Assert.False(child.Pidfd.TryReap(out _));
    }

    [Fact]
    public void A_zombie_that_we_may_trace_tells_its_signal_before_it_is_reaped()
    {
        using var child = ChildProcess.Sleep();
        using var observer = Pidfd.TryOpen(child.Pid, out _)!;
        child.Kill(9);
        child.WaitUntilDead();
        Assert.Equal(9, observer.ReadExit().Signal);
        Assert.True(observer.IsPresent);
    }

    [Fact]
    public void A_zombie_that_we_may_trace_tells_that_it_ended_well()
    {
        using var child = new ChildProcess("true");
        child.WaitUntilDead();
        Assert.True(child.Pidfd.ReadExit().Ok);
    }

    [Fact]
    public void A_running_process_has_no_exit()
    {
        using var child = ChildProcess.Sleep();
        Assert.False(child.Pidfd.ReadExit().Known);
    }

    [Fact]
    public void After_the_reap_the_kernel_tells_the_exit_to_any_holder_or_it_is_unknown()
    {
        using var child = new ChildProcess("sh", "-c", "sleep 0.05; exit 3");
        using var observer = Pidfd.TryOpen(child.Pid, out _)!;
        child.Reap();
        var status = observer.ReadExit();

        // Linux 6.15 keeps the exit for who held the process; older kernels leave it unknown, never wrong.
        Assert.True(status == ExitStatus.Unknown || status.Code == 3, status.ToString());
        if (Environment.OSVersion.Version >= new Version(6, 15)) Assert.True(status.Known);
        Assert.False(observer.IsPresent);
    }

    [Fact]
    public void A_pid_without_a_process_is_not_opened()
    {
        int pid;
        using (var child = new ChildProcess("true"))
        {
            child.Reap();
            pid = child.Pid;
        }

        Assert.Null(Pidfd.TryOpen(pid, out var errno));
        Assert.Equal(Errno.NoProcess, errno);
        Assert.Null(Pidfd.TryOpen(-1, out errno));
        Assert.Equal(Errno.Invalid, errno);
    }

    [Fact]
    public void A_signal_reaches_exactly_the_held_process()
    {
        using var child = ChildProcess.Sleep();
        Assert.True(child.Pidfd.TrySignal(10, out _));
        Assert.Equal(10, child.Reap().Signal);
        Assert.False(child.Pidfd.TrySignal(10, out var errno));
        Assert.Equal(Errno.NoProcess, errno);
    }

    [Fact]
    public void It_knows_the_incarnation_by_its_start_time()
    {
        using var self = Pidfd.TryOpen(Environment.ProcessId, out _)!;
        Assert.True(Proc.TryReadStat(Environment.ProcessId, out var stat));
        Assert.Equal(stat.StartTicks, self.StartTicks);
        Assert.True(self.StartTicks > 0);
    }
}
