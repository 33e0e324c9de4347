using System.Net;
using Oops.Core;
using Oops.Simulate;
using Xunit;

namespace Oops.Tests.Simulate;

/// <summary>Each rule can be broken: a machine that did what these effects say would be caught.</summary>
public sealed class GuardTests
{
    const string Header = "server ns1 zones a b\nsource process ns1\nsource knot ns1\ncondition rumour external\nroute r 192.0.2.0/24 rise 10s fall 5s budget 1 per 10m graceful 0s\nannounce-when r server-running";

    static readonly ServerSignal Answers = new("knot/ns1/control", Measure.Answering, 1);

    readonly RouterModel router = new("edge");
    readonly Guard guard;
    double seconds;
    At start;

    public GuardTests()
    {
        guard = Of(Header);
    }

    [Fact]
    public void A_withdraw_needs_a_proof()
    {
        Announce();
        Assert.Equal("withdrawn without a proof", After(100, new ServerSignal("knot/ns1/control", Measure.Answering, Signal.Absent, Evidence.Suspicion), Told(RouteForm.Withdrawn)));
    }

    [Theory]
    [InlineData(true, "withdrawn without a proof")]
    [InlineData(false, null)]
    public void What_is_still_to_come_is_taken_away_and_what_a_newer_table_has_not_got_is_not(bool comes, string? broken)
    {
        Announce();
        // It has refused what it was told; a hold has put a table without the route in its place, or not.
        router.Has("r", RouteForm.Withdrawn);
        router.Pending = comes ? Told(RouteForm.Plain) : Told(RouteForm.Plain) with { Routes = [] };
        Assert.Equal(broken, After(100, Tick.Instance, Told(RouteForm.Withdrawn)));
    }

    [Fact]
    public void A_proof_has_to_last_for_its_fall()
    {
        Announce();
        Assert.Null(After(100, new ProcessGone("process/ns1", "signal 9")));
        Assert.Equal("withdrawn before its fall", After(4, Tick.Instance, Told(RouteForm.Withdrawn)));
    }

    [Fact]
    public void A_proof_that_lasted_is_enough()
    {
        Announce();
        Assert.Null(After(100, new ProcessGone("process/ns1", "signal 9")));
        Assert.Null(After(5, Tick.Instance, Told(RouteForm.Withdrawn)));
    }

    [Fact]
    public void What_is_dead_may_not_stay_longer_than_its_fall()
    {
        Announce();
        Assert.Null(After(100, new ProcessGone("process/ns1", "signal 9")));
        Assert.Equal("announced longer than its fall though its servers are gone", After(5, Tick.Instance));
    }

