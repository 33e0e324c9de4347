using System.Collections.Immutable;
using System.Net;
using Oops.Actions.Gobgp;
using Oops.Core;
using Oops.Lab.Harness;
using Oops.Routers;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>The `gobgp` action between a real gobgpd and a real upstream.</summary>
public sealed class GobgpActionLabTests : IAsyncLifetime
{
    const string Second4 = "192.0.2.64/28";
    const string Second6 = "2001:db8:54::/48";

    static readonly ImmutableArray<IPNetwork> All = [.. ((string[])[Harness.Lab.Prefix4, Second4, Harness.Lab.Prefix6, Second6]).Select(IPNetwork.Parse)];
    static readonly ImmutableArray<IPNetwork> Other = [IPNetwork.Parse("192.0.2.54/32")];
    static readonly Degradation Twice = new(Prepend: 2);

    readonly string ledger = Path.Combine(Harness.Lab.Root is null ? Path.GetTempPath() : Harness.Lab.FreshDirectory("oops"), "gobgp-edge.routes");
    Gobgpd gobgpd = null!;
    UpstreamBird upstream = null!;
    long sequence;

    public async ValueTask InitializeAsync()
    {
        LabRequires.Programs("gobgpd", "gobgp", "bird");
        upstream = new UpstreamBird();
        gobgpd = new Gobgpd();
        await upstream.StartAsync();
        await gobgpd.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (gobgpd is not null) await gobgpd.DisposeAsync();
        if (upstream is not null) await upstream.DisposeAsync();
    }

