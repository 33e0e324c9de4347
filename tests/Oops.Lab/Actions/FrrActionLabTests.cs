using System.Collections.Immutable;
using System.Net;
using Oops.Actions.Frr;
using Oops.Core;
using Oops.Lab.Harness;
using Oops.Routers;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>The `frr` action between a real bgpd and a real upstream.</summary>
public sealed class FrrActionLabTests : IAsyncLifetime
{
    const string More4 = "192.0.2.54/32";
    const string More6 = "2001:db8:54::/48";

    static readonly string[] Names = [Harness.Lab.Prefix4, More4, Harness.Lab.Prefix6, More6];
    static readonly ImmutableArray<IPNetwork> All = [.. Names.Select(IPNetwork.Parse)];
    static readonly ImmutableArray<IPNetwork> One = [IPNetwork.Parse(Harness.Lab.Prefix4)];
    static readonly ImmutableArray<IPNetwork> Other = [IPNetwork.Parse(More4)];
    static readonly Degradation Prepend = new(Prepend: 2);

    readonly string ledger = Path.Combine(Harness.Lab.FreshDirectory("ledger"), "frr-edge.routes");
    Harness.Frr frr = null!;
    UpstreamBird upstream = null!;
    long sequence;

    public async ValueTask InitializeAsync()
    {
        LabRequires.Programs("bgpd", "bird");
        upstream = new UpstreamBird();
        frr = new Harness.Frr();
        await upstream.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (frr is not null)
            await frr.DisposeAsync();
        if (upstream is not null)
            await upstream.DisposeAsync();
    }

    PrefixRouter Action(TimeSpan timeout, params RouterRoute[] routes)
    {
        var config = new FrrConfig { Name = "edge", Socket = frr.Socket, Timeout = timeout };
        return new PrefixRouter("frr", "edge", new FrrLink(config, TimeProvider.System), routes, new LedgerFile(ledger), config.ReadEvery, config.Timeout);
    }

    PrefixRouter Action(params RouterRoute[] routes) => Action(TimeSpan.FromSeconds(2), routes);

    static RouterRoute Route(ImmutableArray<IPNetwork> prefixes, Degradation? degrade = null) => new("anycast", prefixes) { Degrade = degrade ?? Prepend };

    static RouteWanted Wanted(RouteForm form, ImmutableArray<IPNetwork> prefixes, Degradation? degrade = null, string route = "anycast") => new(route, prefixes, form, degrade ?? Prepend);

    async Task<Outcome> ApplyAsync(PrefixRouter action, params RouteWanted[] routes) => await action.ApplyAsync(new RouterIntent("edge", ++sequence, "a test", [.. routes]), default);

