using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

public sealed class RouteTests
{
    [Fact]
    public void A_healthy_server_is_announced_after_rise()
    {
        var rig = new Rig(Rig.Simple()).Say(Rig.Router()).Say([.. Rig.Healthy()]);
        rig.Pass(2.9);
        Assert.Equal(RouteState.Withdrawn, rig.Route().State);
        rig.Pass(0.3);
        Assert.Equal(RouteState.Announced, rig.Route().State);
        Assert.Equal(RouteForm.Plain, Assert.Single(rig.Told!.Routes).Form);
    }

    [Fact]
    public void A_crash_withdraws_in_the_same_step()
    {
        var rig = Announced();
        rig.Say(new ProcessGone("process/ns1", "signal 9"));
        Assert.Equal(RouteForm.Withdrawn, Assert.Single(rig.Told!.Routes).Form);
        Assert.Contains("signal 9", rig.Route().Because, StringComparison.Ordinal);
        Assert.Equal(State.Met, rig.Condition("server-crashed").State);
    }

    [Fact]
    public void A_new_incarnation_is_admitted_after_an_answer_and_a_full_rise()
    {
        var rig = Announced();
        rig.Say(new ProcessGone("process/ns1", "signal 9")).Pass(5);
        rig.Say(new ProcessStarted("process/ns1", 11, 2000_00)).Pass(10);
        Assert.Equal(State.Met, rig.Condition("server-down").State);
        Assert.Equal(RouteState.Withdrawn, rig.Route().State);
        rig.Say(new ServerSignal("knot/ns1/control", Measure.Answering, 1), new ZoneSignal("knot/ns1/control", "a", Measure.Serial, 1), new ZoneSignal("knot/ns1/control", "b", Measure.Serial, 1));
        rig.Pass(2.9);
        Assert.Equal(RouteState.Withdrawn, rig.Route().State);
        rig.Pass(0.3);
        Assert.Equal(RouteState.Announced, rig.Route().State);
    }

    [Fact]
    public void A_lost_witness_moves_nothing_but_is_shown_as_kept()
    {
        var rig = Announced();
        rig.Say(new ChannelLost("knot/ns1/control", "connection refused")).Pass(60);
        Assert.Equal(RouteState.Kept, rig.Route().State);
        Assert.Equal(RouteForm.Plain, rig.Route().Wanted);
        rig.Pass(300);
        Assert.Contains("kept/r", rig.Alarms);
    }

    [Fact]
    public void The_alarm_of_a_kept_route_says_what_is_missing_when_it_is_read_or_repeated()
    {
        var rig = Announced();
        rig.Say(new ChannelLost("knot/ns1/control", "connection refused")).Pass(400);
        Assert.Contains("unknown, first a", Text(), StringComparison.Ordinal);
        var said = Said(AlarmPhase.Raised);
        Assert.Contains("unknown, first a", said, StringComparison.Ordinal);
        rig.Say(new ZoneSignal("knot/ns1/control", "b", Measure.Serial, Signal.Absent), new ChannelRead("knot/ns1/control"));
        Assert.Contains("1 missing, first b", Text(), StringComparison.Ordinal);
        for (var hours = 0; hours < 24; hours++)
        {
            // Renewed before it ends.
            for (var i = 0; i < 30; i++) rig.Pass(120).Say(new ServerSignal("knot/ns1/control", Measure.Answering, 1), new ChannelRead("knot/ns1/control"));
        }
        Assert.Contains("1 missing, first b", Said(AlarmPhase.Repeated), StringComparison.Ordinal);

        string Text() => rig.Machine.Status(rig.Moment).Alarms.Single(a => a.Id == "kept/r").Text;
        string Said(AlarmPhase phase) => rig.Effects.OfType<AlarmChanged>().Single(a => a.Id == "kept/r" && a.Phase == phase).Text;
    }

    [Fact]
    public void Claims_that_nobody_renews_end_after_their_validity()
    {
        var rig = Announced();
        rig.Pass(170);
        Assert.Equal(State.Met, rig.Condition("zone-ready", zone: "a").State);
        rig.Pass(10);
        Assert.Equal(State.Unknown, rig.Condition("zone-ready", zone: "a").State);
        Assert.Equal(RouteState.Kept, rig.Route().State);
    }

    [Fact]
    public void An_expired_zone_withdraws_only_if_its_primary_still_has_it()
    {
        var policy = Rig.Simple(r => r with { WithdrawWhen = [new("expired") { Zones = new(["a"]) }] }, new KindSpec("expired", Kind.ZoneExpiring));
        var reference = new ChannelSpec("probe/ns1/primary", "ns1", Standing.Reference, [Measure.Serial], TimeSpan.FromSeconds(30));
        var rig = new Rig(policy with { Channels = policy.Channels.Add(reference) }).Say(Rig.Router()).Say([.. Rig.Healthy()]).Pass(4);
        Assert.Equal(RouteState.Announced, rig.Route().State);
        rig.Say(new ZoneSignal("knot/ns1/control", "a", Measure.Expiry, 5)).Pass(6);
        Assert.Equal(State.Met, rig.Condition("expired", zone: "a").State);
        Assert.NotEqual(RouteState.Withdrawn, rig.Route().State);
        rig.Say(new ZoneSignal("probe/ns1/primary", "a", Measure.Serial, 1));
        Assert.Equal(RouteState.Withdrawn, rig.Route().State);
    }

