using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Engine;

public sealed class RehearsalTests
{
    readonly FakeTime time = new();

    Moment Now => BootTime.Now(time);

    Machine Announced(Policy policy)
    {
        var machine = new Machine(policy);
        foreach (var input in Small.Announced()) machine.Step(Now, input, []);
        Assert.Equal(RouteState.Announced, machine.Route("anycast4", Now)!.State);
        return machine;
    }

    [Fact]
    public void A_config_that_decides_the_same_differs_in_nothing() =>
        Assert.Empty(Rehearsal.Differences(Announced(Small.Policy(TimeSpan.Zero)), Small.Policy(TimeSpan.FromSeconds(5), "new"), Now));

    [Fact]
    public void A_config_that_would_withdraw_says_so_before_it_is_taken()
    {
        var policy = Small.Policy(TimeSpan.Zero, "new");
        var stricter = policy with { Routes = [policy.Routes[0] with { WithdrawWhen = [new("server-down"), new("server-running", Not: true), new("zone-ready", Not: false)] }] };
        stricter = stricter with { Routes = [stricter.Routes[0] with { WithdrawWhen = [new("odd")] }], Conditions = [new ComposedSpec("odd", ["server-running"], 1)] };
        var differences = Rehearsal.Differences(Announced(Small.Policy(TimeSpan.Zero)), stricter, Now);
        Assert.Contains(differences, d => d.StartsWith("anycast4: announced -> withdrawn", StringComparison.Ordinal));
    }

    [Fact]
    public void A_prefix_that_leaves_the_config_does_not_stop_the_reload_but_stays_at_the_router()
    {
        var policy = Small.Policy(TimeSpan.Zero, "new") with { Routes = [] };
        Assert.DoesNotContain(Rehearsal.Differences(Announced(Small.Policy(TimeSpan.Zero)), policy, Now), d => d.Contains("withdrawn", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(60, RouteForm.Withdrawn, true, null)] // The shadow announced long ago; the router gets it through rise.
    [InlineData(0, RouteForm.Withdrawn, true, "anycast4: withdrawn -> announced")]
    [InlineData(60, RouteForm.Plain, true, null)]
    [InlineData(60, RouteForm.Plain, false, "anycast4: announced -> withdrawn")] // The shadow withdrew it already.
    public void What_was_only_observed_differs_from_what_the_router_has(int rise, RouteForm router, bool runs, string? difference)
    {
        var old = new Machine(Small.Policy(TimeSpan.Zero, mode: Mode.Observe));
        foreach (var input in Small.Announced().Where(i => i is not (RouterObserved or Applied)).Prepend(new RouterObserved("edge", [new RouteSeen("anycast4", router)], []))) old.Step(Now, input, []);
        if (!runs) old.Step(Now, new ProcessGone("process/ns1", "signal 9"), []);
        var act = Small.Policy(TimeSpan.Zero, "new");
        var lines = Rehearsal.Differences(old, act with { Routes = [act.Routes[0] with { Rise = TimeSpan.FromSeconds(rise) }] }, Now);
        if (difference is null) Assert.Empty(lines);
        else Assert.StartsWith(difference, Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public void The_successor_believes_what_the_old_machine_believed()
    {
        var old = Announced(Small.Policy(TimeSpan.Zero));
        var policy = Small.Policy(TimeSpan.FromSeconds(3), "new");
        var next = Rehearsal.Successor(old, policy, Now);
        var effects = new List<Effect>();
        foreach (var level in old.Levels(Now, policy).ToList()) next.Step(Now, level, effects);
        Assert.Equal(RouteState.Announced, next.Route("anycast4", Now)!.State);
        Assert.Equal(State.Met, next.Condition("server-running", "ns1", null, Now)!.State);
        Assert.DoesNotContain(effects.OfType<RouterIntent>(), i => i.Routes.Any(r => r.Form == RouteForm.Withdrawn));
    }
}
