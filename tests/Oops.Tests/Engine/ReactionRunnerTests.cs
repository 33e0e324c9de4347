using Microsoft.Extensions.Logging.Abstractions;
using Oops.Core;
using Oops.Engine;
using Oops.Journal;
using Xunit;

namespace Oops.Tests.Engine;

public sealed class ReactionRunnerTests
{
    sealed class MemoryOutbox : IOutbox
    {
        // The test adds, and the runner's task removes.
        readonly System.Collections.Concurrent.ConcurrentDictionary<long, ReactionIntent> rows = [];
        long last;

        public int Count => rows.Count;

        public long Add(ReactionIntent intent)
        {
            rows[++last] = intent;
            return last;
        }

        public void Remove(long id) => rows.TryRemove(id, out _);

        public IReadOnlyList<(long Id, ReactionIntent Intent)> Load(string action) => [.. rows.OrderBy(r => r.Key).Select(r => (r.Key, r.Value))];
    }

    readonly Recorder engine = new();
    readonly MemoryOutbox outbox = new();

    ActionRunner New(FakeAction action, bool queued = false) => new(action, engine, outbox, NullLogger.Instance, queued);

    static ReactionIntent Run(long sequence, string zone, Each each = Each.Latest) =>
        new("tell", sequence, "test") { Rule = 1, Condition = "zone-updated", Server = "ns1", Zone = zone, State = State.Met, Each = each };

    [Fact]
    public async Task Of_the_latest_kind_only_the_newest_waits()
    {
        var gate = new TaskCompletionSource<Outcome>();
        var exec = new FakeAction("tell") { Answer = (i, _) => i.Sequence == 1 ? new(gate.Task) : new(Outcome.Done) };
        await using var runner = New(exec);
        runner.Take(Run(1, "nl"));
        await exec.AppliedAsync();
        runner.Take(Run(2, "nl"));
        runner.Take(Run(3, "nl"));
        gate.SetResult(Outcome.Done);
        Assert.Equal(1, (await engine.NextAsync<Applied>()).Sequence);
        Assert.Equal(3, (await engine.NextAsync<Applied>()).Sequence);
    }

    [Fact]
    public async Task Each_of_the_every_kind_runs_in_order_and_leaves_the_outbox()
    {
        var exec = new FakeAction("tell", parallel: 4);
        await using var runner = New(exec);
        for (var i = 1; i <= 20; i++) runner.Take(Run(i, "nl", Each.Every));
        for (var i = 1; i <= 20; i++) Assert.Equal(i, (await engine.NextAsync<Applied>()).Sequence);
        Assert.Equal(1, exec.MostAtOnce);
        await Recorder.Eventually(() => outbox.Count == 0);
    }

    [Fact]
    public async Task What_an_earlier_run_left_in_the_outbox_is_run()
    {
        outbox.Add(Run(9, "nl", Each.Every));
        var exec = new FakeAction("tell");
        await using var runner = New(exec);
        runner.Start();
        Assert.Equal(9, (await engine.NextAsync<Applied>()).Sequence);
        await Recorder.Eventually(() => outbox.Count == 0);
    }

    [Fact]
    public async Task Of_the_latest_kind_the_newest_stays_in_the_outbox_until_it_is_done_where_the_action_wants_it()
    {
        var gate = new TaskCompletionSource<Outcome>();
        var exec = new FakeAction("tell") { CarriesZones = true, Answer = (i, _) => i.Sequence == 1 ? new(gate.Task) : new(new Retry("away")) };
        await using (var runner = New(exec))
        {
            runner.Take(Run(1, "nl"));
            await exec.AppliedAsync();
            runner.Take(Run(2, "nl"));
            runner.Take(Run(3, "nl"));
            Assert.Equal([1L, 3L], outbox.Load("tell").Select(static w => w.Intent.Sequence));
            gate.SetResult(new Retry("away"));
            Assert.Equal(1, (await engine.NextAsync<Applied>()).Sequence);
            Assert.Equal(3, (await engine.NextAsync<Applied>()).Sequence);
            Assert.Equal([3L], outbox.Load("tell").Select(static w => w.Intent.Sequence));
        }

        var back = new FakeAction("tell") { CarriesZones = true };
        await using var again = New(back);
        again.Start();
        Assert.Equal(3, (await engine.NextAsync<Applied>()).Sequence);
        await Recorder.Eventually(() => outbox.Count == 0);
    }

