using Microsoft.Extensions.Logging.Abstractions;
using Oops.Control;
using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Routers;
using Oops.Tests.Control;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Engine;

public sealed class DaemonTests
{
    [Theory]
    [InlineData(false, RouteForm.Withdrawn)]
    [InlineData(true, RouteForm.Plain)]
    public async Task At_the_end_a_route_leaves_if_the_config_says_so_and_nobody_holds_it(bool held, RouteForm form)
    {
        await using var oops = await Living.StartAsync(p => p with { Routes = [p.Routes[0] with { OnExit = OnExit.Withdraw }] });
        if (held) Assert.Equal(0, (await oops.SayAsync("hold", new() { Routes = ["anycast4"] })).Exit);
        await oops.Daemon.StopAsync();
        Assert.Equal(form, ((RouterObserved)oops.Router.Observe()!).Routes[0].Form);
    }

    [Fact]
    public async Task At_the_end_nothing_is_told_of_what_is_only_observed()
    {
        await using var oops = await Living.StartAsync(p => p with { Mode = Mode.Observe, Routes = [p.Routes[0] with { OnExit = OnExit.Withdraw }] });
        await ExitRoutes.LeaveAsync(oops.Daemon);
        Assert.Empty(oops.Router.Applied);
    }

    [Fact]
    public void What_only_moves_levels_is_saved_later_than_routes_and_words()
    {
        var reaction = new ReactionIntent("tell", 1, "test") { Rule = 1, Condition = "zone-updated", Server = "ns1", State = State.Met };
        Assert.Equal(0, Daemon.Urgency(new ZoneSignal("probe/ns1", "nl", Measure.Serial, 2), []));
        Assert.Equal(1, Daemon.Urgency(new ZoneSignal("probe/ns1", "nl", Measure.Serial, 2), [reaction]));
        Assert.Equal(1, Daemon.Urgency(new Applied("tell", 1, Outcome.Done), []));
        Assert.Equal(2, Daemon.Urgency(Tick.Instance, [reaction, new RouterIntent("edge", 2, "test", [])]));
        Assert.Equal(2, Daemon.Urgency(new Unhold("me", []), []));
        Assert.Equal(2, Daemon.Urgency(new ZonesListed("knot/ns1", ["nl"], Last: true), []));
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_given_its_router_is_told_until_it_has_one()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("oops.yaml");
        await File.WriteAllTextAsync(path, $"mode: observe\nservers: {{ ns1: {{ kind: knot }} }}\nactions: {{ frr: [ {{ name: edge, socket: {folder.File("bgpd.vty")} }} ] }}\nstate-directory: {folder.File("state")}\nruntime-directory: {folder.Path}\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("frr-edge.routes"), Ledger.Render("edge", []), TestContext.Current.CancellationToken);
        Directory.CreateDirectory(folder.File(".frr-edge.routes.tmp"));
        await using var daemon = new Daemon(Plan.Load(path, out _)!, path, new("boot", "0.1.0-test"), BootTime.Instance, NullLogger.Instance);
        await daemon.StartAsync();
        Assert.Contains($"cannot write {folder.File("frr-edge.routes")}", Assert.Single(daemon.Notices.All, n => n.Id == "ledgers/router").Text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.File("frr-edge.routes"), Ledger.Render("edge", [], folder.File("bgpd.vty")), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).Replace("ns1:", "ns2:", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.True((await daemon.ReloadAsync(confirm: true)).Taken);
        Assert.DoesNotContain(daemon.Notices.All, n => n.Id == "ledgers/router");
    }

    [Fact]
    public async Task The_ways_out_of_a_full_disk_are_where_it_started_whatever_a_later_config_says()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("oops.yaml");
        // No journal can be in a file.
        await File.WriteAllTextAsync(folder.File("file"), "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(path, Config("file/state", "run"), TestContext.Current.CancellationToken);
        await using var daemon = new Daemon(Plan.Load(path, out _)!, path, new("boot", "0.1.0-test"), BootTime.Instance, NullLogger.Instance);
        await daemon.StartAsync();
        await File.WriteAllTextAsync(path, Config("new/state", "new/run"), TestContext.Current.CancellationToken);
        var result = await daemon.ReloadAsync(confirm: true);
        Assert.True(result.Taken, result.Text);
        var kept = await daemon.OperateAsync(new Hold("me", [], null, "test"));
        Assert.True(kept is { Refused: true });
        Assert.Equal(4, VerbAnswer.Of(kept!).Exit);
        Assert.Equal(1, VerbAnswer.Of(kept! with { Refused = false }).Exit);
        var why = kept!.Why;
        Assert.Contains($"make room under {folder.File("file/state")})", why, StringComparison.Ordinal);
        Assert.EndsWith($"touch {folder.File("run/hold")}", why, StringComparison.Ordinal);

        string Config(string state, string run) => $"mode: observe\nservers: {{ ns1: {{ kind: knot }} }}\nstate-directory: {folder.File(state)}\nruntime-directory: {folder.File(run)}\n";
    }
}
