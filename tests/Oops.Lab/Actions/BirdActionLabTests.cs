using System.Collections.Immutable;
using System.Net;
using Oops.Actions.Bird;
using Oops.Core;
using Oops.Lab.Harness;
using Oops.Routers;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>The `bird` action between a real BIRD and a real upstream.</summary>
public sealed class BirdActionLabTests : IAsyncLifetime
{
    static readonly ImmutableArray<IPNetwork> Both = [IPNetwork.Parse(Harness.Lab.Prefix4), IPNetwork.Parse(Harness.Lab.Prefix6)];
    static readonly Degradation Way = new(Prepend: 2);
    static readonly ImmutableArray<IPNetwork> Other = [IPNetwork.Parse("192.0.2.54/32")];

    Harness.Bird bird = null!;
    UpstreamBird upstream = null!;
    long sequence;

    public async ValueTask InitializeAsync()
    {
        LabRequires.Programs("bird");
        upstream = new UpstreamBird();
        bird = new Harness.Bird();
        await upstream.StartAsync();
        await bird.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (bird is not null)
            await bird.DisposeAsync();
        if (upstream is not null)
            await upstream.DisposeAsync();
    }

    BirdAction Action(params RouterRoute[] routes) => new(
        new BirdConfig { Name = "edge", Socket = bird.Socket, Include = bird.Include, Config = bird.ConfigPath },
        routes.Length > 0 ? routes : [new RouterRoute("anycast", Both) { Degrade = Way }], TimeProvider.System);

    static RouteWanted Wanted(RouteForm form, string route = "anycast", ImmutableArray<IPNetwork> prefixes = default) =>
        new(route, prefixes.IsDefault ? Both : prefixes, form, Way);

    async Task<Outcome> ApplyAsync(BirdAction action, params RouteWanted[] routes) =>
        await action.ApplyAsync(new RouterIntent("edge", ++sequence, "a test", [.. routes]), default);