    [Fact]
    public async Task What_comes_before_the_start_waits_for_it_comes_behind_what_was_left_and_runs_once()
    {
        outbox.Add(Run(1, "nl", Each.Every));
        var exec = new FakeAction("tell", parallel: 4);
        await using var runner = New(exec, queued: true);
        runner.Take(Run(2, "nl", Each.Every));
        // The one before this runner is still at it.
        var left = outbox.Add(Run(3, "nl", Each.Every));
        outbox.Remove(left);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Empty(exec.Applied);
        Assert.Equal((1, 2), (runner.Depth, outbox.Count));
        runner.Start();
        Assert.Equal(1, (await engine.NextAsync<Applied>()).Sequence);
        Assert.Equal(2, (await engine.NextAsync<Applied>()).Sequence);
        runner.Take(Run(4, "nl", Each.Every));
        Assert.Equal(4, (await engine.NextAsync<Applied>()).Sequence);
        Assert.Equal([1L, 2L, 4L], exec.Applied.Select(static i => i.Sequence));
        await Recorder.Eventually(() => outbox.Count == 0);
    }

    [Fact]
    public async Task What_comes_before_the_start_keeps_its_line_in_the_outbox_until_it_is_done()
    {
        var gate = new TaskCompletionSource<Outcome>();
        var exec = new FakeAction("tell") { CarriesZones = true, Answer = (_, stop) => new(gate.Task.WaitAsync(stop)) };
        await using var runner = New(exec, queued: true);
        runner.Take(Run(1, "nl"));
        runner.Take(Run(2, "nl"));
        runner.Take(Run(3, "be"));
        runner.Start();
        await exec.AppliedAsync();
        Assert.Equal([2L, 3L], outbox.Load("tell").Select(static w => w.Intent.Sequence));
        gate.SetResult(Outcome.Done);
        Assert.Equal(2, (await engine.NextAsync<Applied>()).Sequence);
        Assert.Equal(3, (await engine.NextAsync<Applied>()).Sequence);
        await Recorder.Eventually(() => outbox.Count == 0);
    }

    [Theory]
    [InlineData("ns2", 5u, 1)]
    [InlineData("ns2", 6u, 2)]
    [InlineData("ns1", 5u, 2)]
    [InlineData("ns2", null, 2)]
    public async Task What_a_server_that_lags_tells_takes_the_place_of_nothing_newer(string server, uint? serial, long runs)
    {
        foreach (var waits in (bool[])[false, true])
        {
            var (gate, exec) = (new TaskCompletionSource<Outcome>(), new FakeAction("tell") { CarriesZones = true });
            exec.Answer = (i, _) => exec.Applied.Count == 1 ? new(gate.Task) : new(Outcome.Done);
            await using var runner = New(exec);
            runner.Take(Run(1, "nl") with { Serial = 6 });
            await exec.AppliedAsync();
            if (waits)
            {
                gate.SetResult(new Retry("away"));
                await engine.NextAsync<Applied>();
                await Recorder.Eventually(() => runner.Depth == 1);
            }

            runner.Take(Run(2, "nl") with { Server = server, Serial = serial });
            if (!waits)
            {
                gate.SetResult(new Retry("away"));
                await engine.NextAsync<Applied>();
            }

            if (runs == 1)
                await engine.AdvanceAsync(TimeSpan.FromSeconds(2));
            Assert.Equal(runs, (await engine.NextAsync<Applied>()).Sequence);
            await Recorder.Eventually(() => runner.Depth == 0 && outbox.Count == 0);
        }
    }