    PrefixRouter Router(TimeSpan? timeout = null, Degradation? degrade = null, IPAddress? hop6 = null, params RouterRoute[] routes)
    {
        var client = new GobgpClient(new GobgpPlace(gobgpd.Socket, null), timeout ?? TimeSpan.FromSeconds(5), TimeProvider.System);
        return new PrefixRouter("gobgp", "edge", new GobgpLink(client, new GobgpHops(IPAddress.Any, hop6 ?? IPAddress.Parse(Harness.Lab.Node6))),
            routes.Length > 0 ? routes : [new RouterRoute("anycast", All) { Degrade = degrade ?? Twice }], new LedgerFile(ledger), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2));
    }

    static RouteWanted Wanted(RouteForm form, Degradation? degrade = null, string route = "anycast", ImmutableArray<IPNetwork> prefixes = default) =>
        new(route, prefixes.IsDefault ? All : prefixes, form, degrade ?? Twice);

    async Task<Outcome> ApplyAsync(PrefixRouter router, params RouteWanted[] routes) => await router.ApplyAsync(new RouterIntent("edge", ++sequence, "a test", [.. routes]), default);

    static async Task<RouterObserved> ReadAsync(PrefixRouter router) => Assert.IsType<RouterObserved>(await router.ReadAsync(null, default));

    static async Task<RouteSeen> SeenAsync(PrefixRouter router, string route = "anycast") => (await ReadAsync(router)).Routes.Single(r => r.Route == route);

    async Task AllHaveAsync(Func<UpstreamRoute, bool> like)
    {
        foreach (var prefix in All) await upstream.HasAsync(prefix.ToString(), like);
    }

    [Fact]
    public async Task Several_prefixes_of_both_families_are_announced_and_withdrawn_at_once()
    {
        using var router = Router();
        Assert.Equal((RouteForm.Withdrawn, "not announced"), ((await SeenAsync(router)).Form, (await SeenAsync(router)).Detail));
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Wanted(RouteForm.Plain)));
        await AllHaveAsync(r => r.Path is [Harness.Lab.NodeAs] && r is { Communities.Count: 0, Med: null, LargeCommunities: "" });
        Assert.Equal((RouteForm.Plain, "announced to 10.99.0.2"), ((await SeenAsync(router)).Form, (await SeenAsync(router)).Detail));

        Assert.Equal(Outcome.Done, await ApplyAsync(router, Wanted(RouteForm.Withdrawn)));
        foreach (var prefix in All) await upstream.LacksAsync(prefix.ToString());
        Assert.Equal(RouteForm.Withdrawn, (await SeenAsync(router)).Form);
        Assert.All(All, p => Assert.Equal((1, 1), (upstream.Updates(p.ToString()), upstream.Withdraws(p.ToString()))));
        Assert.DoesNotContain("192.0.2", await gobgpd.RunAsync("global", "rib"), StringComparison.Ordinal);
    }

    public static TheoryData<string> Degradations => ["prepend", "med", "community", "large"];

    [Theory]
    [MemberData(nameof(Degradations))]
    public async Task Going_between_the_forms_sends_replacements_and_never_a_withdraw(string how)
    {
        var (degrade, looks) = how switch
        {
            "prepend" => (new Degradation(Prepend: 2), (Func<UpstreamRoute, bool>)(r => r.Path is [Harness.Lab.NodeAs, Harness.Lab.NodeAs, Harness.Lab.NodeAs])),
            "med" => (new Degradation(Med: 0), r => r.Med == 0),
            "community" => (new Degradation(Community: (64501, 7)), r => r.Communities is ["(64501,7)"]),
            _ => (new Degradation(Large: (4200000001, 0, uint.MaxValue)), r => r.LargeCommunities == "(4200000001, 0, 4294967295)"),
        };
        using var router = Router(degrade: degrade);
        await ApplyAsync(router, Wanted(RouteForm.Plain, degrade));
        await AllHaveAsync(r => !looks(r));
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(Outcome.Done, await ApplyAsync(router, Wanted(RouteForm.Degraded, degrade)));
            await AllHaveAsync(r => looks(r) && !r.GracefulShutdown);
            Assert.Equal(RouteForm.Degraded, (await SeenAsync(router)).Form);
            Assert.Equal(Outcome.Done, await ApplyAsync(router, Wanted(RouteForm.Draining, degrade)));
            await AllHaveAsync(r => r.GracefulShutdown && !looks(r) && r.Path.Count == 1);
            Assert.Equal(RouteForm.Draining, (await SeenAsync(router)).Form);
            Assert.Equal(Outcome.Done, await ApplyAsync(router, Wanted(RouteForm.DrainingDegraded, degrade)));
            await AllHaveAsync(r => r.GracefulShutdown && (how == "community" ? r.Communities.Contains("(64501,7)") : looks(r)));
            Assert.Equal(RouteForm.DrainingDegraded, (await SeenAsync(router)).Form);
            Assert.Equal(Outcome.Done, await ApplyAsync(router, Wanted(RouteForm.Plain, degrade)));
            await AllHaveAsync(r => !r.GracefulShutdown && !looks(r));
            Assert.Equal(RouteForm.Plain, (await SeenAsync(router)).Form);
        }
        Assert.All(All, p => Assert.Equal(0, upstream.Withdraws(p.ToString())));
    }

    [Fact]
    public async Task A_restart_of_ours_with_the_same_state_does_not_touch_the_router()
    {
        using (var before = Router()) await ApplyAsync(before, Wanted(RouteForm.Plain));
        await AllHaveAsync(_ => true);
        using var after = Router();
        Assert.Equal(RouteForm.Plain, (await SeenAsync(after)).Form);
        Assert.Equal(Outcome.Done, await ApplyAsync(after, Wanted(RouteForm.Plain)));
        await Task.Delay(100);
        Assert.All(All, p => Assert.Equal((1, 0), (upstream.Updates(p.ToString()), upstream.Withdraws(p.ToString()))));
    }

    [Fact]
    public async Task A_gobgpd_that_was_restarted_has_lost_its_paths_and_is_told_again()
    {
        using var router = Router();
        await ApplyAsync(router, Wanted(RouteForm.Degraded));
        await AllHaveAsync(r => r.Path.Count == 3);
        var before = await ReadAsync(router);
        Assert.Equal(before.Router, (await ReadAsync(router)).Router);

        await gobgpd.Process.EndAsync(LabProcess.KillNow);
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.Contains("gobgpd is not running", Assert.IsType<RouterUnseen>(await router.ReadAsync(null, default)).Why, StringComparison.Ordinal);
        Assert.Contains("gobgpd is not running", Assert.IsType<Retry>(await ApplyAsync(router, Wanted(RouteForm.Degraded))).Why, StringComparison.Ordinal);

        await gobgpd.StartAsync();
        var after = await ReadAsync(router);
        Assert.Equal(RouteForm.Withdrawn, after.Routes[0].Form);
        Assert.NotEqual(before.Router, after.Router);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Wanted(RouteForm.Degraded)));
        await AllHaveAsync(r => r.Path.Count == 3);
        // Nobody else did that: what comes next is not held against another writer.
        Assert.Equal(RouteForm.Degraded, (await SeenAsync(router)).Form);
    }

    [Fact]
    public async Task Another_writer_is_put_right_once_and_then_left_and_shown()
    {
        using var router = Router();
        await SeenAsync(router);
        await ApplyAsync(router, Wanted(RouteForm.Plain));
        Assert.Equal(RouteForm.Plain, (await SeenAsync(router)).Form);
        await gobgpd.RunAsync("global", "rib", "add", Harness.Lab.Prefix4, "origin", "igp", "med", "77");
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Med == 77);
        Assert.Contains("MED 77, not as ours", (await SeenAsync(router)).Detail, StringComparison.Ordinal);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Wanted(RouteForm.Plain)));
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Med is null);

        await gobgpd.RunAsync("global", "rib", "add", Harness.Lab.Prefix4, "rt", "64501:9");
        Assert.Contains("with other attributes, not as ours", (await SeenAsync(router)).Detail, StringComparison.Ordinal);
        Assert.Contains("somebody else changed 192.0.2.53/32 again", Assert.IsType<Retry>(await ApplyAsync(router, Wanted(RouteForm.Plain))).Why, StringComparison.Ordinal);
        Assert.Contains("64501:9", await gobgpd.RunAsync("global", "rib", Harness.Lab.Prefix4), StringComparison.Ordinal);

        // A withdraw is always said.
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Wanted(RouteForm.Withdrawn)));
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.Equal(1, upstream.Withdraws(Harness.Lab.Prefix4));
    }

    [Fact]
    public async Task What_somebody_withdrew_is_seen_and_put_right()
    {
        using var router = Router();
        await ApplyAsync(router, Wanted(RouteForm.Plain));
        await SeenAsync(router);
        await gobgpd.RunAsync("global", "rib", "del", Harness.Lab.Prefix4);
        Assert.Equal([All[0]], (await SeenAsync(router)).Lacks);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Wanted(RouteForm.Plain)));
        await upstream.HasAsync(Harness.Lab.Prefix4);
    }

    [Fact]
    public async Task A_route_that_left_the_config_stays_as_an_orphan_until_it_is_released()
    {
        using (var before = Router(routes: [new RouterRoute("anycast", All), new RouterRoute("old", Other)]))
            await ApplyAsync(before, Wanted(RouteForm.Plain), Wanted(RouteForm.Plain, route: "old", prefixes: Other));
        await upstream.HasAsync("192.0.2.54/32");

        using var after = Router();
        Assert.Equal(Other, (await ReadAsync(after)).Orphans);
        Assert.Equal(Outcome.Done, await ApplyAsync(after, Wanted(RouteForm.Withdrawn)));
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.NotNull(await upstream.RouteAsync("192.0.2.54/32"));
        Assert.Equal(Other, (await ReadAsync(after)).Orphans);

        Assert.Equal(Outcome.Done, await after.ApplyAsync(new RouterIntent("edge", ++sequence, "a test", [Wanted(RouteForm.Withdrawn)]) { Released = Other }, default));
        await upstream.LacksAsync("192.0.2.54/32");
        Assert.Empty((await ReadAsync(after)).Orphans);
    }

    [Fact]
    public async Task What_the_policies_keep_from_the_peers_is_not_announced_and_still_withdrawn()
    {
        using var router = Router();
        await ApplyAsync(router, Wanted(RouteForm.Plain));
        await AllHaveAsync(_ => true);
        await gobgpd.RunAsync("policy", "prefix", "add", "mine", Harness.Lab.Prefix4);
        await gobgpd.RunAsync("policy", "statement", "no", "add", "condition", "prefix", "mine");
        await gobgpd.RunAsync("policy", "statement", "no", "add", "action", "reject");
        await gobgpd.RunAsync("policy", "add", "out", "no");
        await gobgpd.RunAsync("global", "policy", "export", "add", "out", "default", "accept");
        await gobgpd.RunAsync("neighbor", Harness.Lab.Upstream4, "softresetout");
        var seen = await SeenAsync(router);
        Assert.Contains("192.0.2.53/32 withdrawn (its policies send it to none of its peers)", seen.Detail, StringComparison.Ordinal);
        Assert.Equal([All[0]], seen.Lacks);

        Assert.Equal(Outcome.Done, await ApplyAsync(router, Wanted(RouteForm.Withdrawn)));
        await upstream.LacksAsync(Second4);
        Assert.DoesNotContain(Harness.Lab.Prefix4, await gobgpd.RunAsync("global", "rib"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_session_what_was_told_stands()
    {
        using var router = Router();
        await ApplyAsync(router, Wanted(RouteForm.Plain));
        await gobgpd.RunAsync("neighbor", Harness.Lab.Upstream4, "disable");
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        await Wait.UntilAsync("the session is seen down", async () => (await SeenAsync(router)).Detail == "no BGP session of this family is up");
        Assert.Equal(RouteForm.Plain, (await SeenAsync(router)).Form);
    }

    [Fact]
    public async Task IPv6_over_a_session_over_IPv4_without_a_next_hop_is_not_taken_for_announced()
    {
        using var router = Router(hop6: IPAddress.IPv6Any);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Wanted(RouteForm.Plain)));
        await upstream.HasAsync(Harness.Lab.Prefix4);
        var seen = await SeenAsync(router);
        Assert.Contains("2001:db8:53::/48 withdrawn (no peer can take it: its next hop is an IPv4 address; write next-hop6)", seen.Detail, StringComparison.Ordinal);
        Assert.Null(await upstream.RouteAsync(Harness.Lab.Prefix6));
    }

    [Fact]
    public async Task A_gobgpd_that_hangs_is_a_retry_and_takes_the_withdraw_when_it_goes_on()
    {
        using var router = Router(timeout: TimeSpan.FromMilliseconds(500));
        await ApplyAsync(router, Wanted(RouteForm.Plain));
        await AllHaveAsync(_ => true);
        gobgpd.Process.Signal(LabProcess.Stop);
        // It has many threads, and each stops when it is its turn.
        await Wait.UntilAsync("all of gobgpd has stopped", () => Directory.EnumerateDirectories($"/proc/{gobgpd.Process.Pid}/task").All(t => File.ReadAllText(t + "/stat").Contains(") T ", StringComparison.Ordinal)));
        Assert.Contains("no complete answer within 0.5 s", Assert.IsType<Retry>(await ApplyAsync(router, Wanted(RouteForm.Withdrawn))).Why, StringComparison.Ordinal);
        Assert.Contains("# route anycast withdrawn", await File.ReadAllTextAsync(ledger), StringComparison.Ordinal);
        gobgpd.Process.Signal(LabProcess.Cont);
        await Wait.UntilAsync("the withdraw is taken", async () => await ApplyAsync(router, Wanted(RouteForm.Withdrawn)) == Outcome.Done);
        await upstream.LacksAsync(Harness.Lab.Prefix4);
    }
}
