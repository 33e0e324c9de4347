using Microsoft.Extensions.Logging.Abstractions;
using Oops.Core;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Engine;

public sealed class BelievedTests
{
    [Fact]
    public async Task A_publisher_hears_that_a_condition_turned_and_reads_what_is_believed_now()
    {
        await using var engine = Started(["nl", "no"]);
        var (turned, stirred) = (engine.Turned, engine.Stirred);
        foreach (var input in Small.Announced().Where(i => i is not (RouterObserved or Applied))) engine.Send(input);
        await turned.WaitAsync(TimeSpan.FromSeconds(10));
        await stirred.WaitAsync(TimeSpan.FromSeconds(10));
        // What is said of zones comes behind what is said of servers.
        var believed = await engine.BelievedAsync(10, []);
        for (var i = 0; i < 1000 && Of(believed, "condition/zone-ready/ns1").Counts!.Met == 0; i++)
        {
            await Task.Delay(10);
            believed = await engine.BelievedAsync(10, []);
        }

        Assert.Equal(State.Met, Of(believed, "condition/server-running/ns1").State);
        Assert.Equal(State.NotMet, Of(believed, "condition/server-down/ns1").State);
        var sum = Of(believed, "condition/zone-ready/ns1");
        Assert.Equal((State.Unknown, 1, 0, 1), (sum.State, sum.Counts!.Met, sum.Counts.NotMet, sum.Counts.Unknown));
        Assert.DoesNotContain(believed, c => c.Id.Split('/').Length > 3);

        // A crash rings again, and the answer that keeps coming does not.
        (turned, stirred) = (engine.Turned, engine.Stirred);
        engine.Send(new ServerSignal("probe/ns1", Measure.Answering, 1));
        await engine.AskAsync((_, _) => true);
        Assert.False(stirred.IsCompleted);
        engine.Send(new ProcessGone("process/ns1", "signal 9"));
        await turned.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(State.Met, Of(await engine.BelievedAsync(10, []), "condition/server-down/ns1").State);
    }

    [Fact]
    public async Task Zones_that_are_not_well_are_named_as_far_as_is_asked_for_and_others_where_they_are_asked_for_by_name()
    {
        await using var engine = Started(["a", "b", "c"]);
        foreach (var input in Small.Announced().Where(i => i is ClockTrust or ChannelOpened or ProcessStarted)) engine.Send(input);
        engine.Send(new ZoneSignal("probe/ns1", "a", Measure.Serial, 1));
        engine.Send(new ZoneSignal("probe/ns1", "b", Measure.Serial, Signal.Absent));
        engine.Send(new ZoneSignal("probe/ns1", "c", Measure.Serial, Signal.Absent));
        engine.Send(new ChannelRead("probe/ns1"));
        for (var i = 0; i < 1000 && Of(await engine.BelievedAsync(0, []), "condition/zone-ready/ns1").Counts!.Unknown > 0; i++) await Task.Delay(10);
        var all = await engine.BelievedAsync(10, ["condition/zone-ready/ns1/a", "condition/zone-ready/ns1/nowhere", "condition/nothing/ns1/a"]);
        Assert.Equal(["a=Met", "b=NotMet", "c=NotMet"], all.Where(c => c.Id.StartsWith("condition/zone-ready/ns1/", StringComparison.Ordinal)).Select(c => $"{c.Id[24..]}={c.State}".TrimStart('/')).Order(StringComparer.Ordinal));
        Assert.Equal((1L, null), (Of(all, "condition/zone-ready/ns1/a").Value, all.First(c => c.Id == "condition/zone-ready/ns1/b").Value));
        Assert.Equal((State.NotMet, 2), (Of(all, "condition/zone-ready/ns1").State, Of(all, "condition/zone-ready/ns1").Counts!.NotMet));
        Assert.Single(await engine.BelievedAsync(1, []), c => c.Id.StartsWith("condition/zone-ready/ns1/", StringComparison.Ordinal));
        Assert.DoesNotContain(await engine.BelievedAsync(0, []), c => c.Id.StartsWith("condition/zone-ready/ns1/", StringComparison.Ordinal));
    }

    static ConditionReport Of(IReadOnlyList<ConditionReport> believed, string id) => Assert.Single(believed, c => c.Id == id);

    static Oops.Engine.Engine Started(IReadOnlyList<string> zones)
    {
        var policy = Small.Policy(TimeSpan.Zero) with { Servers = [new("ns1", [.. zones])], Routes = [] };
        var engine = new Oops.Engine.Engine(policy, new Machine(policy), BootTime.Instance, NullLogger.Instance);
        engine.Start();
        return engine;
    }
}
