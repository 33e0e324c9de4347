using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Engine;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>What a router goes on announcing after a reload, and nobody follows any more.</summary>
public sealed class UnfollowedTests
{
    static readonly IPNetwork P4 = IPNetwork.Parse("192.0.2.0/24"), Other = IPNetwork.Parse("198.51.100.0/24"), More = IPNetwork.Parse("203.0.113.0/24");

    static Policy With(params (string Name, IPNetwork[] Prefixes)[] routes) => Rig.Simple() is var p ? p with { Routes = [.. routes.Select(r => p.Routes[0] with { Name = r.Name, Prefixes = [.. r.Prefixes] })] } : null!;

    static Policy Two => With(("r", [P4]), ("o", [Other, More]));

    static Rig Announced(Policy? policy = null, bool healthy = true)
    {
        var rig = new Rig(policy ?? Two);
        rig.Say(new RouterObserved("edge", [.. (policy ?? Two).Routes.Select(r => new RouteSeen(r.Name, RouteForm.Withdrawn))], []));
        return healthy ? rig.Say([.. Rig.Healthy()]).Pass(4) : rig;
    }

    static IReadOnlyList<string> Lines(Rig rig, Policy next, Func<string, bool>? ends = null) => Rehearsal.Differences(rig.Machine, next, rig.Moment, ends);

    [Fact]
    public void A_route_that_leaves_the_config_while_it_is_announced_is_a_difference_that_names_its_prefixes()
    {
        Assert.Equal(RouteState.Announced, Announced().Route("o").State);
        Assert.Equal(
            "o: edge goes on announcing 198.51.100.0/24 203.0.113.0/24, and nobody follows them any more, whatever becomes of the servers: the route leaves the config; `oops release PREFIX` takes each away then",
            Assert.Single(Lines(Announced(), With(("r", [P4])))));
    }

    [Fact]
    public void One_that_is_withdrawn_leaves_nothing_behind() => Assert.Empty(Lines(Announced(healthy: false), With(("r", [P4]))));

    [Fact]
    public void What_another_route_of_the_router_has_is_followed_by_that_one_and_what_a_route_alone_has_lost_leaves_with_it()
    {
        Assert.DoesNotContain(Lines(Announced(), With(("r", [P4, Other, More]))), l => l.Contains("nobody follows", StringComparison.Ordinal));
        Assert.Contains("o: edge goes on announcing 203.0.113.0/24, and nobody follows it any more", string.Join('\n', Lines(Announced(), With(("r", [P4, Other])))), StringComparison.Ordinal);
        Assert.Empty(Lines(Announced(), With(("r", [P4]), ("o", [Other]))));
    }

    [Fact]
    public void A_route_that_goes_to_another_router_leaves_its_prefixes_at_the_old_one()
    {
        var next = Two with { Routes = [Two.Routes[0], Two.Routes[1] with { Via = "elsewhere" }] };
        Assert.Contains(Lines(Announced(), next), l => l.StartsWith("o: edge goes on announcing 198.51.100.0/24 203.0.113.0/24, and nobody follows them", StringComparison.Ordinal) && l.Contains("the route leaves this router", StringComparison.Ordinal));
    }

    [Fact]
    public void From_act_to_observe_each_route_that_is_announced_is_named_but_for_what_ends_with_its_session()
    {
        var observe = Two with { Mode = Mode.Observe };
        var lines = Lines(Announced(), observe);
        Assert.Equal(["r: edge goes on announcing 192.0.2.0/24, and nobody follows it any more, whatever becomes of the servers: the route is only observed; `oops drain r --wait` before takes it away",
            "o: edge goes on announcing 198.51.100.0/24 203.0.113.0/24, and nobody follows them any more, whatever becomes of the servers: the route is only observed; `oops drain o --wait` before takes them away"], lines);
        Assert.Empty(Lines(Announced(), observe, action => action == "edge"));
        Assert.Empty(Lines(Announced(healthy: false), observe));
        // And what was only observed before was followed by nobody.
        Assert.Empty(Lines(Announced(observe), observe with { Hash = "other" }));
    }

    [Fact]
    public void Of_what_is_only_observed_it_is_shown_what_the_router_has_instead()
    {
        var rig = Announced(Two with { Mode = Mode.Observe }, healthy: false).Say(new RouterObserved("edge", [new("r", RouteForm.Plain, "exported to up"), new("o", RouteForm.Withdrawn)], []));
        Assert.Equal((RouteForm.Withdrawn, "it shows announced (exported to up), and nobody puts that right: the route is only observed"), (rig.Route().Wanted, rig.Route().RouterWhy));
        Assert.Null(rig.Route("o").RouterWhy);
    }

    [Fact]
    public void The_alarm_of_orphans_says_which_of_them_nobody_follows()
    {
        var rig = Announced();
        string Said(ImmutableArray<IPNetwork> orphans, params IPNetwork[] followed)
        {
            rig.Say(new RouterObserved("edge", [new("r", RouteForm.Plain), new("o", RouteForm.Plain)], orphans) { Followed = [.. followed] });
            return rig.Machine.Status(rig.Moment).Alarms.Single(a => a.Id == "orphan/edge").Text;
        }

        IPNetwork one = IPNetwork.Parse("2001:db8::/32"), two = IPNetwork.Parse("2001:db9::/32");
        Assert.Equal("edge still has prefixes that left the config: 2001:db8::/32; nobody follows them any more: they stay whatever becomes of the servers. `oops release PREFIX` takes one away; a route of the config with it follows it again", Said([one]));
        Assert.Contains("; nobody follows 2001:db9::/32 any more, the others leave with a withdraw of their route: they stay", Said([one, two], one), StringComparison.Ordinal);
        Assert.Contains("; they leave with a withdraw of their route, and do not come back with it. ", Said([one], one), StringComparison.Ordinal);
        Assert.Equal("this prefix left the config; the router still has it until its route is withdrawn", rig.Machine.Status(rig.Moment).Routes.Single(r => r.State == RouteState.Orphan).Because);
    }

    [Fact]
    public void A_drain_of_what_was_only_observed_does_not_end_silently_when_it_is_acted_for()
    {
        var rig = Announced(Two with { Mode = Mode.Observe }).Say(new Drain("root", ["o"], null, TimeSpan.FromHours(1), false, false)).Pass(200);
        Assert.Equal(RouteState.Drained, rig.Route("o").State);
        Assert.Contains(Lines(rig, Two), l => l.StartsWith("o: its drain (drained by root for another ", StringComparison.Ordinal) && l.EndsWith(") ends, since it was only observed: the router keeps what it has; `oops drain o` again takes it out", StringComparison.Ordinal));
    }
}
