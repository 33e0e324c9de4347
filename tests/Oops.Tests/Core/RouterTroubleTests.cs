using Oops.Core;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>What a router's action reports beside its routes.</summary>
public sealed class RouterTroubleTests
{
    readonly Rig rig = new Rig(Small.Policy(TimeSpan.Zero)).Say([.. Small.Announced()]);

    static RouterObserved Seen(params RouterTrouble[] troubles) => new("edge", [new RouteSeen("anycast4", RouteForm.Plain)], []) { Troubles = [.. troubles] };

    IEnumerable<string> Changes => rig.Effects.OfType<AlarmChanged>().Where(a => a.Id.StartsWith("session/", StringComparison.Ordinal)).Select(a => $"{a.Phase} {a.Id}: {a.Text}");

    string Text(string id) => rig.Machine.Status(rig.Moment).Alarms.Single(a => a.Id == id).Text;

    [Fact]
    public void Each_trouble_is_one_alarm_whatever_the_newest_try_says_and_ends_when_it_is_not_told_any_more()
    {
        var (one, two) = ("session/edge/10.99.0.2", "session/edge/10.99.0.3");
        rig.Say(Seen(new RouterTrouble(one, "lost: Cease")), Seen(new RouterTrouble(one, "lost: Cease", "connection reset"), new(two, "never came")), Seen(new RouterTrouble(one, "lost: Cease", "connection refused"), new(two, "never came")));
        Assert.Equal([$"Raised {one}: edge: lost: Cease", $"Raised {two}: edge: never came"], Changes);
        Assert.Equal("edge: lost: Cease; now: connection refused", Text(one));
        // No route moves by it.
        Assert.Equal(RouteState.Announced, rig.Route("anycast4").State);
        rig.Say(Seen(new RouterTrouble(two, "never came")));
        Assert.Equal([two], rig.Alarms);
        rig.Say(Seen());
        Assert.Empty(rig.Alarms);
        Assert.Equal(4, Changes.Count());
    }

    [Fact]
    public void A_reload_goes_on_with_those_that_stand_and_they_end_with_the_next_look()
    {
        rig.Say(Seen(new RouterTrouble("session/edge/10.99.0.2", "lost"))).Pass(60);
        var since = rig.Machine.Status(rig.Moment).Alarms.Single().Since;
        var next = rig.Reloaded(Small.Policy(TimeSpan.Zero, hash: "next"));
        Assert.Equal(since, next.Machine.Status(next.Moment).Alarms.Single(a => a.Id == "session/edge/10.99.0.2").Since);
        next.Say(Seen());
        Assert.Empty(next.Alarms);
    }

    [Fact]
    public void One_that_ends_with_a_reload_is_said_to_be_over_once()
    {
        rig.Say(Seen(new RouterTrouble("session/edge/10.99.0.2", "lost")), Seen(new RouterTrouble("session/edge/10.99.0.2", "lost"), new RouterTrouble("session/edge/10.99.0.3", "lost"))).Pass(60);
        // By then the router has it no longer; the other is told again.
        var next = rig.Reloaded(Small.Policy(TimeSpan.Zero, hash: "next"), levels: l => l is not RouterObserved).Say(Seen(new RouterTrouble("session/edge/10.99.0.3", "lost")));
        Assert.DoesNotContain(next.Effects.OfType<AlarmChanged>(), a => a.Id.StartsWith("session/", StringComparison.Ordinal));
        next.Pass(120);
        Assert.Equal(new AlarmChanged("session/edge/10.99.0.2", AlarmPhase.Cleared, "edge: lost"), Assert.Single(next.Effects.OfType<AlarmChanged>(), a => a.Id.StartsWith("session/", StringComparison.Ordinal)));
        next.Pass(600);
        Assert.Single(next.Effects.OfType<AlarmChanged>(), a => a.Id == "session/edge/10.99.0.2");
    }
}
