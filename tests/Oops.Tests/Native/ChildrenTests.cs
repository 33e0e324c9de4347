using System.Diagnostics;
using Oops.Native;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Native;

public sealed class ChildrenTests : IDisposable
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(20);
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);

    readonly Children children = new(TimeProvider.System);
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    Task<ChildResult> Shell(string script, TimeSpan? timeout = null, TimeSpan? grace = null, CancellationToken stop = default) =>
        children.RunAsync(
            new SpawnOptions { Argv = ["/bin/sh", "-c", script], Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, Folder = folder.Path },
            timeout ?? Long, grace ?? Long, stop);

    async Task<int> PidIn(string file)
    {
        for (var i = 0; i < 500; i++)
        {
            if (File.Exists(folder.File(file)) && int.TryParse(await File.ReadAllTextAsync(folder.File(file)), out var pid)) return pid;
            await Task.Delay(10);
        }

        throw new TimeoutException(file);
    }

    static async Task IsGone(int pid)
    {
        for (var i = 0; i < 300 && Proc.TryReadStat(pid, out var s) && !s.IsDead; i++) await Task.Delay(10);
        Assert.False(Proc.TryReadStat(pid, out var stat) && !stat.IsDead, $"pid {pid} lives");
    }

    [Fact]
    public async Task A_command_ends_with_its_code_and_its_last_lines()
    {
        var result = await Shell("echo one; echo two; echo bad >&2; exit 3");
        Assert.Equal((ChildEnd.Exited, 3, false), (result.End, result.Status.Code, result.Ok));
        Assert.Equal(["one", "two"], result.Output);
        Assert.Equal(["bad"], result.Errors);
        Assert.Equal("exit code 3", result.Why);
        Assert.True((await Shell("true")).Ok);
    }

    [Fact]
    public async Task A_command_that_kills_itself_is_told_by_its_signal() =>
        Assert.Equal("killed by SIGSEGV", (await Shell("ulimit -c 0; kill -SEGV $$")).Why);

    [Fact]
    public async Task A_missing_command_is_not_started()
    {
        var result = await children.RunAsync(new SpawnOptions { Argv = ["/none"], Environment = new Dictionary<string, string>() }, Long, Long, default);
        Assert.Equal((ChildEnd.NotStarted, "cannot start /none: No such file or directory"), (result.End, result.Why));
    }

    [Fact]
    public async Task The_timeout_ends_the_whole_group()
    {
        var result = await Shell("sleep 60 & echo $! > grandchild; wait", timeout: TimeSpan.FromMilliseconds(500));
        Assert.Equal(ChildEnd.TimedOut, result.End);
        Assert.Equal("timed out after 0.5 s (killed by SIGTERM)", result.Why);
        await IsGone(await PidIn("grandchild"));
    }

    [Fact]
    public async Task Who_ignores_TERM_is_killed_after_the_grace_and_so_are_its_children()
    {
        var result = await Shell("trap '' TERM; sh -c 'sleep 60; :' & echo $! > grandchild; while :; do sleep 60; done", timeout: TimeSpan.FromMilliseconds(500), grace: Short);
        Assert.Equal((ChildEnd.TimedOut, 9), (result.End, result.Status.Signal));
        await IsGone(await PidIn("grandchild"));
    }

    [Fact]
    public async Task A_grandchild_that_ignores_TERM_dies_when_its_obedient_parent_ends()
    {
        var result = await Shell("(trap '' TERM; while :; do sleep 60; done) & echo $! > grandchild; wait", timeout: TimeSpan.FromMilliseconds(500));
        Assert.Equal(15, result.Status.Signal);
        await IsGone(await PidIn("grandchild"));
    }

    [Fact]
    public async Task A_background_process_that_holds_the_pipes_does_not_hold_the_command()
    {
        var begun = Stopwatch.GetTimestamp();
        var result = await Shell("sleep 60 & echo $! > grandchild; echo done");
        Assert.True(result.Ok);
        Assert.Equal(["done"], result.Output);
        Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(10));
        using var left = Pidfd.TryOpen(await PidIn("grandchild"), out _)!;
        Assert.True(left.TrySignal(9, out _));
    }

    [Fact]
    public async Task A_flood_of_output_leaves_only_its_end()
    {
        var result = await Shell("head -c 20000000 /dev/zero | tr '\\0' x; echo; i=0; while [ $i -lt 50 ]; do echo line $i; i=$((i+1)); done; exit 1");
        Assert.Equal(10, result.Output.Length);
        Assert.Equal("line 49", result.Output[^1]);
        Assert.Equal(1, result.Status.Code);
    }

    [Fact]
    public async Task The_stop_ends_what_runs_and_starts_nothing()
    {
        using var stop = new CancellationTokenSource();
        var running = Shell("sleep 60 & echo $! > grandchild; wait", stop: stop.Token);
        var grandchild = await PidIn("grandchild");
        await stop.CancelAsync();
        Assert.Equal(ChildEnd.Stopped, (await running).End);
        await IsGone(grandchild);
        Assert.Equal("not started: we stop", (await Shell("true", stop: stop.Token)).Why);
    }

    [Fact]
    public async Task Commands_run_one_after_the_other_too()
    {
        for (var i = 0; i < 20; i++) Assert.True((await Shell("true")).Ok);
    }

    [Fact]
    public async Task A_hundred_at_once_all_end()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Shell($"echo {i}; exit {i}")));
        Assert.All(results, (r, i) => Assert.Equal((i, i.ToString()), (r.Status.Code, r.Output[0])));
    }

    [Fact]
    public async Task A_program_whose_file_system_does_not_answer_is_given_up_and_keeps_no_other_waiting()
    {
        var slow = folder.File("slow");
        await File.WriteAllTextAsync(slow, "#!/bin/sh\nsleep 1\necho >> ran\n");
        File.SetUnixFileMode(slow, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using (new Lease(slow))
        {
            var first = Run(TimeSpan.FromSeconds(2));
            await Task.Delay(100);
            Assert.True((await Shell("true")).Ok);
            Assert.False(first.IsCompleted);
            Assert.Equal((ChildEnd.NotStarted, $"cannot start {slow}: its file system, or that of commands before it, did not answer within 2 s"), await first);
            Assert.Equal((ChildEnd.NotStarted, $"cannot start {slow}: its file system does not answer, and has not since an earlier start of it"), await Run(Long));
        }

        // When it answers again the late one is killed while it sleeps, and the next runs.
        (ChildEnd End, string Why) again;
        var since = Stopwatch.StartNew();
        do again = await Run(Long);
        while (again.End == ChildEnd.NotStarted && since.Elapsed < Long);
        Assert.Equal((ChildEnd.Exited, "exit code 0"), again);
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.Single(await File.ReadAllLinesAsync(folder.File("ran")));

        async Task<(ChildEnd, string)> Run(TimeSpan timeout)
        {
            var result = await children.RunAsync(new SpawnOptions { Argv = [slow], Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, Folder = folder.Path }, timeout, Short, default);
            return (result.End, result.Why);
        }
    }

    [Fact]
    public async Task A_start_that_is_given_up_at_once_is_not_held_against_the_next_one_before_it_has_taken_a_while()
    {
        var slow = folder.File("slow");
        await File.WriteAllTextAsync(slow, "#!/bin/sh\n");
        File.SetUnixFileMode(slow, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var time = new FakeTime();
        var timed = new Children(time);
        using var lease = new Lease(slow);
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var givenUp = Run(first.Token);
        Assert.True(SpinWait.SpinUntil(() => lease.IsWanted, Long));
        await first.CancelAsync();
        Assert.Equal(ChildEnd.Stopped, (await givenUp).End);

        // A start that is refused has come to its end when it is asked for.
        var waits = Run(second.Token);
        Assert.False(waits.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal($"cannot start {slow}: its file system does not answer, and has not since an earlier start of it", (await Run(default)).Why);
        await second.CancelAsync();
        Assert.Equal(ChildEnd.Stopped, (await waits).End);

        Task<ChildResult> Run(CancellationToken stop) => timed.RunAsync(new SpawnOptions { Argv = [slow], Environment = new Dictionary<string, string>() }, Long, Long, stop);
    }

    [Fact]
    public async Task However_many_programs_do_not_start_others_do()
    {
        var leases = new List<Lease>();
        try
        {
            var stuck = new List<Task<ChildResult>>();
            for (var i = 0; i < 6; i++)
            {
                var slow = folder.File($"slow{i}");
                await File.WriteAllTextAsync(slow, "#!/bin/sh\n");
                File.SetUnixFileMode(slow, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                leases.Add(new(slow));
                stuck.Add(children.RunAsync(new SpawnOptions { Argv = [slow], Environment = new Dictionary<string, string>() }, Short, Short, default));
            }

            // Ordered while all threads hang: served as soon as those before it are given up.
            var behind = Shell("true", timeout: Long);
            Assert.All(await Task.WhenAll(stuck), r => Assert.Equal(ChildEnd.NotStarted, r.End));
            Assert.True((await behind).Ok);
            Assert.True((await Shell("true", timeout: TimeSpan.FromSeconds(5))).Ok);
        }
        finally
        {
            foreach (var lease in leases) lease.Dispose();
        }
    }
}
