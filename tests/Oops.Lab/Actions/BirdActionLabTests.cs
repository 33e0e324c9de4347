using System.Collections.Immutable;
using System.Net;
using Oops.Actions.Bird;
using Oops.Core;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>The `bird` action between a real BIRD and a real upstream.</summary>
public sealed class BirdActionLabTests : IAsyncLifetime
{
    private static readonly ImmutableArray<IPNetwork> Both = [IPNetwork.Parse(Harness.Lab.Prefix4), IPNetwork.Parse(Harness.Lab.Prefix6)];
    private static readonly ImmutableArray<IPNetwork> Other = [IPNetwork.Parse("192.0.2.54/32")];

    private Harness.Bird _bird = null!;
    private UpstreamBird _upstream = null!;
    private long _sequence;

    public async ValueTask InitializeAsync()
    {
        LabRequires.Programs("bird");
        _upstream = new UpstreamBird();
        _bird = new Harness.Bird();
        await _upstream.StartAsync();
        await _bird.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_bird is not null)
            await _bird.DisposeAsync();
        if (_upstream is not null)
            await _upstream.DisposeAsync();
    }

    private BirdAction Action(params BirdRouteSpec[] routes) => new(
        new BirdConfig { Name = "edge", Socket = _bird.Socket, Include = _bird.Include, Config = _bird.ConfigPath },
        routes.Length > 0 ? routes : [new BirdRouteSpec("anycast", Both)], TimeProvider.System);

    private static RouteWanted Wanted(RouteForm form, string route = "anycast", ImmutableArray<IPNetwork> prefixes = default) =>
        new(route, prefixes.IsDefault ? Both : prefixes, form, new Degradation(Prepend: 2));

    private async Task<Outcome> ApplyAsync(BirdAction action, params RouteWanted[] routes) =>
        await action.ApplyAsync(new RouterIntent("edge", ++_sequence, "a test", [.. routes]), default);

    private static async Task<RouteForm?> SeenAsync(BirdAction action, string route = "anycast")
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
        await _upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path is [Harness.Lab.NodeAs]);
        await _upstream.HasAsync(Harness.Lab.Prefix6);
        Assert.Equal(RouteForm.Plain, await SeenAsync(action));

        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        await _upstream.LacksAsync(Harness.Lab.Prefix4);
        await _upstream.LacksAsync(Harness.Lab.Prefix6);
        Assert.Equal(RouteForm.Withdrawn, await SeenAsync(action));
        Assert.Equal(2, File.ReadLines(_bird.Process.Output).Count(l => l.EndsWith("Reconfiguring", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Going_between_the_forms_sends_replacements_and_never_a_withdraw()
    {
        using BirdAction action = Action();
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        await _upstream.HasAsync(Harness.Lab.Prefix4);
        for (int round = 0; round < 5; round++)
        {
            Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Degraded)));
            await _upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path.Count == 3 && !r.GracefulShutdown);
            Assert.Equal(RouteForm.Degraded, await SeenAsync(action));
            Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Draining)));
            await _upstream.HasAsync(Harness.Lab.Prefix4, r => r.GracefulShutdown && r.Path.Count == 1);
            Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
            await _upstream.HasAsync(Harness.Lab.Prefix4, r => !r.GracefulShutdown && r.Path.Count == 1);
        }
        Assert.Equal((0, 0), (_upstream.Withdraws(Harness.Lab.Prefix4), _upstream.Withdraws(Harness.Lab.Prefix6)));

        await ApplyAsync(action, Wanted(RouteForm.Draining));
        await _upstream.HasAsync(Harness.Lab.Prefix4, r => r.GracefulShutdown);
        int updates = _upstream.Updates(Harness.Lab.Prefix4);
        await ApplyAsync(action, Wanted(RouteForm.Withdrawn));
        await _upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.Equal((updates, 1), (_upstream.Updates(Harness.Lab.Prefix4), _upstream.Withdraws(Harness.Lab.Prefix4)));
    }

    [Fact]
    public async Task A_restart_of_ours_with_the_same_state_does_not_touch_the_router()
    {
        using (BirdAction before = Action())
            await ApplyAsync(before, Wanted(RouteForm.Plain));
        await _upstream.HasAsync(Harness.Lab.Prefix4);
        await Task.Delay(50);
        string text = await File.ReadAllTextAsync(Path.Combine(_bird.IncludeDirectory, "bird-edge.conf"));
        int log = File.ReadLines(_bird.Process.Output).Count();

        using BirdAction after = Action();
        Assert.Equal(RouteForm.Plain, await SeenAsync(after));
        Assert.Equal(Outcome.Done, await ApplyAsync(after, Wanted(RouteForm.Plain)));
        Assert.Equal(text, await File.ReadAllTextAsync(Path.Combine(_bird.IncludeDirectory, "bird-edge.conf")));
        Assert.Equal(log, File.ReadLines(_bird.Process.Output).Count());
        Assert.Equal((1, 0), (_upstream.Updates(Harness.Lab.Prefix4), _upstream.Withdraws(Harness.Lab.Prefix4)));
    }

    [Fact]
    public async Task Anybodys_reconfiguration_and_a_restart_of_bird_end_in_the_wanted_state()
    {
        using BirdAction action = Action();
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        await ApplyAsync(action, Wanted(RouteForm.Withdrawn));
        await _bird.AskAsync("configure");
        Assert.Equal(RouteForm.Withdrawn, await SeenAsync(action));
        await _upstream.LacksAsync(Harness.Lab.Prefix4);

        await ApplyAsync(action, Wanted(RouteForm.Draining));
        string? incarnation = ((RouterObserved)(await action.ReadAsync(null, default))!).Router;
        Assert.Null(await action.ReadAsync(null, default));
        await _bird.Process.EndAsync(LabProcess.KillNow);
        await _upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.IsType<RouterUnseen>(await action.ReadAsync(null, default));
        await _bird.LaunchAsync();
        await _bird.EstablishedAsync();
        await _upstream.HasAsync(Harness.Lab.Prefix4, r => r.GracefulShutdown);
        var restarted = Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));
        Assert.Equal(RouteForm.Draining, restarted.Routes[0].Form);
        Assert.NotEqual(incarnation, restarted.Router);
        await Task.Delay(150);
        await _bird.AskAsync("configure");
        Assert.NotEqual(restarted.Router, Assert.IsType<RouterObserved>(await action.ReadAsync(null, default)).Router);
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Draining)));
    }

    [Fact]
    public async Task A_configure_resets_what_was_enabled_by_hand_which_is_why_the_file_holds_the_state()
    {
        using BirdAction action = Action();
        await ApplyAsync(action, Wanted(RouteForm.Withdrawn));
        await _bird.AskAsync("enable oops_anycast_plain4");
        Assert.Equal("up", await _bird.StateOfAsync("oops_anycast_plain4"));
        await _bird.AskAsync("configure");
        Assert.Equal("down", await _bird.StateOfAsync("oops_anycast_plain4"));
    }

    [Fact]
    public async Task What_was_switched_by_hand_is_seen_and_put_right()
    {
        using BirdAction action = Action();
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        Assert.Equal(RouteForm.Plain, await SeenAsync(action));
        await _bird.AskAsync("disable oops_anycast_plain4");
        Assert.Null(await SeenAsync(action));
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
        Assert.Equal(RouteForm.Plain, await SeenAsync(action));
        await _upstream.HasAsync(Harness.Lab.Prefix4);
    }

    [Fact]
    public async Task While_bird_is_absent_the_file_is_written_and_it_starts_with_it()
    {
        using BirdAction action = Action();
        await _bird.Process.EndAsync();
        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Plain)));
        Assert.Contains("BIRD is not running", retry.Why, StringComparison.Ordinal);
        await _bird.LaunchAsync();
        await _bird.EstablishedAsync();
        await _upstream.HasAsync(Harness.Lab.Prefix4);
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
    }

    [Fact]
    public async Task A_bird_that_hangs_is_a_retry_and_the_file_holds_the_withdraw_for_its_end()
    {
        using var action = new BirdAction(new BirdConfig { Name = "edge", Socket = _bird.Socket, Include = _bird.Include, Config = _bird.ConfigPath, Timeout = TimeSpan.FromMilliseconds(300) },
            [new BirdRouteSpec("anycast", Both)], TimeProvider.System);
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        await _upstream.HasAsync(Harness.Lab.Prefix4);
        _bird.Process.Signal(LabProcess.Stop);
        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        Assert.Contains("no complete answer within 0.3 s", retry.Why, StringComparison.Ordinal);
        Assert.Contains("# route anycast withdrawn", await File.ReadAllTextAsync(action.IncludePath), StringComparison.Ordinal);
        _bird.Process.Signal(LabProcess.Cont);
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        await _upstream.LacksAsync(Harness.Lab.Prefix4);
    }

    [Fact]
    public async Task A_second_writers_manual_disable_survives_and_the_outcome_says_why()
    {
        _bird.Extra = "protocol static other_one { ipv4; route 192.0.2.77/32 blackhole; }";
        await _bird.WriteConfigAsync();
        await _bird.AskAsync("configure");
        using BirdAction action = Action();
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
        await _bird.AskAsync("disable other_one");
        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        Assert.Contains("protocol other_one was disabled by hand", retry.Why, StringComparison.Ordinal);
        await _upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.Equal("down", await _bird.StateOfAsync("other_one"));

        Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Degraded)));
        await _upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path.Count == 3);
        Assert.Equal("down", await _bird.StateOfAsync("other_one"));

        await _bird.AskAsync("enable other_one");
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Degraded)));
    }

    [Fact]
    public async Task A_router_file_under_edit_is_not_loaded_by_us()
    {
        using BirdAction action = Action();
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Withdrawn)));
        await Task.Delay(50);
        await File.AppendAllTextAsync(_bird.ConfigPath, "protocol static other_half { ipv4; route 192.0.2.78/32 blackhole; ");
        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Plain)));
        Assert.Contains("bird.conf was changed after the router's last reconfiguration", retry.Why, StringComparison.Ordinal);
        await _upstream.HasAsync(Harness.Lab.Prefix4);

        await _bird.WriteConfigAsync();
        await _bird.AskAsync("configure");
        Assert.Equal(Outcome.Done, await ApplyAsync(action, Wanted(RouteForm.Plain)));
    }

    [Fact]
    public async Task A_bird_that_does_not_include_us_is_told_apart()
    {
        using var action = new BirdAction(new BirdConfig { Name = "edge", Socket = _bird.Socket, Include = Path.Combine(Harness.Lab.FreshDirectory("elsewhere"), "bird-*.conf"), Config = _bird.ConfigPath },
            [new BirdRouteSpec("anycast", Both)], TimeProvider.System);
        var retry = Assert.IsType<Retry>(await ApplyAsync(action, Wanted(RouteForm.Plain)));
        Assert.Contains("is not there: does bird.conf include", retry.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_somebody_else_announces_is_seen()
    {
        _bird.Extra = $"protocol static other_one {{ ipv4; route {Harness.Lab.Prefix4} blackhole; }}";
        await _bird.WriteConfigAsync();
        await _bird.AskAsync("configure");
        using BirdAction action = Action(new BirdRouteSpec("anycast", [Both[0]]));
        var observed = Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));
        Assert.Equal(RouteForm.Plain, observed.Routes[0].Form);
        Assert.Contains("by protocol other_one, not by ours", observed.Routes[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_that_the_filter_lets_nobody_have_is_not_announced_but_one_without_a_session_stands()
    {
        using BirdAction action = Action();
        await ApplyAsync(action, Wanted(RouteForm.Plain));
        await File.WriteAllTextAsync(_bird.ConfigPath, (await File.ReadAllTextAsync(_bird.ConfigPath)).Replace("if proto ~ \"oops_*\" then accept;", "", StringComparison.Ordinal));
        await _bird.AskAsync("configure");
        var observed = Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));
        Assert.Equal(RouteForm.Withdrawn, observed.Routes[0].Form);
        Assert.Contains("its filters export it to no session", observed.Routes[0].Detail, StringComparison.Ordinal);

        await _bird.AskAsync("disable up");
        observed = Assert.IsType<RouterObserved>(await action.ReadAsync(null, default));
        Assert.Equal((RouteForm.Plain, "no BGP session of this family is up"), (observed.Routes[0].Form, observed.Routes[0].Detail));
    }

    [Fact]
    public async Task A_route_that_left_the_config_stays_as_an_orphan_until_it_is_released()
    {
        using (BirdAction before = Action(new BirdRouteSpec("anycast", Both), new BirdRouteSpec("old", Other)))
            await ApplyAsync(before, Wanted(RouteForm.Plain), Wanted(RouteForm.Plain, "old", Other));
        await _upstream.HasAsync("192.0.2.54/32");

        using BirdAction after = Action();
        Assert.Equal(Outcome.Done, await ApplyAsync(after, Wanted(RouteForm.Withdrawn)));
        await _upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.NotNull(await _upstream.RouteAsync("192.0.2.54/32"));
        var observed = Assert.IsType<RouterObserved>(await after.ReadAsync(null, default));
        Assert.Equal(Other, observed.Orphans);

        Assert.Equal(Outcome.Done, await after.ApplyAsync(new RouterIntent("edge", ++_sequence, "a test", [Wanted(RouteForm.Withdrawn)]) { Released = Other }, default));
        await _upstream.LacksAsync("192.0.2.54/32");
    }

    [Fact]
    public async Task A_literal_include_of_a_missing_file_keeps_bird_from_starting_and_a_glob_does_not()
    {
        await _bird.Process.EndAsync();
        string text = await File.ReadAllTextAsync(_bird.ConfigPath);
        await File.WriteAllTextAsync(_bird.ConfigPath, text.Replace(_bird.Include, _bird.Include.Replace("*", "edge", StringComparison.Ordinal), StringComparison.Ordinal));
        await _bird.LaunchAsync();
        Assert.False(_bird.Process.Running);
        await File.WriteAllTextAsync(_bird.ConfigPath, text);
        await _bird.LaunchAsync();
        Assert.True(_bird.Process.Running);
    }
}
