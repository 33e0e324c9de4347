using System.Net;
using Oops.Core;
using Oops.Simulate;
using Xunit;

namespace Oops.Tests.Simulate;

/// <summary>Each rule can be broken: a machine that did what these effects say would be caught.</summary>
public sealed class GuardTests
{
    const string Header = "server ns1 zones a b\nsource process ns1\nsource knot ns1\ncondition rumour external\nroute r 192.0.2.0/24 rise 10s fall 5s budget 1 per 10m graceful 0s";

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
        var last = Of(Header + " last-resort");
        router.Has("r", RouteForm.Plain);
        last.Heard(At(20), new RouterObserved("edge", [new("r", RouteForm.Plain)], []), [], late: false);
        last.Heard(At(30), new ProcessGone("process/ns1", "signal 9"), [], late: false);
        last.Heard(At(40), Tick.Instance, [Told(RouteForm.Withdrawn)], late: false);
        Assert.Equal("a last resort, withdrawn on its own", last.Broken[0].Rule);
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
            return After(60, Tick.Instance, Told(RouteForm.Plain));
        }
    }

    [Fact]
    public void A_start_changes_nothing()
    {
        Announce();
        guard.Begin(Scenario.Read("x.scn", Header + "\nat 0s restart").Policy, Beginning.Restart, At(seconds));
        Assert.Null(After(1, new RouterObserved("edge", [new("r", RouteForm.Plain)], [])));
        Assert.Equal("changed at the start, before anything was known", After(20, Tick.Instance, Told(RouteForm.Degraded)));
    }

    [Fact]
    public void A_reload_that_nobody_confirmed_changes_nothing()
    {
        Announce();
        guard.Begin(Scenario.Read("x.scn", Header + "\nat 0s restart").Policy, Beginning.Reload, At(seconds));
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
        Assert.Null(After(10, Tick.Instance, Told(RouteForm.Plain)));
    }

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
