using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>What a machine hands on to the next one, at a reload or a restart.</summary>
public sealed class SuccessorTests
{
    [Fact]
    public void A_successors_intents_are_newer_than_what_was_done()
    {
        var rig = Announced();
        var next = Successor(rig);
        next.Say(new ProcessGone("process/ns1", "signal 9"));
        Assert.True(next.Told!.Sequence > rig.Told!.Sequence);
        Assert.Equal(RouteForm.Withdrawn, Assert.Single(next.Told.Routes).Form);
    }

    [Fact]
    public void The_break_glass_file_is_handed_on_as_a_level_and_never_remembered()
    {
        var rig = Announced().Say(new BreakGlass(true, "/run/oops/hold"));
        Assert.Contains("break-glass", Successor(rig).Alarms);
        var restarted = new Rig(Rig.Simple());
        restarted.Machine.Restore(rig.Machine.Snapshot(rig.Moment), rig.Moment, sameBoot: false);
        restarted.Say(Rig.Router(RouteForm.Plain), new ProcessGone("process/ns1", "no process"));
        Assert.Equal(RouteState.Withdrawn, restarted.Route().State);
    }

    [Fact]
    public void A_clock_that_is_not_trusted_is_not_trusted_by_the_successor()
    {
        var rig = Announced().Say(new ClockTrust(false, "nothing synchronises it"));
        Assert.Contains("clock", Successor(rig).Alarms);
    }

