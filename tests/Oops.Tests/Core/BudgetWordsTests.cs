using Oops.Core;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>What is said of a route whose announcements are used up.</summary>
public sealed class BudgetWordsTests
{
    static Rig Spent(params int[] retries)
    {
        var policy = Small.Policy(TimeSpan.Zero);
        var rig = new Rig(policy with { Routes = [policy.Routes[0] with { Budget = new(1, TimeSpan.FromMinutes(30), [.. retries.Select(m => TimeSpan.FromMinutes(m))]) }] }).Say([.. Small.Announced()]);
        // The first is free, the second takes the only place; the retries that there are follow.
        for (var pid = 2; rig.Route("anycast4").State != RouteState.Withdrawn || !rig.Alarms.Contains("budget/anycast4"); pid++)
        {
            Assert.True(pid < 9);
            rig.Say(new ProcessGone("process/ns1", "signal 9")).Pass(1).Say(new ProcessStarted("process/ns1", pid, 100 + pid), new ServerSignal("probe/ns1", Measure.Answering, 1)).Pass(1);
        }

        return rig;
    }

    static string Alarm(Rig rig) => rig.Machine.Status(rig.Moment).Alarms.Single(a => a.Id == "budget/anycast4").Text;

    [Fact]
    public void Its_alarm_says_since_when_how_long_and_the_way_out_and_nothing_says_that_it_will_announce_meanwhile()
    {
        var rig = Spent(retries: 40).Pass(59);
        Assert.Equal("route anycast4 stays withdrawn: its announcement budget is used up, since 1m; it is tried again in 39m; `oops confirm anycast4` announces it without that wait", Alarm(rig));
        var route = rig.Route("anycast4");
        Assert.Equal(["the budget is used up; next try in 39m; `oops confirm anycast4` ends the wait"], route.Blocked);
        Assert.Empty(route.Timers);

        rig.Say(new Confirm("root", ["anycast4"]));
        Assert.Empty(rig.Alarms);
        rig.Pass(600);
        Assert.Equal(RouteState.Announced, rig.Route("anycast4").State);
    }

    [Fact]
    public void Without_a_retry_left_only_a_person_announces_it()
    {
        var rig = Spent();
        Assert.Contains("its retries are, too; `oops confirm anycast4` announces it", Alarm(rig), StringComparison.Ordinal);
        Assert.Equal(["the budget is used up, and its retries; `oops confirm anycast4` ends the wait"], rig.Route("anycast4").Blocked);
        Assert.Empty(rig.Route("anycast4").Timers);
    }
}
