using Oops.Sources.Knot.Gate;
using Xunit;

namespace Oops.Tests.Sources.Knot.Gate;

public sealed class KnotGateTests : IAsyncDisposable
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    readonly GateRig rig = new();

    public ValueTask DisposeAsync() => rig.DisposeAsync();

    [Theory]
    [InlineData(true, GateEnd.Committed, "zone-commit a.test", 8u)]
    [InlineData(false, GateEnd.Aborted, "zone-abort a.test", 7u)]
    public async Task What_waits_at_the_start_is_found_judged_and_answered(bool good, object end, string answer, uint serial)
    {
        rig.Knot.Has("a.test", 7);
        rig.Knot.Has("b.test", 1);
        rig.Knot.Hold("a.test", 8);
        rig.Judge = (_, _, _) => Task.FromResult(good ? GateVerdict.Pass("good") : GateVerdict.Fail("bad"));
        rig.Run();
        var outcome = await rig.NextAsync();
        Assert.Equal(((GateEnd)end, "a.test", 8u, true), (outcome.End, outcome.Zone, outcome.Serial, outcome.Judged));
        Assert.Equal([answer], rig.Knot.Answers);
        Assert.Equal(serial, rig.Knot.Serial("a.test"));
        Assert.Equal(["a.test 8"], rig.Judged);
        Assert.Equal(0, rig.Gate.Waiting);
    }

    [Theory]
    [InlineData(GateAnswer.Fail, "zone-abort a.test")]
    [InlineData(GateAnswer.Pass, "zone-commit a.test")]
    public async Task A_judge_that_is_too_slow_is_not_waited_for_and_what_is_configured_counts(object otherwise, string answer)
    {
        var never = new TaskCompletionSource<GateVerdict>();
        rig.Knot.Hold("a.test", 8);
        rig.Judge = (_, _, _) => never.Task;
        rig.Run(o => o with { Otherwise = (GateAnswer)otherwise });
        await rig.UntilAsync(() => !rig.Judged.IsEmpty);
        Assert.Empty(rig.Knot.Answers);
        rig.Time.Advance(Minute);
        var outcome = await rig.NextAsync();
        Assert.Equal([answer], rig.Knot.Answers);
        Assert.Equal((false, "no verdict within 1m", 1L), (outcome.Judged, outcome.Why, rig.Gate.Counts[GateCount.Unjudged]));
        Assert.Contains("not judged", outcome.ToString(), StringComparison.Ordinal);
        never.SetResult(GateVerdict.Pass("late"));
        await rig.NothingMoreAsync();
        Assert.Single(rig.Knot.Answers);
    }

    [Theory]
    [InlineData("3.2.6")]
    [InlineData("3.4.10-cznic.1")]
    public async Task A_knotd_that_has_no_external_validation_is_told_of(string version)
    {
        rig.Knot.Version = version;
        rig.Knot.Has("a.test", 7);
        rig.Run();
        await rig.UntilAsync(() => !rig.Channels.IsEmpty);
        Assert.Equal([$"control knot: knotd {version} has no external validation, which is there from 3.5 on: nothing waits for a verdict"], rig.Channels);
        Assert.DoesNotContain("zone-status *", rig.Knot.Commands);
    }

    [Fact]
    public async Task A_judge_that_computes_without_ever_waiting_does_not_hold_the_deadline()
    {
        using var free = new ManualResetEventSlim();
        rig.Knot.Hold("a.test", 8);
        rig.Judge = (_, _, _) =>
        {
            free.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
            return Task.FromResult(GateVerdict.Pass("late"));
        };
        rig.Run();
        await rig.UntilAsync(() => !rig.Judged.IsEmpty);
        rig.Time.Advance(Minute);
        Assert.Equal(GateEnd.Aborted, (await rig.NextAsync()).End);
        free.Set();
    }

    [Fact]
    public async Task What_could_not_be_judged_is_answered_as_it_is_configured()
    {
        rig.Knot.Hold("a.test", 8);
        rig.Judge = (_, _, _) => Task.FromResult(GateVerdict.None("no file"));
        rig.Run();
        var outcome = await rig.NextAsync();
        Assert.Equal((GateEnd.Aborted, false), (outcome.End, outcome.Judged));
        Assert.EndsWith("kept out (not judged; fail is configured), after 0.0 s: no file", outcome.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_judge_that_throws_leaves_nothing_hanging_and_is_told_as_the_bug_that_it_is()
    {
        rig.Knot.Hold("a.test", 8);
        rig.Judge = (_, _, _) => throw new InvalidOperationException("oh");
        rig.Run();
        Assert.Equal(GateEnd.Aborted, (await rig.NextAsync()).End);
        Assert.Equal("oh", (await Assert.ThrowsAsync<InvalidOperationException>(() => rig.Running.WaitAsync(TimeSpan.FromSeconds(20)))).Message);
    }

    [Fact]
    public async Task A_judge_that_gives_up_by_itself_leaves_nothing_hanging()
    {
        rig.Knot.Hold("a.test", 8);
        rig.Judge = (_, _, _) => throw new OperationCanceledException();
        rig.Run();
        Assert.Equal(GateEnd.Aborted, (await rig.NextAsync()).End);
        Assert.False(rig.Running.IsCompleted);
    }

    [Fact]
    public async Task What_nobody_judged_is_never_let_in_though_another_version_of_the_zone_was_good()
    {
        var first = new TaskCompletionSource<GateVerdict>();
        rig.Knot.Hold("a.test", 8);
        rig.Judge = (_, serial, _) => serial == 8 ? first.Task : Task.FromResult(GateVerdict.Fail("bad"));
        rig.Run();
        await rig.UntilAsync(() => !rig.Judged.IsEmpty);
        // knotd gave 8 up, and 9 waits, which no signal told.
        rig.Knot.Hold("a.test", 9);
        first.SetResult(GateVerdict.Pass("good"));
        Assert.Equal((GateEnd.Superseded, 8u), await EndAsync());
        Assert.Equal((GateEnd.Aborted, 9u), await EndAsync());
        Assert.Equal(["zone-abort a.test"], rig.Knot.Answers);
    }

    [Fact]
    public async Task The_same_serial_in_a_file_that_was_written_anew_is_another_version()
    {
        var folder = Directory.CreateTempSubdirectory("oops-gate-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "a.test.zone"), "one");
            var first = new TaskCompletionSource<GateVerdict>();
            rig.Knot.Hold("a.test", 8);
            rig.Judge = (_, _, _) => rig.Judged.Count == 1 ? first.Task : Task.FromResult(GateVerdict.Fail("bad"));
            rig.Run(o => o with { NewZone = DumpPath.Parse(folder + "/%s.zone", out _) });
            await rig.UntilAsync(() => !rig.Judged.IsEmpty);
            await File.WriteAllTextAsync(Path.Combine(folder, "new"), "two");
            File.Move(Path.Combine(folder, "new"), Path.Combine(folder, "a.test.zone"), overwrite: true);
            first.SetResult(GateVerdict.Pass("good"));
            Assert.Equal((GateEnd.Superseded, 8u), await EndAsync());
            Assert.Equal((GateEnd.Aborted, 8u), await EndAsync());
            Assert.Equal(["zone-abort a.test"], rig.Knot.Answers);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waits_no_more_is_not_answered_and_a_persons_own_transaction_is_left_alone(bool open)
    {
        var verdict = new TaskCompletionSource<GateVerdict>();
        rig.Knot.Hold("a.test", 8);
        rig.Judge = (_, _, _) => verdict.Task;
        rig.Run();
        await rig.UntilAsync(() => !rig.Judged.IsEmpty);
        rig.Knot.Release("a.test", open);
        verdict.SetResult(GateVerdict.Pass("good"));
        Assert.Equal((GateEnd.Gone, 8u), await EndAsync());
        Assert.Empty(rig.Knot.Answers);
    }

    [Fact]
    public async Task Who_answers_in_the_last_moment_is_not_taken_for_us()
    {
        rig.Knot.Hold("a.test", 8);
        rig.Knot.Before = command =>
        {
            if (command == "zone-commit a.test") rig.Knot.Release("a.test");
            return true;
        };
        rig.Run();
        Assert.Equal((GateEnd.Gone, 8u), await EndAsync());
    }

    [Fact]
    public async Task An_answer_that_does_not_get_through_is_tried_again()
    {
        var lost = 0;
        rig.Knot.Hold("a.test", 8);
        rig.Knot.Before = command => command != "zone-commit a.test" || ++lost > 2;
        rig.Run();
        Assert.Equal((GateEnd.Committed, 8u), await EndAsync());
        Assert.Equal((3, 2L), (lost, rig.Gate.Counts[GateCount.Retried]));
    }

    [Fact]
    public async Task An_answer_that_never_gets_through_is_told_when_knotds_own_time_is_over()
    {
        rig.Knot.Hold("a.test", 8);
        rig.Knot.Refuses = command => command == "zone-commit a.test" ? "not\u001b[2J now" : null;
        rig.Run(o => o with { KnotdTimeout = TimeSpan.FromSeconds(1) });
        var outcome = await rig.NextAsync();
        Assert.Equal((GateEnd.Unanswered, GateAnswer.Pass), (outcome.End, outcome.Answer));
        Assert.Contains("not?[2J now", outcome.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_zones_wait_at_a_time_and_no_more_are_judged_than_there_are_places()
    {
        var (now, most) = (0, 0);
        for (var i = 0; i < 12; i++) rig.Knot.Hold($"z{i}.test", 8);
        rig.Judge = async (_, _, stop) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref now));
            await Task.Delay(20, stop);
            Interlocked.Decrement(ref now);
            return GateVerdict.Pass("good");
        };
        rig.Run(o => o with { AtOnce = 3 });
        for (var i = 0; i < 12; i++) Assert.Equal(GateEnd.Committed, (await rig.NextAsync()).End);
        Assert.InRange(most, 2, 3);
        Assert.Equal(12, rig.Knot.Answers.Distinct().Count());
    }

    [Fact]
    public async Task A_knotd_that_comes_later_or_again_is_met_and_what_waited_at_the_one_before_is_gone()
    {
        await rig.Knot.VanishAsync();
        rig.Run();
        await rig.UntilAsync(() => rig.Channels.Contains($"control knot: no such socket at {rig.Knot.Path}"));
        var verdict = new TaskCompletionSource<GateVerdict>();
        rig.Judge = (_, _, _) => verdict.Task;
        rig.Knot.Hold("a.test", 8);
        rig.Knot.Begin();
        await rig.UntilAsync(() => !rig.Judged.IsEmpty);
        await rig.Knot.VanishAsync();
        rig.Knot.Begin();
        verdict.SetResult(GateVerdict.Pass("good"));
        Assert.Equal((GateEnd.Gone, 8u), await EndAsync());
        Assert.Empty(rig.Knot.Answers);
    }

    [Fact]
    public async Task What_begins_to_wait_later_is_found_on_the_interval()
    {
        rig.Knot.Has("a.test", 7);
        rig.Run();
        await rig.UntilAsync(() => rig.Channels.Contains("control null"));
        rig.Knot.Hold("a.test", 8);
        rig.Time.Advance(Minute);
        Assert.Equal((GateEnd.Committed, 8u), await EndAsync());
    }

    [Fact]
    public async Task What_waits_when_the_gate_ends_is_told()
    {
        rig.Knot.Hold("a.test", 8);
        rig.Judge = async (_, _, stop) =>
        {
            await Task.Delay(-1, stop);
            return default;
        };
        rig.Run();
        await rig.UntilAsync(() => !rig.Judged.IsEmpty);
        await rig.StopAsync();
        Assert.Equal((GateEnd.Unanswered, 8u), await EndAsync());
        Assert.Empty(rig.Knot.Answers);
    }

    async Task<(GateEnd, uint)> EndAsync() => await rig.NextAsync() is var outcome ? (outcome.End, outcome.Serial) : default;

    static void InterlockedMax(ref int most, int value)
    {
        for (int seen; (seen = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, seen) != seen;)
        {
        }
    }
}
