using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Lab.Harness;
using Oops.Routers;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>The `exabgp` action between a real ExaBGP and a real upstream.</summary>
public sealed class ExabgpActionLabTests : IAsyncLifetime
{
    const string Second4 = "192.0.2.54/32";
    const string Second6 = "2001:db8:54::/48";

    static readonly string[] Names = [Harness.Lab.Prefix4, Second4, Harness.Lab.Prefix6, Second6];
    static readonly ImmutableArray<IPNetwork> All = [.. Names.Select(IPNetwork.Parse)];
    static readonly ImmutableArray<IPNetwork> Other = [IPNetwork.Parse("192.0.2.99/32")];

    readonly string runtime = Harness.Lab.FreshDirectory("exabgpledger");
    readonly UpstreamBird upstream = new();
    readonly Harness.Exabgp exabgp = new();
    long sequence;

    public async ValueTask InitializeAsync()
    {
        LabRequires.Programs("bird", "exabgp", "exabgpcli");
        await upstream.StartAsync();
        await exabgp.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await exabgp.DisposeAsync();
        await upstream.DisposeAsync();
    }

    PrefixRouter Action(TimeSpan? timeout = null, params RouterRoute[] routes) =>
        exabgp.Config(timeout).Create(routes.Length > 0 ? routes : [new RouterRoute("anycast", All)], new LedgerFile(Path.Combine(runtime, "exabgp-edge.routes")), TimeProvider.System);

    static RouteWanted Wanted(RouteForm form, Degradation? degrade = null, string route = "anycast", ImmutableArray<IPNetwork> prefixes = default) =>
        new(route, prefixes.IsDefault ? All : prefixes, form, degrade ?? new Degradation(Prepend: 2));

    async Task<Outcome> ApplyAsync(PrefixRouter action, params RouteWanted[] routes) =>
        await action.ApplyAsync(new RouterIntent("edge", ++sequence, "a test", [.. routes]), default);