    [Fact]
    public void What_the_router_announces_at_the_start_is_adopted_and_kept()
    {
        var rig = new Rig(Rig.Simple()).Say(Rig.Router(RouteForm.Plain)).Pass(30);
        Assert.Equal(RouteState.Adopted, rig.Route().State);
        Assert.Null(rig.Told);
        rig.Say(new Confirm("root", []));
        Assert.Equal(RouteState.Kept, rig.Route().State);
        rig.Say(new ProcessGone("process/ns1", "no process"));
        Assert.Equal(RouteForm.Withdrawn, Assert.Single(rig.Told!.Routes).Form);
    }

    [Fact]
    public void A_drain_goes_through_graceful_shutdown_and_ends_with_a_full_admission()
    {
        var rig = Announced(r => r with { Graceful = TimeSpan.FromSeconds(5) });
        rig.Say(new Drain("root", [], null, TimeSpan.FromHours(1), UntilStarted: false, Force: false));
        Assert.Equal(RouteForm.Draining, rig.Told!.Routes[0].Form);
        rig.Pass(5.1);
        Assert.Equal(RouteForm.Withdrawn, rig.Told!.Routes[0].Form);
        Assert.False(rig.Route().Drained);
        Assert.StartsWith("drained by root: off the router, lingers for ", rig.Route().Person, StringComparison.Ordinal);
        rig.Pass(1.8);
        Assert.False(rig.Route().Drained);
        rig.Pass(0.3);
        Assert.True(rig.Route().Drained);
        rig.Pass(60).Say(new Undrain("root", [])).Pass(3.1);
        Assert.Equal(RouteState.Announced, rig.Route().State);
    }

    [Fact]
    public void A_lost_channel_takes_its_claims_from_the_counts_and_gives_them_back()
    {
        var rig = Announced();
        rig.Say(new ChannelLost("knot/ns1/control", "gone"));
        Assert.Equal((0, 0, 2), Counts(rig));
        rig.Say(new ZoneSignal("knot/ns1/control", "a", Measure.Serial, 1));
        Assert.Equal((1, 0, 1), Counts(rig));
        rig.Say(new ZoneSignal("knot/ns1/control", "b", Measure.Serial, Signal.Absent));
        Assert.Equal((1, 1, 0), Counts(rig));

        static (int, int, int) Counts(Rig rig) => rig.Condition("all-zones-ready").Counts is { } c ? (c.Met, c.NotMet, c.Unknown) : default;
    }

    [Fact]
    public void Levels_carried_into_a_new_machine_give_the_same_beliefs()
    {
        var next = Announced().Reloaded(Rig.Simple());
        Assert.Equal(RouteState.Announced, next.Route().State);
        Assert.Null(next.Told);
    }

    static Rig Announced(Func<RouteSpec, RouteSpec>? route = null)
    {
        var rig = new Rig(Rig.Simple(route)).Say(Rig.Router()).Say([.. Rig.Healthy()]).Pass(4);
        Assert.Equal(RouteState.Announced, rig.Route().State);
        return rig;
    }

    const string Static1 = "192.0.2.0/24 also comes from protocol static1";

    [Fact]
    public void What_somebody_else_announces_too_is_named_by_the_alarm_and_by_confirm_and_ours_goes_beneath_it()
    {
        var rig = new Rig(Rig.Simple()).Say(new RouterObserved("edge", [new("r", RouteForm.Plain, "exported to up by protocol static1, not by ours") { Others = Static1 }], []));
        const string Shared = Static1 + "; while it does, a withdraw of ours takes nothing off the wire: take it out";
        Assert.Equal(Shared, rig.Route().Shared);
        Assert.Superset(new HashSet<string> { "adopted/r", "shared/r" }, rig.Alarms.ToHashSet());
        Assert.Equal(["r is ours; but " + Shared], rig.Machine.ConfirmedBy(new("me", ["r"]), rig.Moment));
        Assert.Null(rig.Told);
        rig.Obeys = false;
        rig.Say(new Confirm("me", ["r"]));
        Assert.Equal(RouteForm.Plain, Assert.Single(rig.Told!.Routes).Form);

        rig.Say(new Applied("edge", rig.Told.Sequence, Outcome.Done), new RouterObserved("edge", [new("r", RouteForm.Plain, "exported to up") { Others = "192.0.2.0/24 also comes from protocol static2" }], []));
        Assert.Equal("route r: 192.0.2.0/24 also comes from protocol static2; while it does, a withdraw of ours takes nothing off the wire: take it out", Text(rig, "shared/r"));
        rig.Say(Rig.Router(RouteForm.Plain));
        Assert.DoesNotContain("shared/r", rig.Alarms);
        Assert.Null(rig.Route().Shared);
    }