    [Fact]
    public async Task One_that_has_waited_for_a_day_makes_room_for_whatever_is_told()
    {
        var exec = new FakeAction("tell") { CarriesZones = true, Answer = (i, _) => new(i.Sequence == 1 ? new Retry("away") { After = TimeSpan.FromDays(1) } : Outcome.Done) };
        await using var runner = New(exec);
        runner.Take(Run(1, "nl") with { Serial = 6 });
        await engine.NextAsync<Applied>();
        await engine.AdvanceAsync(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        runner.Take(Run(2, "nl") with { Server = "ns2", Serial = 5 });
        Assert.Equal(1, runner.Depth);
        engine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await engine.NextAsync<Applied>()).Sequence);
        runner.Take(Run(3, "nl") with { Server = "ns2", Serial = 5 });
        Assert.Equal(3, (await engine.NextAsync<Applied>()).Sequence);
    }

    [Theory]
    [InlineData(false, 30)]
    [InlineData(true, 300)]
    public async Task What_carries_zones_is_tried_less_often_the_longer_it_is_in_vain(bool carries, int seconds)
    {
        var exec = new FakeAction("tell") { CarriesZones = carries, Answer = (_, _) => new(new Retry("away")) };
        await using var runner = New(exec);
        runner.Take(Run(1, "nl"));
        for (var i = 0; i < 15; i++)
        {
            await engine.NextAsync<Applied>();
            await engine.AdvanceAsync(TimeSpan.FromSeconds(400));
        }

        await engine.NextAsync<Applied>();
        await engine.AdvanceAsync(TimeSpan.FromSeconds((0.75 * seconds) - 1));
        Assert.Equal(16, exec.Applied.Count);
        engine.Clock.Advance(TimeSpan.FromSeconds((0.5 * seconds) + 1));
        await engine.NextAsync<Applied>();
    }

    [Fact]
    public async Task Different_subjects_run_at_once_up_to_the_limit()
    {
        var gate = new TaskCompletionSource<Outcome>();
        var exec = new FakeAction("tell", parallel: 3) { Answer = (_, _) => new(gate.Task) };
        await using var runner = New(exec);
        for (var i = 0; i < 10; i++) runner.Take(Run(i, $"z{i}"));
        await Recorder.Eventually(() => exec.Applied.Count == 3);
        gate.SetResult(Outcome.Done);
        for (var i = 0; i < 10; i++) await engine.NextAsync<Applied>();
        Assert.Equal(3, exec.MostAtOnce);
    }

    [Fact]
    public async Task One_that_fails_for_now_holds_its_own_subject_only()
    {
        var exec = new FakeAction("tell") { Answer = (i, _) => new(i.Sequence == 1 ? new Retry("busy") : Outcome.Done) };
        await using var runner = New(exec);
        runner.Take(Run(1, "nl", Each.Every));
        Assert.IsType<Retry>((await engine.NextAsync<Applied>()).Outcome);
        runner.Take(Run(2, "nl", Each.Every));
        runner.Take(Run(3, "se", Each.Every));
        Assert.Equal(3, (await engine.NextAsync<Applied>()).Sequence);
        exec.Answer = (_, _) => new(Outcome.Done);
        await engine.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(1, (await engine.NextAsync<Applied>()).Sequence);
        Assert.Equal(2, (await engine.NextAsync<Applied>()).Sequence);
    }

    [Fact]
    public async Task One_that_says_when_it_may_be_tried_again_is_not_tried_before()
    {
        var exec = new FakeAction("tell") { Answer = (_, _) => new(new Retry("busy") { After = TimeSpan.FromMinutes(5) }) };
        await using var runner = New(exec);
        runner.Take(Run(1, "nl"));
        await engine.NextAsync<Applied>();
        await engine.AdvanceAsync(TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1));
        Assert.Single(exec.Applied);
        engine.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await engine.NextAsync<Applied>();
    }

    [Fact]
    public async Task A_newer_one_supersedes_one_that_waits_to_be_tried_again()
    {
        var exec = new FakeAction("tell") { Answer = (i, _) => new(i.Sequence == 1 ? new Retry("busy") : Outcome.Done) };
        await using var runner = New(exec);
        runner.Take(Run(1, "nl"));
        await engine.NextAsync<Applied>();
        await Recorder.Eventually(() => runner.Depth == 1);
        runner.Take(Run(2, "nl"));
        Assert.Equal(new Applied("tell", 2, Outcome.Done), await engine.NextAsync<Applied>());
        Assert.Equal([1, 2], exec.Applied.Select(i => i.Sequence));
    }

    [Fact]
    public async Task A_full_outbox_sheds_and_says_so()
    {
        var gate = new TaskCompletionSource<Outcome>();
        var exec = new FakeAction("tell") { Answer = (_, _) => new(gate.Task) };
        await using var runner = New(exec);
        for (var i = 0; i <= ReactionRunner.Bound; i++) runner.Take(Run(i, "nl", Each.Every));
        Assert.IsType<Failed>((await engine.NextAsync<Applied>()).Outcome);
        Assert.Equal("outbox of tell", (await engine.NextAsync<Shed>()).Where);
        gate.SetResult(Outcome.Done);
    }

    [Fact]
    public async Task A_stop_while_the_outcome_is_told_is_not_missed()
    {
        using var stop = new CancellationTokenSource();
        var gate = new TaskCompletionSource<Outcome>();
        var exec = new FakeAction("tell") { Answer = (_, _) => new(gate.Task) };
        var runner = new ReactionRunner(exec, engine, new Guarded(exec, engine.Time, NullLogger.Instance, stop.Token), null, stop.Token);
        engine.Hearing = _ => stop.Cancel();
        runner.Take(Run(1, "nl"));
        await exec.AppliedAsync();
        var stopped = runner.StoppedAsync();
        Assert.False(stopped.IsCompleted);
        gate.SetResult(Outcome.Done);
        await stopped.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
