using Oops.Core;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>What is said of a route whose announcements are used up.</summary>
public sealed class BudgetWordsTests
{
    static Policy Policy(params int[] retries)
    {
        var policy = Small.Policy(TimeSpan.Zero);
        return policy with { Routes = [policy.Routes[0] with { Budget = new(1, TimeSpan.FromMinutes(30), [.. retries.Select(m => TimeSpan.FromMinutes(m))]) }] };
    }

    static Rig Spent(params int[] retries)
    {
        var rig = new Rig(Policy(retries)).Say([.. Small.Announced()]);
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
        Assert.Equal(["oops confirm anycast4", "the next try, in 39m, while all of these stay met: server-running"], route.WouldChange);
        Assert.Equal(0, route.BudgetLeft);

        Assert.Equal(["anycast4: its announcement budget starts anew, and the next admission costs nothing"], rig.Machine.ConfirmedBy(new("root", ["anycast4"]), rig.Moment));
        rig.Say(new Confirm("root", ["anycast4"]));
        Assert.Empty(rig.Alarms);
        rig.Pass(600);
        Assert.Equal((RouteState.Announced, 1), (rig.Route("anycast4").State, rig.Route("anycast4").BudgetLeft));
    }

    [Fact]
    public void One_that_is_announced_again_starts_anew_too_when_a_person_says_so_and_over_a_restart()
    {
        var rig = Spent(retries: 40).Say(new Confirm("root", ["anycast4"])).Pass(600);
        rig.Say(new ProcessGone("process/ns1", "signal 9")).Pass(1).Say(new ProcessStarted("process/ns1", 20, 900), new ServerSignal("probe/ns1", Measure.Answering, 1)).Pass(60);
        Assert.Equal((RouteState.Announced, 0), (rig.Route("anycast4").State, rig.Route("anycast4").BudgetLeft));
        var word = new Confirm("root", ["anycast4"]);
        Assert.Equal(["anycast4: its announcement budget starts anew"], rig.Machine.ConfirmedBy(word, rig.Moment));
        rig.Say(word);
        Assert.Empty(rig.Machine.ConfirmedBy(word, rig.Moment));
        Assert.Equal(1, rig.Route("anycast4").BudgetLeft);
        Assert.Equal(1, rig.Restarted(Policy(40)).Route("anycast4").BudgetLeft);
    }

    /// <summary>What its router says of the newest table: that nobody had what it took back.</summary>
    static Applied Unheard(Rig rig, long from, long? upTo = null) => new("edge", upTo ?? rig.Told!.Sequence, Outcome.Done with { Unheard = [new("anycast4", from)] });

    [Fact]
    public void What_nobody_has_heard_is_given_back_and_nothing_else()
    {
        var rig = Spent(retries: 40);
        var tables = rig.Effects.OfType<RouterIntent>().ToList();
        var (announced, withdrawn) = (tables[^2].Sequence, tables[^1].Sequence);
        Assert.Equal((RouteForm.Plain, RouteForm.Withdrawn), (tables[^2].Routes[0].Form, tables[^1].Routes[0].Form));
        // Of another time, or of another route.
        rig.Say(Unheard(rig, withdrawn), Unheard(rig, announced - 2, upTo: announced - 1), new Applied("edge", withdrawn, Outcome.Done with { Unheard = [new("other", announced)] }));
        Assert.Equal((0, true), (rig.Route("anycast4").BudgetLeft, rig.Alarms.Contains("budget/anycast4")));
        rig.Obeys = false;
        rig.Say(Unheard(rig, announced, withdrawn)).Pass(60);
        Assert.DoesNotContain("budget/anycast4", rig.Alarms);
        Assert.Equal((RouteState.Announced, 0), (rig.Route("anycast4").State, rig.Route("anycast4").BudgetLeft));
        // Said twice it gives back once: what is announced by now is another.
        rig.Say(Unheard(rig, announced, withdrawn));
        Assert.Equal(0, rig.Route("anycast4").BudgetLeft);
    }

    [Fact]
    public void It_is_given_back_over_a_reload_and_a_start_too()
    {
        var rig = Spent(retries: 40);
        var tables = rig.Effects.OfType<RouterIntent>().ToList();
        var reloaded = rig.Reloaded(Policy(40) with { Hash = "next" });
        Assert.Equal((RouteState.Withdrawn, 0), (reloaded.Route("anycast4").State, reloaded.Route("anycast4").BudgetLeft));
        // Nothing else keeps it back.
        reloaded.Say(Unheard(reloaded, tables[^2].Sequence, tables[^1].Sequence)).Pass(60);
        Assert.Equal(RouteState.Announced, reloaded.Route("anycast4").State);

        var restarted = rig.Restarted(Policy(40));
        Assert.Equal(0, restarted.Route("anycast4").BudgetLeft);
        restarted.Say(Unheard(restarted, tables[^2].Sequence, tables[^1].Sequence));
        Assert.Equal(1, restarted.Route("anycast4").BudgetLeft);
    }

    [Fact]
    public void While_nobody_hears_it_no_retry_is_the_last_and_one_that_began_as_a_retry_counts_as_one()
    {
        var budget = new Budget(new(1, TimeSpan.FromMinutes(30), [TimeSpan.FromMinutes(5)]), TimeSpan.Zero, TimeSpan.Zero);
        var now = At.Zero + TimeSpan.FromHours(1);
        budget.Announce(now, free: false);
        budget.Tell(1);
        budget.Ask(now);
        for (var sequence = 2; sequence < 20; sequence += 2)
        {
            now = budget.Allowed(now);
            Assert.NotEqual(At.Never, now);
            budget.Announce(now, free: false);
            budget.Tell(sequence);
            now += TimeSpan.FromSeconds(1);
            budget.Ask(now);
            budget.GiveBack(sequence, sequence + 1);
        }

        Assert.Equal(1, budget.Exhaustions);
    }

    [Fact]
    public void What_was_spent_before_a_reload_took_the_budget_away_is_given_back_too()
    {
        var budget = new Budget(null, TimeSpan.Zero, TimeSpan.Zero);
        budget.Restore(new RouteSnapshot("anycast4", true, RouteForm.Plain, false, 0, [1, 2], null) { AnnouncedBy = [5, 7], ExhaustedAt = 3 });
        budget.GiveBack(5, 6);
        Assert.Equal([7], budget.Announced.Select(a => a.Sequence));
    }

    [Fact]
    public void Over_a_start_its_alarm_is_raised_once()
    {
        var rig = Spent(retries: 40).Restarted(Policy(40)).Say([.. Small.Announced().Where(i => i is not (Applied or RouterObserved { Routes: [{ Form: RouteForm.Plain }] }))]).Pass(1);
        Assert.Contains("budget/anycast4", rig.Alarms);
        Assert.Equal(AlarmPhase.Raised, Assert.Single(rig.Effects.OfType<AlarmChanged>(), a => a.Id == "budget/anycast4").Phase);
    }

    [Fact]
    public void Without_a_retry_left_only_a_person_announces_it()
    {
        var rig = Spent();
        Assert.Contains("its retries are, too; `oops confirm anycast4` announces it", Alarm(rig), StringComparison.Ordinal);
        Assert.Equal(["the budget is used up, and its retries; `oops confirm anycast4` ends the wait"], rig.Route("anycast4").Blocked);
        Assert.Empty(rig.Route("anycast4").Timers);
        Assert.Equal(["oops confirm anycast4"], rig.Route("anycast4").WouldChange);
    }
}