    [Fact]
    public void What_is_only_observed_and_somebody_elses_is_shown_and_no_alarm()
    {
        var rig = new Rig(Rig.Simple(r => r with { Mode = Mode.Observe })).Say(Rig.Router(RouteForm.Plain)).Say(new RouterObserved("edge", [new("r", RouteForm.Plain) { Others = Static1 }], []));
        Assert.StartsWith(Static1, rig.Route().Shared, StringComparison.Ordinal);
        Assert.DoesNotContain("shared/r", rig.Alarms);
    }

    [Fact]
    public void The_alarms_of_a_router_say_which_routes_what_was_asked_what_it_shows_and_what_is_done_next()
    {
        var rig = Announced();
        rig.Obeys = false;
        rig.Say(new ProcessGone("process/ns1", "signal 9"));
        rig.Pass(1).Say(new Applied("edge", rig.Told!.Sequence, new Retry("bird: protocol oops_r_plain4 is not there")));
        Assert.Equal("edge did not take, or not all of, what it was told 1s ago (r (192.0.2.0/24): asked for withdrawn, it shows announced): bird: protocol oops_r_plain4 is not there; it is tried again", Text(rig, "effect/edge"));
        rig.Say(new Applied("edge", rig.Told!.Sequence, new Failed("no")));
        Assert.EndsWith(": no; it is told again when something else is wanted, or what it shows is not what was asked", Text(rig, "effect/edge"), StringComparison.Ordinal);

        rig.Say(new Applied("edge", rig.Told!.Sequence, Outcome.Done), new RouterObserved("edge", [new("r", RouteForm.Plain, "exported to up by protocol static1, not by ours")], []));
        rig.Pass(2);
        Assert.Equal("edge does not show what was asked of it: r (192.0.2.0/24): asked for withdrawn, it shows announced (exported to up by protocol static1, not by ours), for 3s; it is told again until it takes it", Text(rig, "missing/edge"));
        // The same alarm, as it is by now.
        rig.Pass(10).Say(new Applied("edge", rig.Told!.Sequence, Outcome.Done));
        Assert.Contains(", for 13s; it is told again in ", Text(rig, "missing/edge"), StringComparison.Ordinal);
        Assert.Single(rig.Effects, e => e is AlarmChanged { Id: "missing/edge" });
    }

    [Fact]
    public void A_reading_does_not_take_away_why_a_router_did_not_obey()
    {
        var rig = Announced();
        rig.Obeys = false;
        rig.Say(new ProcessGone("process/ns1", "signal 9"));
        rig.Pass(1).Say(new Applied("edge", rig.Told!.Sequence, new Retry("bird: protocol oops_r_plain4 is not there")), new RouterObserved("edge", [new("r", RouteForm.Withdrawn, "not exported")], []));
        Assert.Equal("edge did not take, or not all of, what it was told 1s ago (r (192.0.2.0/24): asked for withdrawn, it shows withdrawn (not exported)): bird: protocol oops_r_plain4 is not there; it is tried again", Text(rig, "effect/edge"));
        Assert.Null(rig.Route().RouterWhy);
        rig.Say(new Applied("edge", rig.Told!.Sequence, new Failed("")), Rig.Router(RouteForm.Plain));
        Assert.Contains(": it gave no reason; it is told again when", Text(rig, "effect/edge"), StringComparison.Ordinal);
        Assert.Equal("it gave no reason", rig.Route().RouterWhy);
    }

    static string Text(Rig rig, string alarm) => rig.Machine.Status(rig.Moment).Alarms.Single(a => a.Id == alarm).Text;

    [Fact]
    public void A_router_that_shows_only_some_of_the_prefixes_is_told_again_and_alarmed()
    {
        var rig = new Rig(Rig.Simple()).Say(Rig.Router()).Say([.. Rig.Healthy()]).Pass(4);
        var told = rig.Told!;
        rig.Obeys = false;
        rig.Say(new RouterObserved("edge", [new("r", null, "2001:db8::/32 withdrawn")], []));
        Assert.DoesNotContain("missing/edge", rig.Alarms);
        rig.Pass(2);
        Assert.True(rig.Told!.Sequence > told.Sequence);
        Assert.Contains("missing/edge", rig.Alarms);
        rig.Say(Rig.Router(RouteForm.Plain));
        Assert.DoesNotContain("missing/edge", rig.Alarms);
    }

    [Fact]
    public void Each_claim_on_a_zone_says_how_long_it_is_still_valid()
    {
        var rig = new Rig(Rig.Simple()).Say(Rig.Router()).Say([.. Rig.Healthy()]);
        TimeSpan left() => rig.Condition("zone-ready", "ns1", "a").Claims.Single(c => c.Channel == "knot/ns1/control").ValidFor!.Value;
        var before = left();
        Assert.InRange(before.TotalSeconds, 1, 3600);
        rig.Pass(0.5);
        Assert.Equal(0.5, (before - left()).TotalSeconds, 0.11);
        rig.Say(new ChannelRead("knot/ns1/control"));
        Assert.Equal(before.TotalSeconds, left().TotalSeconds, 0.11);
    }
}
