using System.Net;
using Oops.Core;
using Oops.Engine;
using Xunit;

namespace Oops.Tests.Engine;

public sealed class EngineLoopTests
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    readonly FakeTime time = new();
    readonly List<Intent> intents = [];
    readonly List<Input> taken = [];
    readonly Lanes lanes;
    readonly EngineLoop loop;

    public EngineLoopTests()
    {
        var policy = Small.Policy(fall: Second);
        var channels = new ChannelMap(policy);
        lanes = new(channels.Siblings);
        loop = new(new Machine(policy), lanes, time, intents.Add, (e, _) => throw e);
        loop.Taps.Add((_, input, _) => taken.Add(input));
    }

    RouteForm? Last => intents.OfType<RouterIntent>().LastOrDefault()?.Routes.Single().Form;

    void Announce()
    {
        foreach (var input in Small.Announced()) lanes.Send(input);
        loop.Turn();
        intents.Clear();
    }

    /// <summary>As the engine's thread: sleeps until it is to be woken, not longer than the span.</summary>
    void Run(TimeSpan span)
    {
        var end = time.GetTimestamp() + span.Ticks;
        while (true)
        {
            var wake = loop.Turn();
            if (wake.Ticks >= end) break;
            time.Advance(wake - loop.Now.At);
        }

        time.Advance(new TimeSpan(end - time.GetTimestamp()));
        loop.Turn();
    }

    [Fact]
    public void The_machine_is_stepped_exactly_at_its_deadline()
    {
        Announce();
        lanes.Send(new ProcessGone("process/ns1", "signal 9"));
        var wake = loop.Turn();
        Assert.Empty(intents);
        Assert.Equal(loop.Now.At + Second, wake);
        time.Advance(Second - TimeSpan.FromTicks(1));
        loop.Turn();
        Assert.Empty(intents);
        time.Advance(TimeSpan.FromTicks(1));
        loop.Turn();
        Assert.Equal(RouteForm.Withdrawn, Last);
    }

    [Fact]
    public void Without_a_deadline_nothing_is_stepped()
    {
        Announce();
        taken.Clear();
        Run(TimeSpan.FromMinutes(2));
        Assert.All(taken, i => Assert.IsType<Tick>(i));
        Assert.True(taken.Count <= 4, $"{taken.Count} steps while idle");
    }

    [Fact]
    public void After_our_own_pause_sockets_are_read_before_timers_are_believed()
    {
        Announce();
        lanes.Send(new ProcessGone("process/ns1", "signal 9"));
        loop.Turn();
        time.Advance(TimeSpan.FromSeconds(20));
        // The sources wake with us: the server had come back long before `fall` was over.
        loop.Turn();
        lanes.Send(new ProcessStarted("process/ns1", 2, 200));
        lanes.Send(new ServerSignal("probe/ns1", Measure.Answering, 1));
        Run(TimeSpan.FromSeconds(2));
        Assert.DoesNotContain(intents.OfType<RouterIntent>(), i => i.Routes.Single().Form == RouteForm.Withdrawn);
        Assert.Contains(taken, i => i is Shed { Where: "own pause, ms", Count: >= 18_000 });
    }

    [Fact]
    public void A_pause_only_delays_what_stays_true()
    {
        Announce();
        lanes.Send(new ProcessGone("process/ns1", "signal 9"));
        loop.Turn();
        time.Advance(TimeSpan.FromSeconds(20));
        Run(Second);
        Assert.Equal(RouteForm.Withdrawn, Last);
    }

    [Fact]
    public void What_was_merged_is_told_to_the_machine()
    {
        Announce();
        for (var i = 0; i < 10; i++) lanes.Send(new ZoneSignal("probe/ns1", "nl", Measure.Serial, i));
        loop.Turn();
        Assert.Contains(new Shed("bulk lane", 9), taken);
    }

    [Fact]
    public void A_question_is_answered_between_two_steps()
    {
        Announce();
        StatusReport? status = null;
        lanes.Send(() => status = loop.Machine.Status(loop.Now));
        loop.Turn();
        Assert.Equal("anycast4", Assert.Single(status!.Routes).Name);
    }
}