    static async Task<RouteForm?> SeenAsync(BirdAction action, string route = "anycast")
    {
        var observed = Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));
        return observed.Routes.Single(r => r.Route == route).Form;
    }

    [Fact]
    public async Task Both_families_are_announced_and_withdrawn_in_one_reconfiguration()
    {
        using BirdAction action = Action();
        Assert.Equal(RouteForm.Withdrawn, await SeenAsync(action));
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path is [Harness.Lab.NodeAs]);
        await upstream.HasAsync(Harness.Lab.Prefix6);
        Assert.Equal(RouteForm.Plain, await SeenAsync(action));

        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        await upstream.LacksAsync(Harness.Lab.Prefix6);
        Assert.Equal(RouteForm.Withdrawn, await SeenAsync(action));
        Assert.Equal(2, File.ReadLines(bird.Process.Output).Count(l => l.EndsWith("Reconfiguring", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Going_between_the_forms_sends_replacements_and_never_a_withdraw()
    {
        using BirdAction action = Action();
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        await upstream.HasAsync(Harness.Lab.Prefix4);
        for (int round = 0; round < 5; round++)
        {
            Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Degraded)));
            await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path.Count == 3 && !r.GracefulShutdown);
            Assert.Equal(RouteForm.Degraded, await SeenAsync(action));
            Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Draining)));
            await upstream.HasAsync(Harness.Lab.Prefix4, r => r.GracefulShutdown && r.Path.Count == 1);
            Assert.Equal(RouteForm.Draining, await SeenAsync(action));
            Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.DrainingDegraded)));
            await upstream.HasAsync(Harness.Lab.Prefix4, r => r.GracefulShutdown && r.Path.Count == 3);
            Assert.Equal(RouteForm.DrainingDegraded, await SeenAsync(action));
            Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
            await upstream.HasAsync(Harness.Lab.Prefix4, r => !r.GracefulShutdown && r.Path.Count == 1);
        }
        Assert.Equal((0, 0), (upstream.Withdraws(Harness.Lab.Prefix4), upstream.Withdraws(Harness.Lab.Prefix6)));

        await ApplyAsync(action, Wanted(RouteForm.DrainingDegraded));
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.GracefulShutdown);
        Assert.Equal(RouteForm.DrainingDegraded, await SeenAsync(action));
        int updates = upstream.Updates(Harness.Lab.Prefix4);
        await ApplyAsync(action, Wanted(RouteForm.Withdrawn));
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.Equal((updates, 1), (upstream.Updates(Harness.Lab.Prefix4), upstream.Withdraws(Harness.Lab.Prefix4)));
    }

    [Fact]
    public async Task A_restart_of_ours_with_the_same_state_does_not_touch_the_router()
    {
        using (BirdAction before = Action())
            await ApplyAsync(before, Wanted(RouteForm.Plain));
        await upstream.HasAsync(Harness.Lab.Prefix4);
        await Task.Delay(50);
        string text = await File.ReadAllTextAsync(Path.Combine(bird.IncludeDirectory, "bird-edge.conf"));
        int log = File.ReadLines(bird.Process.Output).Count();

        using BirdAction after = Action();
        Assert.Equal(RouteForm.Plain, await SeenAsync(after));
        Assert.Equal(Outcome.Done, await ApplyAsync(after, Wanted(RouteForm.Plain)));
        Assert.Equal(text, await File.ReadAllTextAsync(Path.Combine(bird.IncludeDirectory, "bird-edge.conf")));
        Assert.Equal(log, File.ReadLines(bird.Process.Output).Count());
        Assert.Equal((1, 0), (upstream.Updates(Harness.Lab.Prefix4), upstream.Withdraws(Harness.Lab.Prefix4)));
    }

    [Theory]
    [InlineData("med")]
    [InlineData("community")]
    [InlineData("large")]
    public async Task A_degraded_route_that_shall_look_otherwise_is_in_no_form_until_bird_has_that_and_is_never_withdrawn(string how)
    {
        (Degradation degrade, Func<UpstreamRoute, bool> like) = how switch
        {
            "med" => (new Degradation(Med: 50), r => r.Med == 50),
            "community" => (new Degradation(Community: (64501, 7)), r => r.Communities.Contains("(64501,7)")),
            _ => (new Degradation(Large: (64501, 1, 2)), (Func<UpstreamRoute, bool>)(r => r.LargeCommunities == "(64501, 1, 2)")),
        };
        using (BirdAction before = Action())
        {
            await ApplyAsync(before, Wanted(RouteForm.Plain));
            await ApplyAsync(before, Wanted(RouteForm.Degraded));
        }
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path.Count == 3);
        using BirdAction action = Action(new RouterRoute("anycast", Both) { Degrade = degrade });
        var seen = Assert.IsType<RouterObserved>(await action.ReadAsync(null, default)).Routes[0];
        Assert.Null(seen.Form);
        Assert.Contains("prepended 2 times, not as the config has it", seen.Detail, StringComparison.Ordinal);
        foreach (RouteForm form in (RouteForm[])[RouteForm.Degraded, RouteForm.DrainingDegraded])
        {
            Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(form) with { Degrade = degrade }));
            await upstream.HasAsync(Harness.Lab.Prefix4, r => like(r) && r.Path.Count == 1 && r.GracefulShutdown == (form == RouteForm.DrainingDegraded));
            await upstream.HasAsync(Harness.Lab.Prefix6, like);
            Assert.Equal(form, await SeenAsync(action));
        }
        Assert.Equal((0, 0), (upstream.Withdraws(Harness.Lab.Prefix4), upstream.Withdraws(Harness.Lab.Prefix6)));
    }

    [Fact]
    public async Task Anybodys_reconfiguration_and_a_restart_of_bird_end_in_the_wanted_state()
    {
        using BirdAction action = Action();
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        await ApplyAsync(action, Wanted(RouteForm.Withdrawn));
        await bird.AskAsync("configure");
        Assert.Equal(RouteForm.Withdrawn, await SeenAsync(action));
        await upstream.LacksAsync(Harness.Lab.Prefix4);

        await ApplyAsync(action, Wanted(RouteForm.Draining));
        string? incarnation = ((RouterObserved)(await action.ReadAsync(null, default))!).Router;
        Assert.Null(await action.ReadAsync(null, default));
        await bird.Process.EndAsync(LabProcess.KillNow);
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.IsType<RouterUnseen>(await action.ReadAsync(null, default));
        await bird.LaunchAsync();
        await bird.EstablishedAsync();
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.GracefulShutdown);
        var restarted = Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));
        Assert.Equal(RouteForm.Draining, restarted.Routes[0].Form);
        Assert.NotEqual(incarnation, restarted.Router);
        await Task.Delay(150);
        await bird.AskAsync("configure");
        Assert.NotEqual(restarted.Router, Assert.IsType<RouterObserved>(await action.ReadAsync(null, default)).Router);
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Draining)));
    }

    [Fact]
    public async Task A_configure_resets_what_was_enabled_by_hand_which_is_why_the_file_holds_the_state()
    {
        using BirdAction action = Action();
        await ApplyAsync(action, Wanted(RouteForm.Withdrawn));
        await bird.AskAsync("enable oops_anycast_plain4");
        Assert.Equal("up", await bird.StateOfAsync("oops_anycast_plain4"));
        await bird.AskAsync("configure");
        Assert.Equal("down", await bird.StateOfAsync("oops_anycast_plain4"));
    }

    [Fact]
    public async Task What_was_switched_by_hand_is_seen_and_put_right()
    {
        using BirdAction action = Action();
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        Assert.Equal(RouteForm.Plain, await SeenAsync(action));
        await bird.AskAsync("disable oops_anycast_plain4");
        Assert.Equal([IPNetwork.Parse(Harness.Lab.Prefix4)], Assert.IsType<RouterObserved>(await action.ReadAsync(null, default)).Routes[0].Lacks);
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
        Assert.Equal(RouteForm.Plain, await SeenAsync(action));
        await upstream.HasAsync(Harness.Lab.Prefix4);
    }

    [Fact]
    public async Task While_bird_is_absent_the_file_is_written_and_it_starts_with_it()
    {
        using BirdAction action = Action();
        await bird.Process.EndAsync();
        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Plain)));
        Assert.Contains("BIRD is not running", retry.Why, StringComparison.Ordinal);
        await bird.LaunchAsync();
        await bird.EstablishedAsync();
        await upstream.HasAsync(Harness.Lab.Prefix4);
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
    }

    [Fact]
    public async Task A_bird_that_hangs_is_a_retry_and_the_file_holds_the_withdraw_for_its_end()
    {
        using var action = new BirdAction(new BirdConfig { Name = "edge", Socket = bird.Socket, Include = bird.Include, Config = bird.ConfigPath, Timeout = TimeSpan.FromMilliseconds(300) },
            [new RouterRoute("anycast", Both) { Degrade = Way }], TimeProvider.System);
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        await upstream.HasAsync(Harness.Lab.Prefix4);
        bird.Process.Signal(LabProcess.Stop);
        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        Assert.Contains("no complete answer within 0.3 s", retry.Why, StringComparison.Ordinal);
        Assert.Contains("# route anycast withdrawn", await File.ReadAllTextAsync(action.IncludePath), StringComparison.Ordinal);
        bird.Process.Signal(LabProcess.Cont);
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        await upstream.LacksAsync(Harness.Lab.Prefix4);
    }

    [Fact]
    public async Task A_second_writers_manual_disable_survives_and_the_outcome_says_why()
    {
        bird.Extra = "protocol static other_one { ipv4; route 192.0.2.77/32 blackhole; }";
        await bird.WriteConfigAsync();
        await bird.AskAsync("configure");
        using BirdAction action = Action();
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
        await bird.AskAsync("disable other_one");
        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        Assert.Contains("protocol other_one was disabled by hand", retry.Why, StringComparison.Ordinal);
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.Equal("down", await bird.StateOfAsync("other_one"));

        Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Degraded)));
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path.Count == 3);
        Assert.Equal("down", await bird.StateOfAsync("other_one"));

        await bird.AskAsync("enable other_one");
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Degraded)));
    }

    [Fact]
    public async Task A_router_file_under_edit_is_not_loaded_by_us()
    {
        using BirdAction action = Action();
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        await Task.Delay(50);
        await File.AppendAllTextAsync(bird.ConfigPath, "protocol static other_half { ipv4; route 192.0.2.78/32 blackhole; ");
        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Plain)));
        Assert.Contains("bird.conf was changed after the router's last reconfiguration", retry.Why, StringComparison.Ordinal);
        await upstream.HasAsync(Harness.Lab.Prefix4);

        await bird.WriteConfigAsync();
        await bird.AskAsync("configure");
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
    }

    [Fact]
    public async Task A_bird_that_does_not_include_us_is_told_apart()
    {
        using var action = new BirdAction(new BirdConfig { Name = "edge", Socket = bird.Socket, Include = Path.Combine(Harness.Lab.FreshDirectory("elsewhere"), "bird-*.conf"), Config = bird.ConfigPath },
            [new RouterRoute("anycast", Both) { Degrade = Way }], TimeProvider.System);
        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Plain)));
        Assert.Contains("is not there: does bird.conf include", retry.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_somebody_else_announces_is_seen()
    {
        bird.Extra = $"protocol static other_one {{ ipv4; route {Harness.Lab.Prefix4} blackhole; }}";
        await bird.WriteConfigAsync();
        await bird.AskAsync("configure");
        using BirdAction action = Action(new RouterRoute("anycast", [Both[0]]) { Degrade = Way });
        var observed = Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));
        Assert.Equal(RouteForm.Plain, observed.Routes[0].Form);
        Assert.Contains("by protocol other_one, not by ours", observed.Routes[0].Detail, StringComparison.Ordinal);
        Assert.Equal($"{Harness.Lab.Prefix4} also comes from protocol other_one", observed.Routes[0].Others);

        // Ours hides it: the filter lets both out.
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Degraded, prefixes: [Both[0]])));
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path.Count == 3);
        RouteSeen seen = ((RouterObserved)(await action.ReadAsync(null, default))!).Routes[0];
        Assert.Equal((RouteForm.Degraded, $"{Harness.Lab.Prefix4} also comes from protocol other_one"), (seen.Form, seen.Others));

        // Taken out by its owner: what is ours goes on, and the neighbour sees no withdraw.
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain, prefixes: [Both[0]])));
        bird.Extra = "";
        await bird.WriteConfigAsync();
        await bird.AskAsync("configure");
        await Wait.UntilAsync("it is ours alone", async () => ((RouterObserved?)await action.ReadAsync(null, default)) is { Routes: [{ Form: RouteForm.Plain, Others: null }] });
        Assert.Equal(0, upstream.Withdraws(Harness.Lab.Prefix4));
    }

    [Theory]
    [InlineData("all", true)]
    [InlineData("where proto ~ \"oops_*\"", false)]
    public async Task A_static_route_of_the_operators_is_told_of_where_his_filter_lets_it_out(string export, bool told)
    {
        bird.Extra = $"protocol static {{ ipv4; route {Harness.Lab.Prefix4} blackhole; }}";
        bird.Export = export;
        await bird.WriteConfigAsync();
        await bird.AskAsync("configure");
        await bird.EstablishedAsync();
        using BirdAction action = Action(new RouterRoute("anycast", [Both[0]]) { Degrade = Way });
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Degraded, prefixes: [Both[0]])));
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path.Count == 3);
        RouteSeen seen = ((RouterObserved)(await action.ReadAsync(null, default))!).Routes[0];
        Assert.Equal((RouteForm.Degraded, told ? $"{Harness.Lab.Prefix4} also comes from protocol static1" : null), (seen.Form, seen.Others));

        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn, prefixes: [Both[0]])));
        if (told)
        {
            await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path.Count == 1);
            seen = ((RouterObserved)(await action.ReadAsync(null, default))!).Routes[0];
            Assert.Equal((RouteForm.Plain, $"{Harness.Lab.Prefix4} also comes from protocol static1"), (seen.Form, seen.Others));
        }
        else
        {
            await upstream.LacksAsync(Harness.Lab.Prefix4);
        }
    }

    [Fact]
    public async Task A_route_that_the_filter_lets_nobody_have_is_not_announced_but_one_without_a_session_stands()
    {
        using BirdAction action = Action();
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        await File.WriteAllTextAsync(bird.ConfigPath, (await File.ReadAllTextAsync(bird.ConfigPath)).Replace("if proto ~ \"oops_*\" then accept;", "", StringComparison.Ordinal));
        await bird.AskAsync("configure");
        var observed = Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));
        Assert.Equal(RouteForm.Withdrawn, observed.Routes[0].Form);
        Assert.Contains("its filters export it to no session", observed.Routes[0].Detail, StringComparison.Ordinal);

        await bird.AskAsync("disable up");
        observed = Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));
        Assert.Equal((RouteForm.Plain, "no BGP session of this family is up"), (observed.Routes[0].Form, observed.Routes[0].Detail));
    }

    [Fact]
    public async Task A_route_that_left_the_config_stays_as_an_orphan_until_it_is_released()
    {
        using (BirdAction before = Action(new RouterRoute("anycast", Both), new RouterRoute("old", Other)))
            await ApplyAsync(before, Wanted(RouteForm.Plain), Wanted(RouteForm.Plain, "old", Other));
        await upstream.HasAsync("192.0.2.54/32");

        using BirdAction after = Action();
        Assert.Equal(Outcome.Done, await ApplyAsync(after, Wanted(RouteForm.Withdrawn)));
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.NotNull(await upstream.RouteAsync("192.0.2.54/32"));
        var observed = Assert.IsType<RouterObserved>(await after.ReadAsync(null, default));
        Assert.Equal(Other, observed.Orphans);

        Assert.Equal(Outcome.Done, await after.ApplyAsync(new RouterIntent("edge", ++sequence, "a test", [Wanted(RouteForm.Withdrawn)]) { Released = Other }, default));
        await upstream.LacksAsync("192.0.2.54/32");
    }

    [Fact]
    public async Task A_proof_is_obeyed_also_where_a_prefix_cannot_be_moved_first()
    {
        using (BirdAction before = Action(new RouterRoute("anycast", [.. Both, .. Other])))
            await ApplyAsync(before, Wanted(RouteForm.Plain, prefixes: [.. Both, .. Other]));
        await upstream.HasAsync("192.0.2.54/32");
        using BirdAction after = Action(new RouterRoute("anycast", Both), new RouterRoute("b", Other));
        string include = after.IncludePath;
        string text = await File.ReadAllTextAsync(include);
        var retry = Assert.IsType<Retry>(await UnwritableAsync());
        Assert.StartsWith("cannot write", retry.Why, StringComparison.Ordinal);
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        await upstream.LacksAsync(Harness.Lab.Prefix6);

        async Task<Outcome> UnwritableAsync()
        {
            // It knows what is in the file, which then is none that could be replaced.
            await SeenAsync(after);
            File.Delete(include);
            Directory.CreateDirectory(include);
            try
            {
                return await ApplyAsync(after, Wanted(RouteForm.Withdrawn));
            }
            finally
            {
                Directory.Delete(include);
                await File.WriteAllTextAsync(include, text);
            }
        }
    }

    [Fact]
    public async Task What_is_left_of_a_route_that_has_other_prefixes_now_does_not_flap_while_it_is_withdrawn()
    {
        using (BirdAction before = Action(new RouterRoute("anycast", Other)))
            await ApplyAsync(before, Wanted(RouteForm.Plain, prefixes: Other));
        await upstream.HasAsync("192.0.2.54/32");
        bird.Extra = $"protocol static other_one {{ ipv4; route {Harness.Lab.Prefix4} blackhole; }}";
        await bird.WriteConfigAsync();
        await bird.AskAsync("configure");
        using BirdAction after = Action(new RouterRoute("anycast", [Both[0]]) { Degrade = Way });
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(RouteForm.Plain, await SeenAsync(after));
            Assert.Equal(Outcome.Done, await ApplyAsync(after, Wanted(RouteForm.Withdrawn, prefixes: [Both[0]])));
        }
        Assert.NotNull(await upstream.RouteAsync("192.0.2.54/32"));
        Assert.Equal(0, upstream.Withdraws("192.0.2.54/32"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_prefix_that_is_another_routes_by_now_stays_when_the_one_that_it_left_is_withdrawn(bool there)
    {
        ImmutableArray<IPNetwork> more = [IPNetwork.Parse("192.0.2.55/32")];
        using (BirdAction before = Action(new RouterRoute("anycast", [.. Both, .. Other]), new RouterRoute("b", more)))
            await ApplyAsync(before, [Wanted(RouteForm.Plain, prefixes: [.. Both, .. Other]), .. there ? [Wanted(RouteForm.Withdrawn, "b", more)] : Array.Empty<RouteWanted>()]);
        await upstream.HasAsync("192.0.2.54/32");

        // Of b nothing is said, as of a route that is held or was not read yet.
        using BirdAction after = Action(new RouterRoute("anycast", Both), new RouterRoute("b", [.. more, .. Other]));
        Assert.Equal(Outcome.Done, await ApplyAsync(after, Wanted(RouteForm.Withdrawn)));
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        await upstream.LacksAsync(Harness.Lab.Prefix6);
        Assert.NotNull(await upstream.RouteAsync("192.0.2.54/32"));
        Assert.Equal(0, upstream.Withdraws("192.0.2.54/32"));
        Assert.Null(await upstream.RouteAsync("192.0.2.55/32"));
        Assert.Equal("up", await bird.StateOfAsync("oops_b_plain4"));

        Assert.Equal(Outcome.Done, await ApplyAsync(after, Wanted(RouteForm.Withdrawn), Wanted(RouteForm.Withdrawn, "b", [.. more, .. Other])));
        await upstream.LacksAsync("192.0.2.54/32");
    }

    [Fact]
    public async Task What_a_person_switches_of_a_route_that_nothing_is_said_of_stays_so_while_the_others_are_withdrawn()
    {
        using BirdAction action = Action(new RouterRoute("anycast", Both), new RouterRoute("held", Other));
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain), Wanted(RouteForm.Plain, "held", Other)));
        await upstream.HasAsync("192.0.2.54/32");
        await bird.AskAsync("disable oops_held_plain4");
        await upstream.LacksAsync("192.0.2.54/32");

        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        Assert.Contains("protocol oops_held_plain4 is down and would come up, but its route is held", retry.Why, StringComparison.Ordinal);
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.Equal("down", await bird.StateOfAsync("oops_held_plain4"));

        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn), Wanted(RouteForm.Plain, "held", Other)));
        await upstream.HasAsync("192.0.2.54/32");
        Assert.Null(await upstream.RouteAsync(Harness.Lab.Prefix4));
    }

    [Fact]
    public async Task Of_a_route_that_is_exported_in_part_the_rest_is_named()
    {
        using BirdAction action = Action();
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        await bird.AskAsync("disable oops_anycast_plain6");
        var observed = Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));
        Assert.Equal(RouteForm.Plain, observed.Routes[0].Form);
        Assert.Equal([IPNetwork.Parse(Harness.Lab.Prefix6)], observed.Routes[0].Lacks);
    }

    [Fact]
    public async Task A_literal_include_of_a_missing_file_keeps_bird_from_starting_and_a_glob_does_not()
    {
        await bird.Process.EndAsync();
        string text = await File.ReadAllTextAsync(bird.ConfigPath);
        await File.WriteAllTextAsync(bird.ConfigPath, text.Replace(bird.Include, bird.Include.Replace("*", "edge", StringComparison.Ordinal), StringComparison.Ordinal));
        await bird.LaunchAsync();
        Assert.False(bird.Process.Running);
        await File.WriteAllTextAsync(bird.ConfigPath, text);
        await bird.LaunchAsync();
        Assert.True(bird.Process.Running);
    }
}
