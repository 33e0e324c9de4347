using System.Collections.Immutable;
using System.Net;
using Oops.Actions.Bird;
using Oops.Core;
using Oops.Engine;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>Prefixes that came into the config of a route that is announced, that the router lacks, or that a person holds.</summary>
public sealed class PrefixTests
{
    static readonly IPNetwork More = IPNetwork.Parse("2001:db8::/32");
    static readonly IPNetwork Other = IPNetwork.Parse("198.51.100.0/24");
    static readonly IPNetwork P4 = IPNetwork.Parse("192.0.2.0/24");

    static Policy Wider(Policy? policy = null) => (policy ?? Rig.Simple()) is var p ? p with { Routes = [p.Routes[0] with { Prefixes = [.. p.Routes[0].Prefixes, More] }, .. p.Routes.Skip(1)] } : null!;

    static Policy Two() => Rig.Simple() is var p ? p with { Routes = [.. p.Routes, p.Routes[0] with { Name = "o", Prefixes = [Other] }] } : null!;

    /// <summary>r of ns1 and s of ns2; `More` is r's, or has moved to s.</summary>
    static Policy Moved(bool moved, double rise = 3) => Rig.Simple(r => r with { Rise = TimeSpan.FromSeconds(rise) }) is var p ? p with
    {
        Servers = [.. p.Servers, new("ns2", ["a", "b"])],
        Channels = [.. p.Channels, Rig.Process("ns2"), Rig.Control("ns2")],
        Routes = [p.Routes[0] with { Prefixes = moved ? [P4] : [P4, More] }, p.Routes[0] with { Name = "s", Servers = ["ns2"], Prefixes = moved ? [Other, More] : [Other] }],
    } : null!;

    static RouterRoute[] MovedConfig => [new("r", [P4]), new("s", [Other, More])];

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

    static ImmutableArray<IPNetwork> Told(Rig rig, string route = "r") => rig.Told?.Routes.SingleOrDefault(r => r.Route == route)?.Prefixes ?? [];

    [Fact]
    public void A_reload_that_adds_a_prefix_is_a_difference_and_confirmed_asks_for_it_at_once()
    {
        var rig = Announced();
        Assert.Equal("r: 2001:db8::/32 will be announced with it", Assert.Single(Rehearsal.Differences(rig.Machine, Wider(), rig.Moment)));
        var next = rig.Reloaded(Wider(), obeys: false);
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
        var narrow = rig.Reloaded(Rig.Simple()).Say(new RouterObserved("edge", [new("r", RouteForm.Plain)], [More]));
        Assert.Contains("orphan/edge", narrow.Alarms);
        Assert.Empty(Rehearsal.Differences(narrow.Machine, Wider(), narrow.Moment));
    }

