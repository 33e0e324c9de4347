using Xunit;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Oops.Core;
using Oops.Engine;

namespace Oops.Tests.Engine;

public sealed class RouterRunnerTests
{
    readonly Recorder engine = new();
    readonly FakeAction bird = new("edge");

    ActionRunner New() => new(bird, engine, null, NullLogger.Instance);

    static RouterIntent Table(long sequence, RouteForm form = RouteForm.Plain) =>
        new("edge", sequence, "test", [new RouteWanted("anycast4", [IPNetwork.Parse("192.0.2.0/24")], form, new Degradation())]);

    [Fact]
    public async Task An_intent_is_begun_on_the_thread_that_brings_it()
    {
        await using var runner = New();
        runner.Take(Table(1));
        Assert.Equal(Environment.CurrentManagedThreadId, bird.FirstThread);
        Assert.Equal(new Applied("edge", 1, Outcome.Done), await engine.NextAsync<Applied>());
    }

    [Fact]
    public async Task The_newest_table_wins_while_one_is_under_way()
    {
        await using var runner = New();
        var first = new TaskCompletionSource<Outcome>();
        bird.Answer = (i, _) => i.Sequence == 1 ? new(first.Task) : new(Outcome.Done);
        runner.Take(Table(1));
        runner.Take(Table(2, RouteForm.Withdrawn));
        runner.Take(Table(3, RouteForm.Degraded));
        first.SetResult(Outcome.Done);
        Assert.Equal(1, (await engine.NextAsync<Applied>()).Sequence);
        Assert.Equal(3, (await engine.NextAsync<Applied>()).Sequence);
        Assert.Equal([1, 3], bird.Applied.Select(i => i.Sequence));
    }

    [Fact]
    public async Task A_refusal_is_tried_again_until_it_is_superseded()
    {
        await using var runner = New();
        bird.Answer = (i, _) => new(i.Sequence == 1 ? new Retry("refused") : Outcome.Done);
        runner.Take(Table(1));
        Assert.IsType<Retry>((await engine.NextAsync<Applied>()).Outcome);
        await engine.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(1, (await engine.NextAsync<Applied>()).Sequence);
        runner.Take(Table(2, RouteForm.Withdrawn));
        Assert.Equal(2, (await engine.NextAsync<Applied>()).Sequence);
        Assert.Equal([1, 1, 2], bird.Applied.Select(i => i.Sequence));
    }

    [Fact]
    public async Task A_router_that_is_away_is_looked_for_while_an_intent_waits_to_be_tried_again_and_told_as_soon_as_it_is_back()
    {
        await using var runner = New();
        bird.ReadEvery = TimeSpan.FromSeconds(1);
        bird.Answer = (_, _) => new(new Retry("no socket"));
        bird.Observe = () => new RouterUnseen("edge", "no socket");
        runner.Start();
        runner.Take(Table(1));
        // Until the pause between two tries is at its longest, 22 s at least.
        for (var tries = 0; tries < 6; tries++)
        {
            await engine.NextAsync<Applied>();
            if (tries < 5) await Recorder.Eventually(() => { engine.Clock.Advance(TimeSpan.FromMilliseconds(500)); return engine.Sent.OfType<Applied>().Any(); });
        }

        bird.Answer = (_, _) => new(Outcome.Done);
        bird.Observe = () => new RouterObserved("edge", [], []);
        var back = engine.Now;
        await Recorder.Eventually(() => { engine.Clock.Advance(TimeSpan.FromMilliseconds(100)); return engine.Sent.OfType<Applied>().Any(a => a.Outcome is Done); });
        Assert.InRange((engine.Now - back).TotalSeconds, 0, 5);
    }

    [Fact]
    public async Task One_that_comes_back_between_being_told_in_vain_and_being_read_is_told_at_once()
    {
        await using var runner = New();
        var away = true;
        bird.Answer = (_, _) => new(away ? new Retry("no answer") : Outcome.Done);
        bird.Observe = () => away ? new RouterUnseen("edge", "no answer") : new RouterObserved("edge", [], []);
        runner.Take(Table(1));
        Assert.IsType<Retry>((await engine.NextAsync<Applied>()).Outcome);
        // Its last refusal, and then it is there.
        bird.Answer = (_, _) =>
        {
            if (!away) return new(Outcome.Done);
            away = false;
            return new(new Retry("no answer"));
        };
        await engine.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.IsType<Retry>((await engine.NextAsync<Applied>()).Outcome);
        Assert.IsType<Done>((await engine.NextAsync<Applied>()).Outcome);
    }