    static async Task<RouterObserved> ReadAsync(PrefixRouter action) => Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));

    static async Task<RouteForm?> SeenAsync(PrefixRouter action) => (await ReadAsync(action)).Routes.Single(r => r.Route == "anycast").Form;

    async Task HaveAsync(Func<UpstreamRoute, bool> like)
    {
        foreach (string prefix in Names)
            await upstream.HasAsync(prefix, like);
    }

    static bool IsPlain(UpstreamRoute route) => route is { Path: [Harness.Lab.NodeAs], Communities.Count: 0, Med: null, LargeCommunities: "" };

    [Fact]
    public async Task Several_prefixes_of_both_families_are_announced_and_withdrawn_together()
    {
        using PrefixRouter action = Action();
        Assert.Equal(RouteForm.Withdrawn, await SeenAsync(action));
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
        await HaveAsync(IsPlain);
        RouteSeen seen = (await ReadAsync(action)).Routes.Single();
        Assert.Equal((RouteForm.Plain, $"announced to {Harness.Lab.Upstream4}"), (seen.Form, seen.Detail));

        // What is so is not said again, also after a restart of ours.
        int said = exabgp.Logged("route added");
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
        using (PrefixRouter after = Action())
        {
            Assert.Equal(RouteForm.Plain, await SeenAsync(after));
            Assert.Equal(Outcome.Done, await ApplyAsync(after, Wanted(RouteForm.Plain)));
        }
        Assert.Equal((4, said), (said, exabgp.Logged("route added")));

        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        foreach (string prefix in Names)
            await upstream.LacksAsync(prefix);
        Assert.Equal(RouteForm.Withdrawn, await SeenAsync(action));
        Assert.All(Names, p => Assert.Equal((1, 1), (upstream.Updates(p), upstream.Withdraws(p))));
    }

    [Theory]
    [InlineData("prepend")]
    [InlineData("med")]
    [InlineData("community")]
    [InlineData("large")]
    public async Task Going_between_the_forms_sends_replacements_and_never_a_withdraw(string by)
    {
        (Degradation degrade, Func<UpstreamRoute, bool> like) = by switch
        {
            "prepend" => (new Degradation(Prepend: 2), (Func<UpstreamRoute, bool>)(r => r.Path is [Harness.Lab.NodeAs, Harness.Lab.NodeAs, Harness.Lab.NodeAs])),
            "med" => (new Degradation(Med: 50), r => r.Med == 50 && r.Path.Count == 1),
            "community" => (new Degradation(Community: (64501, 7)), r => r.Communities is ["(64501,7)"]),
            _ => (new Degradation(Large: (64501, 1, 2)), r => r.LargeCommunities == "(64501, 1, 2)"),
        };
        using PrefixRouter action = Action(null, new RouterRoute("anycast", All) { Degrade = degrade });
        await SeenAsync(action);
        for (int round = 0; round < 3; round++)
        {
            foreach ((RouteForm form, Func<UpstreamRoute, bool> looks) in ((RouteForm, Func<UpstreamRoute, bool>)[])[(RouteForm.Plain, IsPlain), (RouteForm.Degraded, like), (RouteForm.Draining, r => r.GracefulShutdown && r.Path.Count == 1),
                (RouteForm.DrainingDegraded, r => r.GracefulShutdown && (by == "community" ? r.Communities.Contains("(64501,7)") : like(r)))])
            {
                Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(form, degrade)));
                await HaveAsync(looks);
                Assert.Equal(form, await SeenAsync(action));
            }
        }
        Assert.All(Names, p => Assert.Equal((12, 0), (upstream.Updates(p), upstream.Withdraws(p))));
    }

    [Fact]
    public async Task After_a_restart_its_routes_are_seen_missing_and_said_again_however_often()
    {
        using PrefixRouter action = Action(TimeSpan.FromSeconds(2));
        await SeenAsync(action);
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Degraded)));
        for (int restart = 0; restart < 3; restart++)
        {
            await HaveAsync(r => r.Path.Count == 3);
            string? incarnation = (await ReadAsync(action)).Router;
            await exabgp.Process.EndAsync(LabProcess.KillNow);
            await upstream.LacksAsync(Harness.Lab.Prefix6);
            var unseen = Assert.IsType<RouterUnseen>(await action.ReadAsync(null, default));
            Assert.Contains("ExaBGP is not running", unseen.Why, StringComparison.Ordinal);
            // On the same pipes: nothing but the process tells.
            await exabgp.LaunchAsync();
            RouterObserved observed = await ReadAsync(action);
            Assert.Equal(RouteForm.Withdrawn, observed.Routes.Single().Form);
            Assert.NotEqual(incarnation, observed.Router);
            Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Degraded)));
            await exabgp.EstablishedAsync();
        }
        await HaveAsync(r => r.Path.Count == 3);
    }

    [Fact]
    public async Task A_reload_of_exabgp_is_no_restart_and_takes_no_route_away()
    {
        using PrefixRouter action = Action();
        await SeenAsync(action);
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        await HaveAsync(IsPlain);
        string? incarnation = (await ReadAsync(action)).Router;
        const int Usr1 = 10;
        int loaded = exabgp.Logged("loaded new configuration successfully");
        exabgp.Process.Signal(Usr1);
        await Wait.UntilAsync("exabgp has reloaded", () => exabgp.Logged("loaded new configuration successfully") > loaded);
        await Wait.UntilAsync("exabgp reads its pipe again", async () => await action.ReadAsync(null, default) is RouterObserved);
        Assert.Equal(incarnation, (await ReadAsync(action)).Router);
        Assert.Equal(RouteForm.Plain, await SeenAsync(action));
        Assert.All(Names, p => Assert.Equal(0, upstream.Withdraws(p)));
    }

    [Fact]
    public async Task New_pipes_as_of_debians_unit_are_a_restart_too()
    {
        using PrefixRouter action = Action();
        string incarnation = (await ReadAsync(action)).Router ?? "";
        await exabgp.Process.EndAsync();
        await exabgp.MakePipesAsync();
        await exabgp.LaunchAsync();
        string after = (await ReadAsync(action)).Router ?? "";
        Assert.NotEqual(incarnation[incarnation.IndexOf("pipe", StringComparison.Ordinal)..], after[after.IndexOf("pipe", StringComparison.Ordinal)..]);
        Assert.NotEqual(incarnation[..incarnation.IndexOf("pipe", StringComparison.Ordinal)], after[..after.IndexOf("pipe", StringComparison.Ordinal)]);
    }

    [Fact]
    public async Task What_another_writer_changes_is_put_right_once_and_then_left_and_shown()
    {
        using PrefixRouter action = Action();
        await SeenAsync(action);
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        await HaveAsync(IsPlain);

        await exabgp.CliAsync($"announce route {Harness.Lab.Prefix4} next-hop self med 77");
        RouteSeen seen = (await ReadAsync(action)).Routes.Single();
        Assert.Null(seen.Form);
        Assert.Contains("MED 77, not as ours", seen.Detail, StringComparison.Ordinal);
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Med is null);
        Assert.Equal(RouteForm.Plain, await SeenAsync(action));

        await exabgp.CliAsync($"withdraw route {Harness.Lab.Prefix4} next-hop self");
        Assert.Equal([All[0]], (await ReadAsync(action)).Routes.Single().Lacks);
        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Plain)));
        Assert.Contains($"somebody else changed {Harness.Lab.Prefix4} again", retry.Why, StringComparison.Ordinal);
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.Equal([All[0]], (await ReadAsync(action)).Routes.Single().Lacks);

        await exabgp.CliAsync($"announce route {Harness.Lab.Prefix4} next-hop self");
        Assert.Equal(RouteForm.Plain, await SeenAsync(action));
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        await upstream.LacksAsync(Harness.Lab.Prefix4);
    }

    [Fact]
    public async Task Another_user_of_the_pipes_at_the_same_time_makes_nothing_look_withdrawn()
    {
        using PrefixRouter action = Action(TimeSpan.FromSeconds(1));
        await SeenAsync(action);
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        await HaveAsync(IsPlain);
        using var stop = new CancellationTokenSource();
        Task other = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await exabgp.CliAsync("show adj-rib out extensive");
        });
        int seen = 0;
        for (int i = 0; i < 60; i++)
        {
            // It may find that it cannot be read at this time, but never what is not so.
            if (await action.ReadAsync(null, default) is not RouterObserved observed)
                continue;
            seen++;
            Assert.Equal(RouteForm.Plain, observed.Routes.Single().Form);
        }
        await stop.CancelAsync();
        await other;
        Assert.True(seen > 0, "never read beside another user");
        Assert.Equal(RouteForm.Plain, await SeenAsync(action));
        Assert.All(Names, p => Assert.Equal((1, 0), (upstream.Updates(p), upstream.Withdraws(p))));
    }

    [Fact]
    public async Task One_that_is_stopped_is_a_retry_and_what_it_answers_later_is_not_taken_for_something_else()
    {
        using PrefixRouter action = Action(TimeSpan.FromMilliseconds(400));
        await SeenAsync(action);
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        await HaveAsync(IsPlain);
        exabgp.Process.Signal(LabProcess.Stop);
        Assert.Contains("no complete answer within 0.4 s", Assert.IsType<RouterUnseen>(await action.ReadAsync(null, default)).Why, StringComparison.Ordinal);
        Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        exabgp.Process.Signal(LabProcess.Cont);
        // The withdraw was in the pipe.
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        await Wait.UntilAsync("it answers", async () => await action.ReadAsync(null, default) is RouterObserved);
        Assert.Equal(RouteForm.Withdrawn, await SeenAsync(action));
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Draining)));
        Assert.Equal(RouteForm.Draining, await SeenAsync(action));
    }

    [Fact]
    public async Task A_route_that_left_the_config_stays_as_an_orphan_until_it_is_released()
    {
        using (PrefixRouter before = Action(null, new RouterRoute("anycast", All), new RouterRoute("old", Other)))
        {
            await before.ReadAsync(null, default);
            await ApplyAsync(before, Wanted(RouteForm.Plain), Wanted(RouteForm.Plain, route: "old", prefixes: Other));
        }
        await upstream.HasAsync("192.0.2.99/32");

        using PrefixRouter after = Action();
        Assert.Equal(Other, (await ReadAsync(after)).Orphans);
        Assert.Equal(Outcome.Done, await ApplyAsync(after, Wanted(RouteForm.Withdrawn)));
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.NotNull(await upstream.RouteAsync("192.0.2.99/32"));

        Assert.Equal(Outcome.Done, await after.ApplyAsync(new RouterIntent("edge", ++sequence, "a test", [Wanted(RouteForm.Withdrawn)]) { Released = Other }, default));
        await upstream.LacksAsync("192.0.2.99/32");
        Assert.Empty((await ReadAsync(after)).Orphans);
    }

    [Fact]
    public async Task Self_is_refused_where_exabgp_would_send_it_as_nothing_and_spoil_other_routes_with_it()
    {
        Oops.Actions.Exabgp.ExabgpConfig config = exabgp.Config();
        config.NextHop6 = "self";
        using PrefixRouter action = config.Create([new RouterRoute("anycast", All)], new LedgerFile(Path.Combine(runtime, "exabgp-edge.routes")), TimeProvider.System);
        await SeenAsync(action);
        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Plain)));
        Assert.Contains("write `next-hop6:` with an address", retry.Why, StringComparison.Ordinal);
        await upstream.HasAsync(Harness.Lab.Prefix4, IsPlain);
        Assert.Null(await upstream.RouteAsync(Harness.Lab.Prefix6));

        // Why: 4.2.21 says `done`, shows it in its table, and at the next reload the IPv4 route with the same attributes goes with it.
        await exabgp.CliAsync($"announce route {Harness.Lab.Prefix6} next-hop self");
        const int Usr1 = 10;
        await Wait.UntilAsync("the IPv4 route is withdrawn at the reload", async () =>
        {
            exabgp.Process.Signal(Usr1);
            await Task.Delay(500);
            return upstream.Withdraws(Harness.Lab.Prefix4) > 0;
        });
        Assert.Contains($"{Harness.Lab.Prefix4} next-hop self", await exabgp.CliAsync("show adj-rib out"), StringComparison.Ordinal);
    }
}
