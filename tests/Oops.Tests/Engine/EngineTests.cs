using Microsoft.Extensions.Logging.Abstractions;
using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Engine;

public sealed class EngineTests
{
    static async Task<(Oops.Engine.Engine Engine, FakeAction Router, ActionRunner Runner)> AnnouncedAsync()
    {
        var policy = Small.Policy(TimeSpan.Zero);
        var engine = new Oops.Engine.Engine(policy, new Machine(policy), BootTime.Instance, NullLogger.Instance);
        var router = new FakeAction("edge");
        var runner = new ActionRunner(router, engine, null, NullLogger.Instance);
        engine.Use(new Dictionary<string, ActionRunner> { ["edge"] = runner });
        foreach (var input in Small.Announced()) engine.Send(input);
        engine.Start();
        await engine.AskAsync((_, _) => true);
        return (engine, router, runner);
    }

    [Fact]
    public async Task A_crash_reaches_the_router_before_a_flood_that_came_first()
    {
        var (engine, router, runner) = await AnnouncedAsync();
        var waiting = new TaskCompletionSource<int>();
        router.Answer = (intent, _) =>
        {
            if (intent is RouterIntent { Routes: [{ Form: RouteForm.Withdrawn }] }) waiting.TrySetResult(engine.Counters.Waiting);
            return new(Outcome.Done);
        };

        // Between two steps, so that all of it waits when the machine goes on.
        await engine.AskAsync((_, _) =>
        {
            for (var i = 0; i < 100_000; i++) engine.Send(new ZoneSignal("reference/ns1", $"zone{i}", Measure.Serial, i));
            engine.Send(new ProcessGone("process/ns1", "signal 9"));
            return true;
        });
        Assert.InRange(await waiting.Task.WaitAsync(TimeSpan.FromSeconds(20)), 100_000, 100_010); // a read-back may wait with them
        await runner.DisposeAsync();
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_hundred_thousand_signals_at_once_leave_the_latest_level_in_the_machine()
    {
        var (engine, _, runner) = await AnnouncedAsync();
        for (var i = 1; i <= 100_000; i++) engine.Send(new ZoneSignal("probe/ns1", "nl", Measure.Serial, i));
        engine.Send(new ChannelRead("probe/ns1"));
        await Recorder.Eventually(() => engine.Counters.Waiting == 0);
        var zone = await engine.AskAsync((m, now) => m.Zones("ns1", now).Single());
        Assert.Equal(100_000u, zone.Serial);
        await runner.DisposeAsync();
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Sources_see_the_process_and_the_zones_of_their_server()
    {
        var (engine, _, runner) = await AnnouncedAsync();
        Assert.Equal(1, engine.Server("ns1").Pid);
        Assert.Equal(["nl"], engine.Server("ns1").Zones);
        Assert.True(engine.Server("ns1").Complete);
        var (version, replaced) = (engine.Server("ns1").Version, engine.Server("ns1").Replaced);
        Assert.False(replaced.IsCompleted);
        engine.Send(new ProcessGone("process/ns1", "signal 9"));
        await engine.AskAsync((_, _) => true);
        await replaced.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Null(engine.Server("ns1").Pid);
        Assert.True(engine.Server("ns1").Version > version);
        Assert.Equal(0, engine.Server("nowhere").Version);
        await runner.DisposeAsync();
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Sources_see_that_a_probe_is_not_answered_and_since_when_until_it_is()
    {
        var (engine, _, runner) = await AnnouncedAsync();
        var calm = engine.Server("ns1");
        engine.Send(new ServerSignal("probe/ns1", Measure.Answering, 1));
        await engine.AskAsync((_, _) => true);
        Assert.Same(calm, engine.Server("ns1"));
        Assert.Null(calm.UnansweredSince);

        engine.Send(new ServerSignal("probe/ns1", Measure.Unanswered, 1, Evidence.Suspicion) { For = TimeSpan.FromSeconds(1) });
        await calm.Replaced.WaitAsync(TimeSpan.FromSeconds(10));
        var doubtful = engine.Server("ns1");
        Assert.True(engine.Now - doubtful.UnansweredSince >= TimeSpan.FromSeconds(1));
        Assert.Equal(1, doubtful.Pid);
        engine.Send(new ServerSignal("probe/ns1", Measure.Unanswered, 2, Evidence.Suspicion));
        engine.Send(new ServerSignal("probe/ns1", Measure.Answering, Signal.Absent, Evidence.Suspicion));
        await engine.AskAsync((_, _) => true);
        Assert.Same(doubtful, engine.Server("ns1"));

        engine.Send(new ServerSignal("probe/ns1", Measure.Answering, 1));
        await doubtful.Replaced.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Null(engine.Server("ns1").UnansweredSince);
        await runner.DisposeAsync();
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Who_waits_for_a_new_serial_is_told_once_for_each_and_not_of_what_was_known()
    {
        var (engine, _, runner) = await AnnouncedAsync();
        // The first one may be of what came before anybody asked.
        var asked = engine.NewSerial("ns1");
        engine.Send(new ZoneSignal("probe/ns1", "nl", Measure.Serial, 7));
        await asked.WaitAsync(TimeSpan.FromSeconds(10));
        var next = engine.NewSerial("ns1");
        var elsewhere = engine.NewSerial("ns2");
        engine.Send(new ZoneSignal("probe/ns1", "nl", Measure.Serial, 7));
        engine.Send(new ZoneSignal("probe/ns1", "nl", Measure.Serial, Signal.Absent));
        await engine.AskAsync((_, _) => true);
        await Recorder.Eventually(() => engine.Counters.Waiting == 0);
        Assert.False(next.IsCompleted);
        var (any, before) = engine.NewSerials("ns1", null);
        Assert.Null(any);
        engine.Send(new ZoneSignal("probe/ns1", "nl", Measure.Serial, 8));
        await next.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(elsewhere.IsCompleted);
        var (rung, until) = engine.NewSerials("ns1", before);
        Assert.Equal(["nl"], rung);
        Assert.Empty(engine.NewSerials("ns1", until).Zones!);
        // Of very many it is not kept which they were.
        for (var i = 0; i < 2000; i++)
            engine.Send(new ZoneSignal("probe/ns1", $"z{i}", Measure.Serial, 1));
        await Recorder.Eventually(() => engine.Counters.Waiting == 0 && engine.NewSerials("ns1", until).Zones is null);
        await runner.DisposeAsync();
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_reload_carries_over_what_is_believed_and_touches_no_route()
    {
        var (engine, router, runner) = await AnnouncedAsync();
        var before = router.Applied.Count;
        var policy = Small.Policy(TimeSpan.FromSeconds(9), "next");
        await engine.SwapAsync(policy, (old, now) => Rehearsal.Successor(old, policy, now), new Dictionary<string, ActionRunner> { ["edge"] = runner }, (_, _, _) => { });
        var route = await engine.AskAsync((m, now) => m.Route("anycast4", now));
        Assert.Equal(RouteState.Announced, route!.State);
        Assert.DoesNotContain(router.Applied.Skip(before).OfType<RouterIntent>(), i => i.Routes.Any(r => r.Form == RouteForm.Withdrawn));
        Assert.Equal(1, engine.Server("ns1").Pid);
        await runner.DisposeAsync();
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task The_urgent_path_is_walked_once_before_it_counts() => await Warm.RunAsync(BootTime.Instance);
}