    [Fact]
    public async Task A_router_that_refuses_for_ever_is_read_all_the_time_and_told_ever_more_rarely()
    {
        await using var runner = New();
        bird.ReadEvery = TimeSpan.FromSeconds(1);
        var read = 0;
        bird.Answer = (_, _) => new(new Retry("no"));
        bird.Observe = () =>
        {
            Interlocked.Increment(ref read);
            return new RouterObserved("edge", [], []);
        };
        runner.Start();
        runner.Take(Table(1));
        for (var i = 0; i < 120; i++)
        {
            var before = Volatile.Read(ref read);
            engine.Clock.Advance(TimeSpan.FromSeconds(1));
            await Recorder.Eventually(() => Volatile.Read(ref read) > before);
        }

        Assert.InRange(bird.Applied.Count, 4, 12);
    }

    [Fact]
    public async Task Each_application_is_read_back()
    {
        await using var runner = New();
        bird.Observe = () => new RouterObserved("edge", [], []);
        runner.Take(Table(1));
        await engine.NextAsync<Applied>();
        await engine.NextAsync<RouterObserved>();
    }

    [Fact]
    public async Task An_intent_does_not_wait_for_a_read_back_that_hangs()
    {
        var begun = new TaskCompletionSource();
        bird.BeforeRead = stop =>
        {
            begun.TrySetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, stop);
        };
        bird.Observe = () => new RouterUnseen("edge", "never");
        await using var runner = New();
        runner.Start();
        await begun.Task;
        runner.Take(Table(1));
        Assert.Equal(1, (await engine.NextAsync<Applied>()).Sequence);
        // The read after it hangs too.
        runner.Take(Table(2, RouteForm.Withdrawn));
        Assert.Equal(2, (await engine.NextAsync<Applied>()).Sequence);
        bird.BeforeRead = _ => Task.CompletedTask;
        bird.Observe = () => new RouterObserved("edge", [], []);
        runner.Take(Table(3));
        Assert.Equal(3, (await engine.NextAsync<Applied>()).Sequence);
        await engine.NextAsync<RouterObserved>();
    }

    [Fact]
    public async Task The_router_is_read_at_the_start_and_on_the_interval()
    {
        bird.ReadEvery = TimeSpan.FromSeconds(5);
        bird.Observe = () => new RouterUnseen("edge", "absent");
        await using var runner = New();
        runner.Start();
        await engine.NextAsync<RouterUnseen>();
        await engine.AdvanceAsync(TimeSpan.FromSeconds(5));
        await engine.NextAsync<RouterUnseen>();
    }

    [Fact]
    public async Task A_router_that_hangs_is_given_up_after_the_timeout()
    {
        await using var runner = New();
        bird.Answer = async (_, stop) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            return Outcome.Done;
        };
        runner.Take(Table(1));
        await engine.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(new Retry("no outcome within 10 s"), (await engine.NextAsync<Applied>()).Outcome);
    }

    [Fact]
    public async Task A_table_that_has_no_effect_is_not_repeated_without_a_pause()
    {
        await using var runner = New();
        runner.Take(Table(1));
        await engine.NextAsync<Applied>();
        await Recorder.Eventually(() => runner.SettledAsync().IsCompleted);
        runner.Take(Table(2));
        Assert.Single(bird.Applied);
        await engine.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(2, (await engine.NextAsync<Applied>()).Sequence);
    }

    [Fact]
    public async Task A_bug_in_an_action_becomes_an_outcome()
    {
        await using var runner = New();
        bird.Answer = (_, _) => throw new InvalidOperationException("bug");
        runner.Take(Table(1));
        Assert.Equal(new Retry("the action failed: InvalidOperationException"), (await engine.NextAsync<Applied>()).Outcome);
    }
}