    [Fact]
    public void Why_a_channel_is_silent_is_handed_on()
    {
        var rig = Announced().Say(new ChannelLost("knot/ns1/bus", "d-bus: no such socket"));
        Assert.Contains("d-bus: no such socket", Successor(rig).Machine.Status(rig.Moment).Channels.Single(c => c.Name == "knot/ns1/bus").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_stands_has_stood_since_before_the_reload()
    {
        var rig = Announced().Say(new Hold("root", [], null, "")).Pass(100);
        var (since, hold) = (rig.Route().Since, rig.Machine.Status(rig.Moment).Alarms.Single(a => a.Id == "hold").Since);
        var next = Successor(rig);
        Assert.Equal((RouteState.Announced, since), (next.Route().State, next.Route().Since));
        Assert.Equal(hold, next.Machine.Status(rig.Moment).Alarms.Single(a => a.Id == "hold").Since);
        Assert.DoesNotContain(next.Effects, e => e is AlarmChanged);
        Assert.Equal(since, Successor(next).Route().Since);
    }

    [Fact]
    public void A_session_that_an_action_has_lost_is_alarmed_until_it_stands_again_whatever_its_commands_do()
    {
        var rig = Announced().Say(new Applied("tell-ops", 0, new Retry("connection refused")));
        Assert.Equal("tell-ops: connection refused; it is tried again", rig.Machine.Status(rig.Moment).Alarms.Single(a => a.Id == "session/tell-ops").Text);
        Assert.Contains("session/tell-ops", rig.Say(new Applied("tell-ops", 1, Outcome.Done)).Machine.Status(rig.Moment).Alarms.Select(a => a.Id));
        Assert.DoesNotContain("session/tell-ops", rig.Say(new Applied("tell-ops", 0, Outcome.Done)).Machine.Status(rig.Moment).Alarms.Select(a => a.Id));
    }

    [Fact]
    public void What_goes_on_being_as_it_was_is_no_news()
    {
        Assert.DoesNotContain(Successor(Announced()).Effects, e => e is RouteChanged);
        Assert.Contains(Announced().Effects, e => e is RouteChanged { From: RouteState.Unknown });
    }

    [Fact]
    public void A_command_that_fails_is_alarmed_also_while_it_is_tried_again()
    {
        var rig = Announced().Say(new Applied("tell-ops", 1, new Retry("exit code 1")));
        Assert.Equal("tell-ops: exit code 1; it is tried again", rig.Machine.Status(rig.Moment).Alarms.Single(a => a.Id == "action/tell-ops").Text);
        Assert.DoesNotContain("action/tell-ops", rig.Say(new Applied("tell-ops", 1, Outcome.Done)).Alarms);
    }

    [Fact]
    public void What_would_change_a_held_route_begins_with_the_end_of_the_hold()
    {
        var rig = Announced().Say(new Hold("root", [], null, ""));
        Assert.Equal("first: oops unhold", rig.Route().WouldChange[0]);
        Assert.EndsWith("(all)", rig.Machine.Status(rig.Moment).Alarms.Single(a => a.Id == "hold").Text, StringComparison.Ordinal);
        rig.Say(new BreakGlass(true, "/run/oops/hold"));
        Assert.Equal("first: the file /run/oops/hold removed", rig.Route().WouldChange[0]);
    }

    [Fact]
    public void A_persons_hold_neither_shortens_nor_ends_that_of_the_file()
    {
        var rig = Announced().Say(new BreakGlass(true, "/run/oops/hold"), new Hold("root", [], TimeSpan.FromMinutes(10), "look")).Pass(700);
        rig.Say(new ProcessGone("process/ns1", "signal 9")).Pass(10);
        Assert.Equal(RouteForm.Plain, rig.Route().Wanted);
        rig.Say(new BreakGlass(false, "/run/oops/hold")).Pass(1);
        Assert.Equal(RouteForm.Withdrawn, rig.Route().Wanted);
    }

    [Fact]
    public void A_spent_budget_stays_spent_in_the_next_machine()
    {
        var policy = Rig.Simple(r => r with { Budget = new(1, TimeSpan.FromMinutes(30), []), Rise = TimeSpan.FromSeconds(1) });
        var rig = new Rig(policy).Say(Rig.Router()).Say([.. Rig.Healthy()]).Pass(2);
        var pid = 10;
        for (var i = 0; i < 2; i++)
        {
            rig.Say(new ProcessGone("process/ns1", "signal 9")).Pass(1);
            rig.Say([.. Rig.Healthy(pid: ++pid)]).Pass(10);
        }
        Assert.Equal(RouteState.Withdrawn, rig.Route().State);
        var next = rig.Reloaded(policy);
        for (var minutes = 0; minutes < 60; minutes++)
        {
            next.Say(new ServerSignal("knot/ns1/control", Measure.Answering, 1), new ChannelRead("knot/ns1/control"));
            next.Pass(60);
        }
        Assert.Equal(RouteState.Withdrawn, next.Route().State);
    }

    [Fact]
    public void An_orderly_restart_is_no_crash()
    {
        var rig = Announced();
        rig.Say(new ServerSignal("knot/ns1/bus", Measure.Stopping, 1), new ProcessGone("process/ns1", "exit 0"), new ProcessStarted("process/ns1", 11, 110_000));
        Assert.Equal(State.NotMet, rig.Condition("server-crashed").State);
        Assert.Equal(State.Met, rig.Condition("server-down").State);
        rig.Say(new ServerSignal("knot/ns1/control", Measure.Answering, 1));
        Assert.Equal(State.NotMet, rig.Condition("server-down").State);
        Assert.DoesNotContain(rig.Effects, e => e is ConditionChanged { Id: "condition/server-crashed/ns1", To: State.Met });
    }

    [Fact]
    public void A_crash_after_an_orderly_restart_is_a_crash()
    {
        var rig = Announced();
        rig.Say(new ServerSignal("knot/ns1/bus", Measure.Stopping, 1), new ProcessGone("process/ns1", "exit 0"), new ProcessStarted("process/ns1", 11, 110_000));
        rig.Say(new ServerSignal("knot/ns1/control", Measure.Answering, 1), new ProcessGone("process/ns1", "signal 11"));
        Assert.Equal(State.Met, rig.Condition("server-crashed").State);
    }

    static Rig Announced()
    {
        var rig = new Rig(Rig.Simple()).Say(Rig.Router()).Say([.. Rig.Healthy()]).Pass(4);
        Assert.Equal(RouteState.Announced, rig.Route().State);
        return rig;
    }

    static Rig Successor(Rig rig) => rig.Reloaded(Rig.Simple());
}