    [Fact]
    public void After_a_restart_with_another_config_a_new_prefix_waits_for_admission()
    {
        var next = Kept().Restarted(Wider()).Say([.. Rig.Healthy()]).Say(Bad, Partly).Pass(30);
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
        var next = Kept(Wider()).Restarted(Wider()).Say([.. Rig.Healthy()]).Say(Bad, Partly);
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
        var next = rig.Reloaded(Wider(Two()));
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

    [Fact]
    public void A_reload_under_a_hold_shows_what_the_end_of_the_hold_will_announce()
    {
        var rig = Announced().Say(Bad).Pass(10);
        Assert.Equal(RouteState.Kept, rig.Route().State);
        rig.Say(new Hold("root", ["r"], null, "look"));
        var lines = Rehearsal.Differences(rig.Machine, Wider(), rig.Moment);
        var next = rig.Reloaded(Wider());
        next.Say(new Unhold("root", ["r"])).Pass(1);
        var kept = next.Route().State;
        Assert.True(lines.Count > 0 || !Told(next).Contains(More), $"no line shown ({lines.Count}), state {kept}, told {string.Join(' ', Told(next))}");
    }

    [Fact]
    public void A_reload_before_the_router_was_read_confirms_nothing_that_it_does_not_show()
    {
        var rig = Announced().Say(Bad).Pass(10);
        var next = rig.Restarted(Wider()).Say(new RouterUnseen("edge", "no such socket")).Say([.. Rig.Healthy()]).Say(Bad);
        var lines = Rehearsal.Differences(next.Machine, Wider(), next.Moment);
        var again = next.Reloaded(Wider(), obeys: false);
        again.Say(Partly).Pass(1);
        Assert.Equal(RouteState.Kept, again.Route().State);
        Assert.True(lines.Count > 0 || !Told(again).Contains(More), $"lines {lines.Count}, told {string.Join(' ', Told(again))}");
    }

    [Fact]
    public void While_a_reason_to_withdraw_stands_no_prefix_is_added()
    {
        Policy P() => Rig.Simple(r => r with { Fall = TimeSpan.FromHours(1), WithdrawWhen = [new("server-down"), new("ext")] }, new KindSpec("ext", Kind.External) { Polarity = Polarity.Bad, Proof = true, Class = ConditionClass.Local });
        var rig = Announced(P());
        var next = rig.Restarted(Wider(P())).Say(Partly).Say([.. Rig.Healthy()]).Say(new ExternalClaim("cli", "ext", "ns1", State.Met, Evidence.Proof, TimeSpan.FromHours(2), null)).Pass(30);
        Assert.Contains(next.Route().Timers, b => b.StartsWith("will withdraw"));
        Assert.True(!Told(next).Contains(More), $"timers: {string.Join("; ", next.Route().Timers)}; told {string.Join(' ', Told(next))}");
    }

    [Fact]
    public void What_was_found_degraded_is_so_again_after_a_drain_with_a_reload()
    {
        var p = Rig.Simple(r => r with { Graceful = TimeSpan.FromMinutes(1) });
        var rig = new Rig(p).Say(Rig.Router(RouteForm.Degraded)).Say([.. Rig.Healthy()]).Pass(10);
        Assert.Equal((RouteState.Adopted, RouteForm.Degraded), (rig.Route().State, rig.Route().Wanted));
        rig.Say(new Drain("p", ["r"], null, TimeSpan.FromHours(1), false, false)).Pass(5);
        Assert.Equal(RouteForm.DrainingDegraded, rig.Route().Wanted);
        var next = rig.Reloaded(p);
        next.Say(new Undrain("p", ["r"])).Pass(5);
        Assert.Equal(RouteForm.Degraded, next.Route().Wanted);
    }

    [Fact]
    public void An_alarm_about_a_server_that_left_the_config_leaves_with_it()
    {
        var two = Rig.Simple() is var p ? p with { Servers = [.. p.Servers, new("ns2", null)], Channels = [.. p.Channels, Rig.Process("ns2"), Rig.Control("ns2")] } : null!;
        var rig = Announced(two);
        rig.Say([.. Rig.Healthy("ns2")]);
        rig.Say(new ZonesListed("knot/ns2/control", [.. Enumerable.Range(0, 20).Select(i => $"z{i}")], Last: true));
        rig.Say(new ZonesListed("knot/ns2/control", [.. Enumerable.Range(0, 19).Select(i => $"z{i}")], Last: true));
        Assert.Contains("zones-vanished/ns2", rig.Alarms);
        var next = rig.Reloaded(Rig.Simple());
        next.Say(new Confirm("p", [])).Pass(100000);
        var third = next.Restarted(Rig.Simple()).Say(new Confirm("p", []));
        Assert.DoesNotContain("zones-vanished/ns2", third.Alarms);
    }

    [Fact]
    public void A_route_that_was_renumbered_is_told_at_once()
    {
        var rig = Announced();
        var p = Rig.Simple(r => r with { Prefixes = [More] });
        Assert.Single(Rehearsal.Differences(rig.Machine, p, rig.Moment));
        var next = rig.Reloaded(p, obeys: false);
        Assert.Contains(More, Told(next));
    }

    [Fact]
    public void A_prefix_that_moves_to_a_withdrawn_route_is_a_difference()
    {
        var rig = Announced(Moved(false)).Say(new ProcessGone("process/ns2", "signal 9")).Pass(5);
        Assert.Equal(RouteForm.Withdrawn, rig.Route("s").Wanted);
        var file = Ledger.Merge([], rig.Told!.Routes, [], MovedConfig);
        var lines = Rehearsal.Differences(rig.Machine, Moved(true), rig.Moment);
        var next = rig.Reloaded(Moved(true), obeys: false);
        // as the read-back has it: More is still exported by oops_r_plain6
        for (var i = 0; i < 3; i++) next.Say(new RouterObserved("edge", [new("r", RouteForm.Plain), new("s", RouteForm.Plain, "x") { Lacks = [Other] }], [])).Pass(2);
        var merged = next.Told is null ? file : Ledger.Merge(file, next.Told.Routes, next.Told.Released, MovedConfig);
        var now = merged.Single(r => r.Prefixes.Contains(More));
        Assert.True(lines.Count > 0 || now.Form == RouteForm.Plain, $"lines {lines.Count}; {More} is now {now.Form} in {now.Route}");
    }

    [Fact]
    public void A_prefix_that_moved_with_a_restart_does_not_go_with_the_route_that_it_left()
    {
        var rig = new Rig(Moved(false, rise: 60)).Say(new RouterObserved("edge", [new("r", RouteForm.Withdrawn), new("s", RouteForm.Withdrawn)], [])).Say([.. Rig.Healthy(), .. Rig.Healthy("ns2")]).Pass(100);
        Assert.Equal(RouteState.Announced, rig.Route("r").State);
        Assert.Equal(RouteState.Announced, rig.Route("s").State);
        var file = Ledger.Merge([], rig.Told!.Routes, [], MovedConfig);
        var next = rig.Restarted(Moved(true, rise: 60)).Say(new RouterObserved("edge", [new("r", RouteForm.Plain), new("s", RouteForm.Plain)], [])).Say([.. Rig.Healthy(), .. Rig.Healthy("ns2")]).Pass(30);
        if (next.Told is { } t) file = Ledger.Merge(file, t.Routes, t.Released, MovedConfig);
        // the server that it moved away from is stopped
        next.Say(new ProcessGone("process/ns1", "exit 0")).Pass(1);
        file = Ledger.Merge(file, next.Told!.Routes, [], MovedConfig);
        next.Say(new RouterObserved("edge", [new("r", RouteForm.Withdrawn), new("s", RouteForm.Plain, "x") { Lacks = [More] }], []));
        var now = file.Single(r => r.Prefixes.Contains(More));
        Assert.True(now.Form == RouteForm.Plain, $"{More} is {now.Form} in {now.Route}; s is {next.Route("s").State}; alarms {string.Join(' ', next.Alarms)}");
    }

    [Fact]
    public void Of_somebody_elses_route_what_is_not_there_waits_for_confirm_also_where_it_would_be_admitted()
    {
        var rig = new Rig(Wider()).Say(Partly).Say([.. Rig.Healthy()]).Pass(10);
        Assert.Equal(RouteState.Adopted, rig.Route().State);
        Assert.Empty(rig.Route().Timers);
        Assert.True(rig.Told is null, $"state {rig.Route().State} told {string.Join(' ', Told(rig))}");
    }

    [Fact]
    public void A_confirm_before_the_router_was_read_confirms_nothing_that_it_does_not_say()
    {
        var rig = Announced().Say(Bad).Pass(10);
        var next = rig.Restarted(Wider()).Say(new RouterUnseen("edge", "no such socket")).Say([.. Rig.Healthy()]).Say(Bad);
        var said = next.Machine.ConfirmedBy(new Confirm("p", []), next.Moment);
        next.Say(new Confirm("p", [])).Say(Partly).Pass(1);
        Assert.True(said.Count > 0 || !Told(next).Contains(More), $"said {said.Count}, told {string.Join(' ', Told(next))}");
    }

    [Fact]
    public void What_waits_already_is_no_difference()
    {
        var rig = Announced().Say(Bad).Pass(10);
        var next = rig.Restarted(Wider()).Say([.. Rig.Healthy()]).Say(Bad, Partly).Pass(5);
        Assert.Empty(Rehearsal.Differences(next.Machine, Wider(), next.Moment));
    }

    [Fact]
    public void Somebody_elses_route_in_several_forms_is_left_alone_and_alarmed_until_confirm()
    {
        var rig = new Rig(Wider()) { Obeys = false }.Say(new RouterObserved("edge", [new("r", null, "192.0.2.0/24 plain; 2001:db8::/32 degraded")], [])).Say([.. Rig.Healthy()]).Say(Bad).Pass(1);
        for (var i = 0; i < 20; i++) rig.Pass(60).Say(new ServerSignal("knot/ns1/control", Measure.Answering, 1), new ChannelRead("knot/ns1/control"), new Applied("edge", rig.Told?.Sequence ?? 0, Outcome.Done), new RouterObserved("edge", [new("r", null, "192.0.2.0/24 plain; 2001:db8::/32 degraded")], []));
        Assert.True(rig.Told is null, $"state {rig.Route().State}, {rig.Effects.OfType<RouterIntent>().Count()} tables, routes in the last: {rig.Told?.Routes.Length}, alarms {string.Join(' ', rig.Alarms)}");
        Assert.Contains("unclear/r", rig.Alarms);
        Assert.Equal(["r is ours, and all of it plain"], rig.Machine.ConfirmedBy(new Confirm("p", ["r"]), rig.Moment));
        rig.Say(new Confirm("p", ["r"])).Pass(2);
        Assert.Equal(RouteForm.Plain, Assert.Single(rig.Told!.Routes).Form);
        Assert.DoesNotContain("unclear/r", rig.Alarms);
    }

    [Fact]
    public void What_is_unclear_is_not_made_ours_by_time_nor_by_a_router_that_cannot_be_read()
    {
        var mixed = new RouterObserved("edge", [new("r", null, "192.0.2.0/24 plain; 2001:db8::/32 degraded")], []);
        var rig = new Rig(Wider()).Say(mixed).Say([.. Rig.Healthy()]).Pass(60).Say(new RouterUnseen("edge", "no such socket")).Pass(60);
        Assert.Null(rig.Told);
        Assert.Contains("unclear/r", rig.Alarms);
        Assert.Empty(rig.Route().Timers);
        Assert.Contains("oops confirm r", rig.Route().WouldChange);
        rig.Say(Rig.Router(RouteForm.Plain)).Pass(1);
        Assert.Equal(RouteState.Adopted, rig.Route().State);
        Assert.DoesNotContain("unclear/r", rig.Alarms);
    }

    [Fact]
    public void A_hold_supersedes_a_table_that_is_still_tried()
    {
        var rig = Announced();
        rig.Obeys = false;
        rig.Say(new ProcessGone("process/ns1", "signal 9"));
        var last = rig.Told!;
        Assert.Equal(RouteForm.Withdrawn, last.Routes.Single().Form);
        rig.Say(new Applied("edge", last.Sequence, new Retry("no socket"))).Say(new Hold("root", ["r"], null, "look")).Pass(600);
        Assert.True(rig.Told!.Sequence > last.Sequence, "the table that withdraws r is still the runner's latest");
        Assert.Empty(rig.Told.Routes);
        // That table is not taken either: what was pending comes back by itself all the same.
        rig.Say(new Applied("edge", rig.Told.Sequence, new Retry("its route is held")), new Unhold("root", ["r"])).Pass(1);
        Assert.Equal(RouteForm.Withdrawn, Assert.Single(rig.Told!.Routes).Form);
    }

    [Fact]
    public void An_announcement_that_a_hold_superseded_comes_back_with_its_end()
    {
        var rig = new Rig(Rig.Simple()) { Obeys = false }.Say(Rig.Router()).Say([.. Rig.Healthy()]).Pass(4);
        Assert.Equal(RouteForm.Plain, Assert.Single(rig.Told!.Routes).Form);
        rig.Say(new Applied("edge", rig.Told!.Sequence, new Retry("no socket")), new Hold("root", ["r"], null, "look"));
        Assert.Empty(rig.Told!.Routes);
        // Through the full admission, as whatever comes back after a hold.
        rig.Say(new Applied("edge", rig.Told!.Sequence, Outcome.Done), Rig.Router()).Pass(10).Say(new Unhold("root", ["r"]));
        Assert.Equal(RouteState.Withdrawn, rig.Route().State);
        rig.Pass(2);
        Assert.DoesNotContain(rig.Told!.Routes, r => r.Form == RouteForm.Plain);
        rig.Pass(2);
        Assert.Equal(RouteForm.Plain, Assert.Single(rig.Told!.Routes).Form);
        // Told while it was held, and over with the hold.
        Assert.DoesNotContain("missing/edge", rig.Alarms);
    }

    [Fact]
    public void After_a_restart_somebody_elses_prefix_is_not_taken_for_ours()
    {
        var rig = Kept();
        var next = rig.Restarted(Wider()).Say(new RouterObserved("edge", [new("r", RouteForm.Plain, "exported to up by protocol static6, not by ours")], [])).Say([.. Rig.Healthy()]).Say(Bad).Pass(30);
        Assert.Null(next.Told);
        Assert.Equal([More.ToString()], next.Route().Waiting);
    }

    [Fact]
    public void After_a_restart_with_other_prefixes_what_the_router_has_of_them_is_somebody_elses()
    {
        var policy = Rig.Simple(r => r with { Prefixes = [Other, More] });
        var next = Kept().Restarted(policy).Say(new RouterObserved("edge", [new("r", RouteForm.Plain, "198.51.100.0/24 plain; 2001:db8::/32 withdrawn") { Lacks = [More] }], [P4])).Say([.. Rig.Healthy()]).Pass(30);
        Assert.Equal(RouteState.Adopted, next.Route().State);
        Assert.Contains("adopted/r", next.Alarms);
        Assert.Null(next.Told);
    }

    [Fact]
    public void What_is_somebody_elses_stays_so_over_two_restarts_before_the_router_is_read()
    {
        var policy = Rig.Simple(r => r with { Prefixes = [Other, More] });
        var next = Kept().Restarted(policy).Say([.. Rig.Healthy()]).Say(Bad).Restarted(policy)
            .Say(new RouterObserved("edge", [new("r", RouteForm.Plain, "by static6, not by ours") { Lacks = [More] }], [P4])).Say([.. Rig.Healthy()]).Say(Bad).Pass(30);
        Assert.Equal(RouteState.Adopted, next.Route().State);
        Assert.Null(next.Told);
    }

    [Fact]
    public void What_another_router_announces_is_not_ours_to_it()
    {
        var policy = Wider() is var p ? p with { Routes = [p.Routes[0] with { Via = "edge2" }] } : null!;
        var next = Kept().Restarted(policy).Say(new RouterObserved("edge2", [new("r", RouteForm.Plain, "by static4, not by ours") { Lacks = [More] }], [])).Say([.. Rig.Healthy()]).Say(Bad).Pass(30);
        Assert.Equal(RouteState.Adopted, next.Route().State);
        Assert.Null(next.Told);
    }

    [Fact]
    public void What_was_read_of_other_prefixes_says_nothing_of_a_route_that_was_only_observed()
    {
        var observed = Rig.Simple(r => r with { Mode = Mode.Observe });
        var rig = new Rig(observed).Say(Rig.Router(RouteForm.Plain)).Say([.. Rig.Healthy()]).Pass(10);
        var policy = Rig.Simple(r => r with { Prefixes = [Other] });
        Assert.Empty(Rehearsal.Differences(rig.Machine, policy, rig.Moment));
        var next = rig.Reloaded(policy, obeys: false).Say(new RouterObserved("edge", [new("r", RouteForm.Withdrawn)], [])).Say(Bad).Pass(60);
        Assert.Null(next.Told);
        Assert.Equal(RouteState.Withdrawn, next.Route().State);
    }

    [Fact]
    public void A_prefix_that_left_two_routers_hinders_no_reload()
    {
        var two = Two() is var p ? p with { Routes = [p.Routes[0], p.Routes[1] with { Via = "edge2" }] } : null!;
        var rig = Announced(two).Say(new RouterObserved("edge", [new("r", RouteForm.Plain)], [More]), new RouterObserved("edge2", [new("o", RouteForm.Plain)], [More]));
        Assert.Empty(Rehearsal.Differences(rig.Machine, two, rig.Moment));
    }

    [Fact]
    public void A_prefix_that_has_moved_is_told_when_the_router_was_read_and_not_only_with_a_withdraw()
    {
        var rig = Announced(Moved(false)).Say([.. Rig.Healthy("ns2")]).Pass(4);
        var file = Ledger.Merge([], rig.Told!.Routes, [], MovedConfig);
        var next = rig.Restarted(Moved(true));
        Assert.Null(next.Told);
        next.Say(new RouterObserved("edge", [new("r", RouteForm.Plain), new("s", RouteForm.Plain)], []));
        file = Ledger.Merge(file, Assert.Single(next.Effects.OfType<RouterIntent>()).Routes, [], MovedConfig);
        Assert.Equal(["r Plain 192.0.2.0/24", "s Plain 198.51.100.0/24 2001:db8::/32"], file.Select(r => $"{r.Route} {r.Form} {string.Join(' ', r.Prefixes)}").Order());
    }

    [Fact]
    public void A_last_resort_shows_that_only_a_prefix_is_left_which_a_reason_to_withdraw_holds_back()
    {
        Policy P() => Rig.Simple(r => r with { LastResort = true });
        var rig = Announced(P()).Say(new ProcessGone("process/ns1", "signal 9")).Pass(5).Reloaded(Wider(P()));
        Assert.Equal([More.ToString()], rig.Route().Approved);
        var only = Rig.Simple(r => r with { LastResort = true, Prefixes = [More] });
        Assert.StartsWith("r: 2001:db8::/32 will be announced with it", Assert.Single(Rehearsal.Differences(rig.Machine, only, rig.Moment)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reload_that_leaves_only_a_prefix_that_waits_is_a_difference()
    {
        var waits = Kept().Restarted(Wider()).Say(Partly).Say([.. Rig.Healthy()]).Say(Bad).Pass(5);
        Assert.Equal([More.ToString()], waits.Route().Waiting);
        var only = Rig.Simple(r => r with { Prefixes = [More] });
        Assert.Equal("r: announced -> withdrawn, because found withdrawn at the start; waits for admission", Assert.Single(Rehearsal.Differences(waits.Machine, only, waits.Moment)));
        var next = waits.Reloaded(only, obeys: false).Say(new RouterObserved("edge", [new("r", RouteForm.Withdrawn)], [P4])).Pass(60);
        Assert.All(next.Effects.OfType<RouterIntent>(), i => Assert.Equal(RouteForm.Withdrawn, Assert.Single(i.Routes).Form));
        next.Say([.. Rig.Healthy()]).Pass(4);
        Assert.Equal((RouteForm.Plain, More), (next.Told!.Routes[0].Form, next.Told.Routes[0].Prefixes.Single()));
    }

    [Fact]
    public void An_orphan_of_another_router_is_no_reason_to_announce_unseen()
    {
        var two = Two() is var p ? p with { Routes = [p.Routes[0], p.Routes[1] with { Via = "edge2", Prefixes = [Other] }] } : null!;
        var rig = Announced(two).Say(new RouterObserved("edge2", [new("o", RouteForm.Plain)], [More]));
        Assert.Contains("orphan/edge2", rig.Alarms);
        Assert.Equal("r: 2001:db8::/32 will be announced with it", Assert.Single(Rehearsal.Differences(rig.Machine, Wider(two), rig.Moment)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_prefix_that_a_person_confirmed_under_a_hold_is_announced_after_it_whatever_comes_between(bool restart)
    {
        var rig = Kept().Say(new Hold("root", ["r"], null, "look"));
        var wider = rig.Reloaded(Wider());
        Assert.Equal([More.ToString()], wider.Route().Approved);
        Assert.Empty(Rehearsal.Differences(wider.Machine, Wider(), wider.Moment));
        var next = restart ? wider.Restarted(Wider()).Say(Partly).Say([.. Rig.Healthy()]).Say(Bad) : wider.Reloaded(Wider());
        next.Say(new Unhold("root", ["r"])).Pass(1);
        Assert.Contains(More, Told(next));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_of_ours_differs_among_itself_is_missing_also_where_the_servers_speak_first(bool first)
    {
        var mixed = new RouterObserved("edge", [new("r", null, "192.0.2.0/24 plain; 2001:db8::/32 degraded")], []);
        var next = Kept(Wider()).Restarted(Wider());
        if (first) next.Say(mixed).Say([.. Rig.Healthy()]).Say(Bad);
        else next.Say([.. Rig.Healthy()]).Say(Bad, mixed);
        next.Pass(10);
        Assert.Equal(RouteState.Kept, next.Route().State);
        Assert.Contains("missing/edge", next.Alarms);
        Assert.DoesNotContain("unclear/r", next.Alarms);
        Assert.Contains(More, Told(next));
    }

    [Fact]
    public void A_prefix_that_moves_to_a_held_route_does_not_go_with_the_one_that_it_left()
    {
        var rig = Announced(Moved(false)).Say([.. Rig.Healthy("ns2")]).Pass(4);
        var file = Ledger.Merge([], rig.Told!.Routes, [], MovedConfig);
        rig.Say(new Hold("root", ["s"], null, "look"));
        Assert.Equal("s: 2001:db8::/32 will be announced with it after the hold", Assert.Single(Rehearsal.Differences(rig.Machine, Moved(true), rig.Moment)));
        var next = rig.Reloaded(Moved(true)).Say(new ProcessGone("process/ns1", "exit 0")).Pass(1);
        file = Ledger.Merge(file, next.Told!.Routes, [], MovedConfig);
        Assert.Equal(["r Withdrawn 192.0.2.0/24", "s Plain 2001:db8::/32 198.51.100.0/24"], file.Select(r => $"{r.Route} {r.Form} {string.Join(' ', r.Prefixes)}").Order());
    }

    [Fact]
    public void Under_a_hold_a_reason_to_withdraw_that_stands_is_no_difference()
    {
        Policy P() => Rig.Simple(r => r with { Fall = TimeSpan.FromSeconds(1) });
        var rig = Announced(P()).Say(new Hold("root", ["r"], null, "look"), new ProcessGone("process/ns1", "signal 9")).Pass(60);
        Assert.Empty(Rehearsal.Differences(rig.Machine, P(), rig.Moment));
    }

    [Fact]
    public void A_last_resort_on_its_floor_takes_no_more_prefixes()
    {
        Policy P() => Rig.Simple(r => r with { LastResort = true, WithdrawWhen = [new("server-down"), new("ext")] }, new KindSpec("ext", Kind.External) { Polarity = Polarity.Bad, Proof = true, Class = ConditionClass.Local });
        var rig = Announced(P());
        var next = rig.Restarted(Wider(P())).Say(Partly).Say([.. Rig.Healthy()]).Say(new ExternalClaim("cli", "ext", "ns1", State.Met, Evidence.Proof, TimeSpan.FromHours(2), null)).Pass(30);
        Assert.True(!Told(next).Contains(More), $"{next.Route().State} {next.Route().Because}: told {next.Told!.Routes[0].Form} {string.Join(' ', Told(next))}");
    }
}