    static async Task<RouterObserved> ReadAsync(PrefixRouter action) => Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));

    static async Task SeesAsync(PrefixRouter action, RouteForm form)
    {
        RouteSeen seen = (await ReadAsync(action)).Routes.Single(r => r.Route == "anycast");
        Assert.True(seen.Form == form && seen.Lacks.IsEmpty, $"{seen.Form}: {seen.Detail}");
    }

    public static TheoryData<string> Degradations => ["prepend", "med", "community", "large"];

    [Theory]
    [MemberData(nameof(Degradations))]
    public async Task Prefixes_of_both_families_go_through_the_forms_together_and_only_the_withdraw_is_one(string kind)
    {
        (Degradation degrade, Func<UpstreamRoute, bool> like) = kind switch
        {
            "prepend" => (new Degradation(Prepend: 3), r => r.Path is [Harness.Lab.NodeAs, Harness.Lab.NodeAs, Harness.Lab.NodeAs, Harness.Lab.NodeAs]),
            "med" => (new Degradation(Med: 50), r => r.Med == 50),
            "community" => (new Degradation(Community: (64500, 90)), r => r.Communities is ["(64500,90)"]),
            _ => (new Degradation(Large: (64500, 1, 2)), (Func<UpstreamRoute, bool>)(r => r.LargeCommunities == "(64500, 1, 2)")),
        };
        await frr.StartAsync();
        using PrefixRouter action = Action(Route(All, degrade));
        await SeesAsync(action, RouteForm.Withdrawn);
        await GoAsync(RouteForm.Plain, r => r.Path is [Harness.Lab.NodeAs] && r.Med == 0 && r.Communities.Count == 0 && r.LargeCommunities.Length == 0);
        for (int round = 0; round < 2; round++)
        {
            await GoAsync(RouteForm.Degraded, r => like(r) && !r.GracefulShutdown);
            await GoAsync(RouteForm.Draining, r => r.GracefulShutdown && r.Path.Count == 1 && r.Med == 0 && r.LargeCommunities.Length == 0);
            await GoAsync(RouteForm.DrainingDegraded, r => r.GracefulShutdown && (kind == "community" ? r.Communities.Contains("(64500,90)") : like(r)));
            await GoAsync(RouteForm.Plain, r => r.Path.Count == 1 && r.Med == 0 && r.Communities.Count == 0 && r.LargeCommunities.Length == 0);
        }
        Assert.All(Names, n => Assert.Equal(0, upstream.Withdraws(n)));
        // Each change is one UPDATE for each prefix, and nothing in between.
        Assert.All(Names, n => Assert.Equal(9, upstream.Updates(n)));

        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn, All, degrade)));
        foreach (string name in Names)
            await upstream.LacksAsync(name);
        await SeesAsync(action, RouteForm.Withdrawn);
        Assert.All(Names, n => Assert.Equal((9, 1), (upstream.Updates(n), upstream.Withdraws(n))));

        async Task GoAsync(RouteForm form, Func<UpstreamRoute, bool> so)
        {
            Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(form, All, degrade)));
            foreach (string name in Names)
                await upstream.HasAsync(name, so);
            await SeesAsync(action, form);
        }
    }

    [Fact]
    public async Task A_restart_of_ours_with_the_same_state_does_not_touch_the_router()
    {
        await frr.StartAsync();
        using (PrefixRouter before = Action(Route(All)))
            await ApplyAsync(before, Wanted(RouteForm.Degraded, All));
        await upstream.HasAsync(Harness.Lab.Prefix6, r => r.Path.Count == 3);
        using PrefixRouter after = Action(Route(All));
        await SeesAsync(after, RouteForm.Degraded);
        Assert.Equal(Outcome.Done, await ApplyAsync(after, Wanted(RouteForm.Degraded, All)));
        await SeesAsync(after, RouteForm.Degraded);
        Assert.All(Names, n => Assert.Equal((1, 0), (upstream.Updates(n), upstream.Withdraws(n))));
    }

    [Fact]
    public async Task A_bgpd_that_was_restarted_has_lost_the_routes_and_is_told_them_again()
    {
        await frr.StartAsync();
        using PrefixRouter action = Action(Route(All));
        await ApplyAsync(action, Wanted(RouteForm.Plain, All));
        await upstream.HasAsync(Harness.Lab.Prefix6);
        string? incarnation = (await ReadAsync(action)).Router;
        Assert.Equal(incarnation, (await ReadAsync(action)).Router);

        await frr.Process.EndAsync(LabProcess.KillNow);
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.Contains("bgpd is not running", Assert.IsType<RouterUnseen>(await action.ReadAsync(null, default)).Why, StringComparison.Ordinal);
        Assert.Contains("bgpd is not running", Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Plain, All))).Why, StringComparison.Ordinal);

        await frr.LaunchAsync();
        RouterObserved restarted = await ReadAsync(action);
        Assert.Equal(RouteForm.Withdrawn, restarted.Routes[0].Form);
        Assert.NotEqual(incarnation, restarted.Router);
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain, All)));
        // The session comes later: until then it stands as the table has it.
        await SeesAsync(action, RouteForm.Plain);
        foreach (string name in Names)
            await upstream.HasAsync(name);
        await SeesAsync(action, RouteForm.Plain);
    }

    [Fact]
    public async Task What_another_writer_does_is_seen_and_put_right_once_and_then_left_and_shown()
    {
        await frr.StartAsync();
        using PrefixRouter action = Action(Route(All));
        await SeesAsync(action, RouteForm.Withdrawn);
        await ApplyAsync(action, Wanted(RouteForm.Degraded, All));
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path.Count == 3);
        await SeesAsync(action, RouteForm.Degraded);

        await frr.ConfigureAsync("address-family ipv4 unicast", $"no network {Harness.Lab.Prefix4}");
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.Equal(One, (await ReadAsync(action)).Routes[0].Lacks);
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Degraded, All)));
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path.Count == 3);
        await SeesAsync(action, RouteForm.Degraded);

        // Announced, and not as ours.
        await frr.ConfigureAsync("address-family ipv4 unicast", $"no network {Harness.Lab.Prefix4}", $"network {Harness.Lab.Prefix4}");
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path.Count == 1);
        RouteSeen seen = (await ReadAsync(action)).Routes[0];
        Assert.Contains($"{Harness.Lab.Prefix4} plain (announced to {Harness.Lab.Upstream4})", seen.Detail, StringComparison.Ordinal);
        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Degraded, All)));
        Assert.Contains($"somebody else changed {Harness.Lab.Prefix4} again after it was put right once", retry.Why, StringComparison.Ordinal);
        Assert.Single((await upstream.RouteAsync(Harness.Lab.Prefix4))!.Path);

        // A withdraw is always said.
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn, All)));
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        await SeesAsync(action, RouteForm.Withdrawn);
    }

    [Fact]
    public async Task A_route_map_that_somebody_took_away_is_made_again_with_the_next_announcement()
    {
        await frr.StartAsync();
        using PrefixRouter action = Action(Route(One), new RouterRoute("b", Other));
        await ApplyAsync(action, Wanted(RouteForm.Plain, One));
        await upstream.HasAsync(Harness.Lab.Prefix4);
        await frr.AskAsync("enable", "configure terminal", "no route-map OOPS-PLAIN", "end");
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain, One), Wanted(RouteForm.Plain, Other, route: "b")));
        await upstream.HasAsync(More4);
        await SeesAsync(action, RouteForm.Plain);
        Assert.Equal(0, upstream.Withdraws(Harness.Lab.Prefix4));
    }

    [Fact]
    public async Task A_prefix_that_left_the_config_stays_as_an_orphan_until_it_is_released()
    {
        await frr.StartAsync();
        using (PrefixRouter before = Action(Route(One), new RouterRoute("old", Other)))
            await ApplyAsync(before, Wanted(RouteForm.Plain, One), Wanted(RouteForm.Plain, Other, route: "old"));
        await upstream.HasAsync(More4);

        using PrefixRouter after = Action(Route(One));
        Assert.Equal(Other, (await ReadAsync(after)).Orphans);
        Assert.Equal(Outcome.Done, await ApplyAsync(after, Wanted(RouteForm.Withdrawn, One)));
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.NotNull(await upstream.RouteAsync(More4));

        Assert.Equal(Outcome.Done, await after.ApplyAsync(new RouterIntent("edge", ++sequence, "a test", [Wanted(RouteForm.Withdrawn, One)]) { Released = Other }, default));
        await upstream.LacksAsync(More4);
        Assert.Empty((await ReadAsync(after)).Orphans);
    }

    [Fact]
    public async Task A_bgpd_that_hangs_is_a_retry_and_obeys_when_it_goes_on()
    {
        await frr.StartAsync();
        using PrefixRouter action = Action(TimeSpan.FromMilliseconds(300), Route(All));
        await ApplyAsync(action, Wanted(RouteForm.Plain, All));
        await upstream.HasAsync(Harness.Lab.Prefix6);
        frr.Process.Signal(LabProcess.Stop);
        Assert.Contains("no complete answer within 0.3 s", Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Withdrawn, All))).Why, StringComparison.Ordinal);
        Assert.Contains("no complete answer within 0.3 s", Assert.IsType<RouterUnseen>(await action.ReadAsync(null, default)).Why, StringComparison.Ordinal);
        frr.Process.Signal(LabProcess.Cont);
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn, All)));
        foreach (string name in Names)
            await upstream.LacksAsync(name);
    }

    [Fact]
    public async Task A_prefix_that_a_filter_lets_nobody_have_is_withdrawn_but_one_without_a_session_stands()
    {
        await frr.StartAsync();
        using PrefixRouter action = Action(Route(One));
        await ApplyAsync(action, Wanted(RouteForm.Plain, One));
        await upstream.HasAsync(Harness.Lab.Prefix4);
        await frr.AskAsync("enable", "configure terminal", "ip prefix-list NONE seq 5 deny any", "end");
        await frr.ConfigureAsync("address-family ipv4 unicast", $"neighbor {Harness.Lab.Upstream4} prefix-list NONE out");
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        await Wait.UntilAsync("the session has settled", async () => (await ReadAsync(action)).Routes[0].Form == RouteForm.Withdrawn);
        RouteSeen seen = (await ReadAsync(action)).Routes[0];
        Assert.Contains("in the router's table, but advertised to no session: an outbound filter keeps it", seen.Detail, StringComparison.Ordinal);
        // Nobody changed what we told it.
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain, One)));

        await frr.ConfigureAsync($"neighbor {Harness.Lab.Upstream4} shutdown");
        await Wait.UntilAsync("the session is down", async () => !(await frr.AskAsync("show bgp summary json")).Contains("\"state\":\"Established\"", StringComparison.Ordinal));
        seen = (await ReadAsync(action)).Routes[0];
        Assert.Equal((RouteForm.Plain, "no BGP session of this family is up"), (seen.Form, seen.Detail));
    }

    [Fact]
    public async Task With_import_check_a_prefix_without_a_route_is_not_announced_and_one_that_is_redistributed_outlives_its_withdraw()
    {
        ImmutableArray<IPNetwork> nowhere = [IPNetwork.Parse("203.0.113.1/32")];
        frr.Zebra = true;
        frr.Extra = "";
        await frr.StartAsync();
        using PrefixRouter action = Action(new RouterRoute("b", nowhere), Route(One));
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain, nowhere, route: "b"), Wanted(RouteForm.Plain, One)));
        await upstream.HasAsync(Harness.Lab.Prefix4);
        RouterObserved observed = await ReadAsync(action);
        Assert.Equal((RouteForm.Withdrawn, RouteForm.Plain), (observed.Routes[0].Form, observed.Routes[1].Form));
        Assert.Contains("in the router's table, but not valid: `bgp network import-check` finds no route for it", observed.Routes[0].Detail, StringComparison.Ordinal);
        await OopsDaemon.DoProgramAsync("ip", "route", "add", "blackhole", nowhere[0].ToString());
        try
        {
            await upstream.HasAsync(nowhere[0].ToString());
            Assert.Equal(RouteForm.Plain, (await ReadAsync(action)).Routes[0].Form);
        }
        finally
        {
            await OopsDaemon.DoProgramAsync("ip", "route", "del", "blackhole", nowhere[0].ToString());
        }

        // 192.0.2.53 is on lo.
        await frr.ConfigureAsync("address-family ipv4 unicast", "redistribute connected");
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn, One)));
        await Wait.UntilAsync("what is redistributed is announced", async () => (await ReadAsync(action)).Routes[1] is { Form: RouteForm.Plain });
        Assert.Contains($"announced to {Harness.Lab.Upstream4}, redistributed or learned: not by `network`", (await ReadAsync(action)).Routes[1].Detail, StringComparison.Ordinal);
        Assert.Equal($"{Harness.Lab.Prefix4} also comes from `redistribute`", (await ReadAsync(action)).Routes[1].Others);
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain, One)));
        await Wait.UntilAsync("both are told", async () => (await ReadAsync(action)).Routes[1].Others == $"{Harness.Lab.Prefix4} also comes from `redistribute`");
    }

    [Fact]
    public async Task Over_an_IPv4_session_a_bgpd_that_knows_no_address_announces_IPv6_in_vain_unless_its_own_map_sets_the_next_hop()
    {
        frr.Extra6 = "";
        await frr.StartAsync();
        using PrefixRouter action = Action(Route(All));
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain, All)));
        await upstream.HasAsync(Harness.Lab.Prefix4);
        await SeesAsync(action, RouteForm.Plain);
        await Wait.UntilAsync("the upstream refuses it", () => File.ReadAllText(upstream.Process.Output).Contains("Invalid NEXT_HOP attribute", StringComparison.Ordinal));
        Assert.Null(await upstream.RouteAsync(Harness.Lab.Prefix6));
    }
}
