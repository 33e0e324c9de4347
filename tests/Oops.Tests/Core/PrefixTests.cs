using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Engine;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>Prefixes that came into the config of a route that is announced, that the router lacks, or that a person holds.</summary>
public sealed class PrefixTests
{
    static readonly IPNetwork More = IPNetwork.Parse("2001:db8::/32");

    static Policy Wider(Policy? policy = null) => (policy ?? Rig.Simple()) is var p ? p with { Routes = [p.Routes[0] with { Prefixes = [.. p.Routes[0].Prefixes, More] }, .. p.Routes.Skip(1)] } : null!;

    static Policy Two() => Rig.Simple() is var p ? p with { Routes = [.. p.Routes, p.Routes[0] with { Name = "o", Prefixes = [IPNetwork.Parse("198.51.100.0/24")] }] } : null!;

    static RouterObserved Partly => new("edge", [new("r", RouteForm.Plain, "192.0.2.0/24 plain; 2001:db8::/32 withdrawn") { Lacks = [More] }], []);

    static Rig Announced(Policy? policy = null)
    {
        var rig = new Rig(policy ?? Rig.Simple());
        rig.Say(new RouterObserved("edge", [.. (policy ?? Rig.Simple()).Routes.Select(r => new RouteSeen(r.Name, RouteForm.Withdrawn))], [])).Say([.. Rig.Healthy()]).Pass(4);
        Assert.Equal(RouteState.Announced, rig.Route().State);
        return rig;
    }

    static Rig Kept(Policy? policy = null)
    {
        var rig = Announced(policy).Say(Bad).Pass(10);
        Assert.Equal(RouteState.Kept, rig.Route().State);
        return rig;
    }

    static ZoneSignal Bad => new("knot/ns1/control", "a", Measure.Serial, Signal.Absent);

    static Rig Reloaded(Rig rig, Policy policy, bool obeys = true)
    {
        var next = new Rig(policy) { Obeys = obeys };
        next.Pass(rig.Now - next.Now);
        next.Machine.Restore(rig.Machine.Snapshot(rig.Moment), rig.Moment, sameBoot: true);
        return next.Say([.. rig.Machine.Levels(rig.Moment)]);
    }

    static Rig Restarted(Rig rig, Policy policy)
    {
        var next = new Rig(policy) { Obeys = false };
        next.Pass(rig.Now - next.Now + 1);
        next.Machine.Restore(rig.Machine.Snapshot(rig.Moment), next.Moment, sameBoot: true);
        return next;
    }

    static ImmutableArray<IPNetwork> Told(Rig rig, string route = "r") => rig.Told?.Routes.SingleOrDefault(r => r.Route == route)?.Prefixes ?? [];

    [Fact]
    public void A_reload_that_adds_a_prefix_is_a_difference_and_confirmed_asks_for_it_at_once()
    {
        var rig = Announced();
        Assert.Equal("r: 2001:db8::/32 will be announced with it", Assert.Single(Rehearsal.Differences(rig.Machine, Wider(), rig.Moment)));
        var next = Reloaded(rig, Wider(), obeys: false);
        Assert.Contains(More, Told(next));
        next.Say(Partly, new Applied("edge", next.Told!.Sequence, Outcome.Done), Rig.Router(RouteForm.Plain)).Pass(60);
        Assert.Single(next.Effects.OfType<RouterIntent>());
        Assert.DoesNotContain(next.Effects, e => e is AlarmChanged { Id: "missing/edge" });
    }

    [Fact]
    public void Where_the_route_would_not_be_admitted_the_difference_says_so()
    {
        var rig = Kept();
        Assert.StartsWith("r: 2001:db8::/32 will be announced with it, although it would not be admitted now: ", Assert.Single(Rehearsal.Differences(rig.Machine, Wider(), rig.Moment)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_prefix_that_the_router_still_has_is_no_difference()
    {
        var rig = Announced(Wider());
        var narrow = Reloaded(rig, Rig.Simple()).Say(new RouterObserved("edge", [new("r", RouteForm.Plain)], [More]));
        Assert.Contains("orphan/edge", narrow.Alarms);
        Assert.Empty(Rehearsal.Differences(narrow.Machine, Wider(), narrow.Moment));
    }

    [Fact]
    public void After_a_restart_with_another_config_a_new_prefix_waits_for_admission()
    {
        var next = Restarted(Kept(), Wider()).Say([.. Rig.Healthy()]).Say(Bad, Partly).Pass(30);
        Assert.Equal((RouteState.Kept, RouteForm.Plain), (next.Route().State, next.Route().Router));
        Assert.Null(next.Told);
        Assert.Contains("will announce 2001:db8::/32 with it after 3s if all of announce-when stays met", next.Route().Timers);
        next.Say([.. Rig.Healthy()]).Pass(2);
        Assert.Null(next.Told);
        next.Pass(2);
        Assert.Contains(More, Told(next));
    }

    [Fact]
    public void What_is_announced_only_in_part_after_a_restart_is_told_again_and_alarmed()
    {
        var next = Restarted(Kept(Wider()), Wider()).Say([.. Rig.Healthy()]).Say(Bad, Partly);
        Assert.Equal((RouteState.Kept, (RouteForm?)null), (next.Route().State, next.Route().Router));
        for (var i = 0; i < 8; i++) next.Pass(60).Say(new ServerSignal("knot/ns1/control", Measure.Answering, 1), new ChannelRead("knot/ns1/control"), Partly);
        Assert.Contains(More, Told(next));
        Assert.Superset(new HashSet<string> { "kept/r", "missing/edge" }, next.Alarms.ToHashSet());
        // And a proof takes away what there is.
        next.Say(new ProcessGone("process/ns1", "signal 9"));
        Assert.Equal(RouteForm.Withdrawn, next.Route().Wanted);
    }

    [Fact]
    public void Of_somebody_elses_route_what_is_not_there_is_not_brought_there()
    {
        var rig = new Rig(Wider()).Say(Partly).Say([.. Rig.Healthy()]).Pass(1);
        Assert.Equal((RouteState.Adopted, RouteForm.Plain), (rig.Route().State, rig.Route().Router));
        Assert.Null(rig.Told);
        rig.Say(new Confirm("p", ["r"])).Pass(1);
        Assert.Contains(More, Told(rig));
    }

    [Fact]
    public void A_held_routes_new_prefix_waits_for_the_end_of_the_hold_also_when_another_route_of_the_router_moves()
    {
        var rig = Announced(Two()).Say(new Hold("root", ["r"], null, "look"));
        var next = Reloaded(rig, Wider(Two()));
        next.Say(new RouterObserved("edge", [Partly.Routes[0], new("o", RouteForm.Plain)], [])).Pass(5);
        Assert.Null(next.Told);
        next.Say(new Drain("p", ["o"], null, TimeSpan.FromHours(1), false, false)).Pass(1);
        Assert.Equal(["o"], next.Told!.Routes.Select(r => r.Route));
        next.Say(new Unhold("root", ["r"])).Pass(1);
        Assert.Contains(More, Told(next));
    }

    [Fact]
    public void An_unrelated_reload_while_peers_are_asked_to_look_elsewhere_is_no_difference()
    {
        var rig = Announced().Say(new Drain("p", ["r"], null, TimeSpan.FromHours(1), false, false)).Pass(1);
        Assert.Equal(RouteForm.Draining, rig.Route().Wanted);
        Assert.Empty(Rehearsal.Differences(rig.Machine, Rig.Simple(r => r with { Rise = TimeSpan.FromSeconds(4) }), rig.Moment));
    }
}
