using System.Text;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class ProcTests
{
    [Fact]
    public void A_name_with_spaces_and_parentheses_does_not_shift_the_fields()
    {
        var line = "4242 (a) R (b) S 1 4242 4242 0 -1 4194560 121 0 0 0 17 25 0 0 20 0 1 0 123456789 5 6 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 11\n";
        Assert.True(Proc.TryParseStat(Encoding.UTF8.GetBytes(line), out var stat));
        Assert.Equal(new ProcStat(4242, "a) R (b", 'S', 1, 4194560, 1, 42, 123456789, 11), stat);
    }

    [Theory]
    [InlineData('S', 0x400000, 0, false)] // runs
    [InlineData('T', 0x400000, 19, false)] // stopped by SIGSTOP: the field shows the signal that stopped it
    [InlineData('t', 0x400000, 0x85, false)] // at a system call under a tracer
    [InlineData('R', 0x400000, 5, false)] // let go by its tracer a moment ago
    [InlineData('R', 0x400400, 0, false)] // another thread calls execve, or: not ours to see
    [InlineData('R', 0x40040c, 9, true)] // killed, the memory not yet freed
    [InlineData('R', 0x400600, 11, true)] // writes its core
    [InlineData('S', 0x400404, 0x100, true)] // another thread called exit_group(1)
    [InlineData('Z', 0x40840c, 0, true)]
    [InlineData('Z', 0x40840c, 9, true)]
    [InlineData('Z', 0x40800c, 0, false, 3)] // main has ended by itself, others serve; or another thread calls execve and waits for this one
    public void It_is_dead_from_the_moment_on_that_it_cannot_go_on(char state, long flags, int exitWord, bool dead, int threads = 1) =>
        Assert.Equal(dead, new ProcStat(1, "x", state, 0, flags, threads, 0, 0, exitWord).IsDead);

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("12 (x")]
    [InlineData("12 (x)")]
    [InlineData("12 (x) ")]
    [InlineData("x (y) S 1 2 3")]
    [InlineData("12 (x) S 1 2 3 4 5")]
    [InlineData(")(")]
    public void A_broken_line_is_refused(string line) => Assert.False(Proc.TryParseStat(Encoding.UTF8.GetBytes(line), out _));

    [Fact]
    public void We_find_ourselves()
    {
        Assert.True(Proc.TryReadStat(Environment.ProcessId, out var stat));
        Assert.Equal(Environment.ProcessId, stat.Pid);
        Assert.Contains(stat.State, "RSD");
        Assert.True(stat.StartTicks > 0 && stat.CpuTicks > 0 && stat.ParentPid > 0);
        Assert.Equal(Environment.ProcessPath, Proc.ReadExecutable(Environment.ProcessId));
        Assert.Contains(Environment.ProcessId, Proc.ReadPids());
        Assert.NotEmpty(Proc.ReadNamespacePids(Environment.ProcessId));
    }

    [Fact]
    public void A_command_line_keeps_its_empty_arguments()
    {
        using var child = new ChildProcess("sleep", "60");
        Assert.Equal(["sleep", "60"], Eventually(() => Proc.ReadCommandLine(child.Pid)));
        using var other = new ChildProcess("sh", "-c", "sleep 60; :", "", "x");
        Assert.Equal(["sh", "-c", "sleep 60; :", "", "x"], Eventually(() => Proc.ReadCommandLine(other.Pid)));
    }

    [Fact]
    public void Nothing_is_read_of_a_process_that_is_gone()
    {
        int pid;
        using (var child = new ChildProcess("true"))
        {
            child.Reap();
            pid = child.Pid;
        }

        Assert.False(Proc.TryReadStat(pid, out _));
        Assert.Null(Proc.ReadCommandLine(pid));
        Assert.Null(Proc.ReadExecutable(pid));
        Assert.Null(Proc.ReadCgroup(pid));
        Assert.Empty(Proc.ReadNamespacePids(pid));
        Assert.Empty(Proc.ReadTree(pid));
    }

    [Fact]
    public void The_tree_holds_grandchildren()
    {
        using var child = new ChildProcess("sh", "-c", "sh -c 'sleep 60; :' & wait");
        var tree = Eventually(() => Proc.ReadTree(child.Pid) is { Count: 3 } t ? t : null);
        Assert.Equal(child.Pid, tree[0].Pid);
        Assert.Equal(tree[0].Pid, tree[1].ParentPid);
        Assert.Equal(tree[1].Pid, tree[2].ParentPid);
    }

    [Theory]
    [InlineData("1234567890 42 7\n", 1234567890, 42, 7)]
    [InlineData("0 0 0\n", 0, 0, 0)]
    public void Schedstat_is_time_on_a_CPU_time_without_one_and_turns(string line, long cpu, long waited, long turns)
    {
        Assert.True(Proc.TryParseSchedstat(System.Text.Encoding.ASCII.GetBytes(line), out var a, out var b, out var c));
        Assert.Equal((cpu, waited, turns), (a, b, c));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1 ")]
    [InlineData("1 2")]
    [InlineData("1 2 ")]
    [InlineData("x 2 3")]
    [InlineData("99999999999999999999 2 3")]
    public void What_is_no_schedstat_is_nothing(string line)
    {
        Assert.False(Proc.TryParseSchedstat(System.Text.Encoding.ASCII.GetBytes(line), out var cpu, out var waited, out var turns));
        Assert.Equal((0, 0, 0), (cpu, waited, turns));
    }

    [Fact]
    public void Every_thread_has_its_state_and_its_times()
    {
        var own = Proc.ReadTasks(Environment.ProcessId);
        Assert.True(own.Count > 1);
        Assert.Contains(own, t => t.Tid == Environment.ProcessId);
        Assert.Contains(own, t => t.State == 'R');
        Assert.Empty(Proc.ReadTasks(int.MaxValue));
    }

    [Fact]
    public void A_stopped_process_and_a_zombie_are_told_apart()
    {
        using var child = ChildProcess.Sleep();
        child.Kill(19);
        Assert.True(Eventually(() => Proc.TryReadStat(child.Pid, out var s) && s.IsStopped ? "stopped" : null) is not null);
        child.Kill(9);
        child.WaitUntilDead();
        Assert.True(Proc.TryReadStat(child.Pid, out var stat) && stat.IsDead);
    }

    [Fact]
    public void A_process_that_computes_uses_ticks()
    {
        using var child = new ChildProcess("sh", "-c", "while :; do :; done");
        Assert.True(Eventually(() => Proc.TryReadStat(child.Pid, out var s) && s.CpuTicks >= 2 ? "busy" : null) is not null);
    }

    internal static T Eventually<T>(Func<T?> read) where T : class
    {
        for (var i = 0; i < 500; i++)
        {
            if (read() is { } found) return found;
            Thread.Sleep(10);
        }

        throw new TimeoutException();
    }
}