    [Fact]
    public void A_last_resort_stays()
    {
        var last = Of(Header.Replace("graceful 0s", "graceful 0s last-resort", StringComparison.Ordinal));
        router.Has("r", RouteForm.Plain);
        last.Heard(At(20), new RouterObserved("edge", [new("r", RouteForm.Plain)], []), [], late: false);
        last.Heard(At(30), new ProcessGone("process/ns1", "signal 9"), [], late: false);
        last.Heard(At(40), Tick.Instance, [Told(RouteForm.Withdrawn)], late: false);
        Assert.Equal("a last resort, withdrawn on its own", last.Broken[0].Rule);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, "announced more often than its budget allows")]
    public void What_nobody_heard_is_no_announcement_and_another_is_one(long from, string? broken)
    {
        Announce();
        Assert.Null(Again(new Applied("edge", 1, Outcome.Done)));
        Assert.Equal(broken, Again(new Applied("edge", 1, Outcome.Done with { Unheard = [new("r", from)] })));

        string? Again(Input applied)
        {
            Assert.Null(After(10, new ProcessGone("process/ns1", "signal 9")));
            Assert.Null(After(5, Tick.Instance, Told(RouteForm.Withdrawn)));
            Assert.Null(After(0, applied));
            Assert.Null(After(1, new ProcessStarted("process/ns1", (int)seconds, 0)));
            Assert.Null(After(0, Answers));
            return After(60, Tick.Instance, Told(RouteForm.Plain));
        }
    }

    [Fact]
    public void Only_so_many_announcements_are_allowed()
    {
        Announce();
        Assert.Null(Again());
        Assert.Equal("announced more often than its budget allows", Again());

        string? Again()
        {
            Assert.Null(After(10, new ProcessGone("process/ns1", "signal 9")));
            Assert.Null(After(5, Tick.Instance, Told(RouteForm.Withdrawn)));
            Assert.Null(After(1, new ProcessStarted("process/ns1", (int)seconds, 0)));
            Assert.Null(After(0, Answers));
            return After(60, Tick.Instance, Told(RouteForm.Plain));
        }
    }

    [Fact]
    public void A_process_that_came_back_and_has_not_answered_is_still_dead()
    {
        Announce();
        Assert.Null(After(100, new ProcessGone("process/ns1", "signal 9")));
        Assert.Null(After(1, new ProcessStarted("process/ns1", 2, Ticks(1))));
        Assert.Equal("announced longer than its fall though its servers are gone", After(4, Tick.Instance));
    }

    [Fact]
    public void What_answered_in_a_pause_of_ours_and_died_again_is_dead_only_since_then()
    {
        Announce();
        Assert.Null(After(100, new ProcessGone("process/ns1", "signal 9")));
        seconds += 4;
        guard.Heard(At(seconds), new ProcessStarted("process/ns1", 2, Ticks(0)), [], late: true);
        guard.Heard(At(seconds), Answers, [], late: true);
        guard.Heard(At(seconds), new ProcessGone("process/ns1", "signal 9"), [], late: true);
        Assert.Null(After(4, Tick.Instance));
        Assert.Equal("announced longer than its fall though its servers are gone", After(5, Tick.Instance));
    }

    [Fact]
    public void A_process_that_came_back_and_answers_is_not_dead()
    {
        Announce();
        Assert.Null(After(100, new ProcessGone("process/ns1", "signal 9")));
        Assert.Null(After(1, new ProcessStarted("process/ns1", 2, Ticks(1))));
        Assert.Null(After(1, Answers));
        Assert.Null(After(60, Tick.Instance));
    }

    [Fact]
    public void A_new_process_is_no_reason_to_announce_before_it_answers()
    {
        Announce();
        Assert.Null(After(10, new ProcessGone("process/ns1", "signal 9")));
        Assert.Null(After(5, Tick.Instance, Told(RouteForm.Withdrawn)));
        Assert.Null(After(600, new ProcessStarted("process/ns1", 2, Ticks(600))));
        Assert.Equal("announced though it would not be admitted", After(60, Tick.Instance, Told(RouteForm.Plain)));
    }

    [Fact]
    public void An_answer_that_nobody_renewed_is_no_reason_to_announce()
    {
        Assert.Null(After(0, new RouterObserved("edge", [new("r", RouteForm.Withdrawn)], [])));
        Assert.Null(After(0, new ProcessStarted("process/ns1", 1, 0)));
        Assert.Null(After(0, Answers));
        Assert.Equal("announced though it would not be admitted", After(181, Tick.Instance, Told(RouteForm.Plain)));
    }

    [Fact]
    public void What_was_unknown_for_a_moment_has_to_last_for_its_rise_again()
    {
        Assert.Null(After(0, new RouterObserved("edge", [new("r", RouteForm.Withdrawn)], [])));
        Assert.Null(After(0, new ProcessStarted("process/ns1", 1, 0)));
        Assert.Null(After(0, Answers));
        Assert.Null(After(9, new ChannelLost("knot/ns1/control", "timeout")));
        Assert.Null(After(0, Answers));
        Assert.Equal("announced before its rise", After(9, Tick.Instance, Told(RouteForm.Plain)));
    }

    [Fact]
    public void A_zone_that_nobody_has_is_no_reason_to_announce()
    {
        var all = Of(Header + "\nannounce-when r all-zones-ready");
        all.Heard(At(0), new RouterObserved("edge", [new("r", RouteForm.Withdrawn)], []), [], late: false);
        all.Heard(At(0), new ProcessStarted("process/ns1", 1, 0), [], late: false);
        all.Heard(At(0), Answers, [], late: false);
        all.Heard(At(0), new ZoneSignal("knot/ns1/control", "a", Measure.Serial, 1), [], late: false);
        all.Heard(At(10), Tick.Instance, [Told(RouteForm.Plain)], late: false);
        Assert.Equal("announced though it would not be admitted", Assert.Single(all.Broken).Rule);
    }

    [Fact]
    public void A_withdraw_that_is_missing_is_said_again()
    {
        Announce();
        Ignored();
        Assert.Null(After(65, Tick.Instance));
        Assert.Equal("a missing withdraw was not said again", After(1, Tick.Instance));
    }

    [Fact]
    public void Under_a_hold_nothing_is_missing_and_after_it_all_is()
    {
        Announce();
        Ignored();
        Assert.Null(After(1, new Hold("anna", [], null, "")));
        Assert.Null(After(100, new Unhold("anna", [])));
        Assert.Null(After(65, Tick.Instance));
        Assert.Equal("a missing withdraw was not said again", After(1, Tick.Instance));
    }

    [Theory]
    [InlineData(4, "withdrawn before its fall")]
    [InlineData(5, null)]
    public void An_override_stands_over_a_restart_and_so_does_its_fall(int after, string? broken)
    {
        Announce();
        Assert.Null(After(1, new Override("anna", "server-down", "ns1", null, State.Met, TimeSpan.FromHours(1), "")));
        Begin(Beginning.Restart);
        Assert.Null(After(0.1, new RouterObserved("edge", [new("r", RouteForm.Plain)], [])));
        Assert.Equal(broken, After(after - 0.1, Tick.Instance, Told(RouteForm.Withdrawn)));
    }

    [Fact]
    public void A_drain_of_a_server_that_others_cover_is_none_of_the_route()
    {
        var two = Two();
        two.Heard(At(1), new Drain("anna", [], "ns1", TimeSpan.FromHours(1), UntilStarted: false, Force: false), [], late: false);
        two.Heard(At(2), Tick.Instance, [Told(RouteForm.Draining)], late: false);
        Assert.Contains(two.Broken, b => b.Rule == "draining, and no person asked for it");
    }

    [Fact]
    public void A_drain_of_a_server_that_nobody_covers_is_one_of_the_route()
    {
        var two = Two();
        two.Heard(At(1), new ProcessGone("process/ns2", "signal 9"), [], late: false);
        two.Heard(At(2), new Drain("anna", [], "ns1", TimeSpan.FromHours(1), UntilStarted: false, Force: false), [], late: false);
        two.Heard(At(3), Tick.Instance, [Told(RouteForm.Draining)], late: false);
        Assert.Empty(two.Broken);
    }

    [Fact]
    public void A_drain_of_a_server_that_others_cover_ends_no_drain_of_the_route()
    {
        var two = Two();
        two.Heard(At(1), new Drain("anna", [], null, TimeSpan.FromSeconds(600), UntilStarted: false, Force: false), [Told(RouteForm.Draining)], late: false);
        two.Heard(At(2), new Drain("anna", [], "ns1", TimeSpan.FromSeconds(20), UntilStarted: false, Force: false), [], late: false);
        two.Heard(At(61), Tick.Instance, [Told(RouteForm.Withdrawn)], late: false);
        Assert.Empty(two.Broken);
    }

    [Theory]
    [InlineData(4, null)]
    [InlineData(6, "withdrawn without a proof")]
    public void A_claim_is_a_proof_for_as_long_as_it_is_valid(int after, string? broken)
    {
        var ill = Of(Header.Replace("fall 5s", "fall 0s", StringComparison.Ordinal) + "\ncondition ill external polarity bad proof\nwithdraw-when r ill");
        router.Has("r", RouteForm.Plain);
        ill.Heard(At(0), new RouterObserved("edge", [new("r", RouteForm.Plain)], []), [], late: false);
        ill.Heard(At(100), new ExternalClaim("check/1", "ill", "ns1", State.Met, Evidence.Proof, TimeSpan.FromSeconds(5), null), [], late: false);
        ill.Heard(At(100 + after), Tick.Instance, [Told(RouteForm.Withdrawn)], late: false);
        Assert.Equal(broken, ill.Broken.Select(b => b.Rule).FirstOrDefault());
    }

    [Theory]
    [InlineData(false, "changed, and nobody confirmed that it is ours")]
    [InlineData(true, null)]
    public void What_was_found_stays_as_it_is_until_a_person_confirms_it(bool confirmed, string? broken)
    {
        router.Has("r", RouteForm.Degraded);
        Assert.Null(After(0, new RouterObserved("edge", [new("r", RouteForm.Degraded)], [])));
        Assert.Null(After(0, new ProcessStarted("process/ns1", 1, 0)));
        if (confirmed) Assert.Null(After(1, new Confirm("anna", [])));
        Assert.Equal(broken, After(20, Tick.Instance, Told(RouteForm.Plain)));
    }

    [Fact]
    public void What_was_decided_before_the_router_was_read_is_ours()
    {
        router.Has("r", RouteForm.Plain);
        Assert.Null(After(0, new ProcessStarted("process/ns1", 1, 0)));
        Assert.Null(After(0, Answers));
        Assert.Null(After(10, Tick.Instance, Told(RouteForm.Plain)));
        Assert.Null(After(20, Tick.Instance, Told(RouteForm.Degraded)));
    }

    [Fact]
    public void A_start_changes_nothing()
    {
        Announce();
        Begin(Beginning.Restart);
        Assert.Null(After(1, new RouterObserved("edge", [new("r", RouteForm.Plain)], [])));
        Assert.Equal("changed at the start, before anything was known", After(20, Tick.Instance, Told(RouteForm.Degraded)));
    }

    [Theory]
    [InlineData(false, RouteForm.Plain, null)]
    [InlineData(false, RouteForm.Withdrawn, "changed at the start, before anything was known")]
    [InlineData(true, RouteForm.Plain, "changed, and nobody confirmed that it is ours")]
    public void What_was_asked_before_a_restart_is_asked_again_and_nothing_else(bool reboot, RouteForm form, string? broken)
    {
        Announce();
        // What it was asked for has not come about, or has been undone since.
        router.Has("r", RouteForm.Degraded);
        Begin(reboot ? Beginning.Reboot : Beginning.Restart);
        Assert.Null(After(1, new RouterObserved("edge", [new("r", RouteForm.Degraded)], [])));
        Assert.Equal(broken, After(20, Tick.Instance, Told(form)));
    }

    [Fact]
    public void A_reload_that_nobody_confirmed_changes_nothing()
    {
        Announce();
        Begin(Beginning.Reload);
        Assert.Equal("changed by a reload that nobody confirmed", After(0, new ChannelOpened("process/ns1"), Told(RouteForm.Degraded)));
    }

    [Fact]
    public void What_is_held_stays()
    {
        Announce();
        Assert.Null(After(1, new Hold("anna", [], null, "")));
        Assert.Equal("held, and changed", After(1, Tick.Instance, Told(RouteForm.Degraded)));
    }

    [Fact]
    public void Every_decision_has_a_because()
    {
        Announce();
        Assert.Equal("a decision without a because", After(1, Tick.Instance, new RouteChanged("r", RouteState.Announced, RouteState.Kept, Shadow: false, "")));
    }

    void Announce()
    {
        Assert.Null(After(0, new RouterObserved("edge", [new("r", RouteForm.Withdrawn)], [])));
        Assert.Null(After(0, new ProcessStarted("process/ns1", 1, 0)));
        Assert.Null(After(0, Answers));
        Assert.Null(After(10, Tick.Instance, Told(RouteForm.Plain)));
    }

    /// <summary>Its server is gone, it is withdrawn, and its router still has it.</summary>
    void Ignored()
    {
        Assert.Null(After(100, new ProcessGone("process/ns1", "signal 9")));
        Assert.Null(After(5, Tick.Instance, Told(RouteForm.Withdrawn)));
        Assert.Null(After(1, Tick.Instance));
        router.Has("r", RouteForm.Plain);
        Assert.Null(After(1, Tick.Instance));
    }

    /// <summary>One of two servers is enough.</summary>
    Guard Two()
    {
        var two = Of("server ns1 zones a\nserver ns2 zones a\nsource process ns1\nsource process ns2\nroute r 192.0.2.0/24 servers ns1 ns2 need 1 rise 10s fall 5s graceful 60s\nannounce-when r server-running");
        router.Has("r", RouteForm.Plain);
        two.Heard(At(0), new RouterObserved("edge", [new("r", RouteForm.Plain)], []), [], late: false);
        two.Heard(At(0), new ProcessStarted("process/ns1", 1, 0), [], late: false);
        two.Heard(At(0), new ProcessStarted("process/ns2", 2, 0), [], late: false);
        return two;
    }

    void Begin(Beginning how) => guard.Begin(Scenario.Read("x.scn", Header + "\nat 0s restart").Policy, how, At(seconds));

    /// <summary>When it began that is heard of after so long.</summary>
    long Ticks(double span) => At(seconds + span).Ticks / (TimeSpan.TicksPerSecond / 100);

    /// <summary>The first rule that is broken then; null: none.</summary>
    string? After(double span, Input input, params Effect[] effects)
    {
        seconds += span;
        guard.Broken.Clear();
        guard.Heard(At(seconds), input, effects, late: false);
        foreach (var intent in effects.OfType<RouterIntent>()) router.Take(intent);
        return guard.Broken.Count > 0 ? guard.Broken[0].Rule : null;
    }

    Guard Of(string header)
    {
        start = new At(TimeSpan.FromDays(1).Ticks);
        return new(Scenario.Read("x.scn", header + "\nat 0s restart").Policy, _ => router, start);
    }

    At At(double span) => start + TimeSpan.FromSeconds(span);

    static RouterIntent Told(RouteForm form) => new("edge", 1, "because", [new("r", [IPNetwork.Parse("192.0.2.0/24")], form, new(Prepend: 3))]);
}
