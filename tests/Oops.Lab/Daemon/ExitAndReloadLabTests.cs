using Oops.Core;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Daemon;

/// <summary>The end of oops, and another config while it runs.</summary>
public sealed class ExitAndReloadLabTests
{
    [Fact]
    public async Task SIGTERM_takes_the_route_that_asked_for_it_out_and_leaves_the_other_alone()
    {
        await using var node = new Node
        {
            Routes = $"  leaving: {{ prefixes: [\"{Harness.Lab.Prefix6}\"], via: edge, announce-when: [server-running], withdraw-when: [server-down], rise: 0s, on-exit: withdraw }}",
        };
        await node.StartAsync();
        await node.Upstream.HasAsync(Harness.Lab.Prefix6);
        int before = node.Changes;

        await node.Oops.Process.EndAsync();

        Assert.Equal(0, node.Oops.Process.ExitCode);
        await node.Upstream.LacksAsync(Harness.Lab.Prefix6, Node.Soon);
        Assert.Equal((1, before), (node.Upstream.Withdraws(Harness.Lab.Prefix6), node.Changes));
        Assert.True(await node.AnnouncedAsync());

        // What left comes back through admission; what stayed is ours still.
        await node.Oops.LaunchAsync();
        await node.Upstream.HasAsync(Harness.Lab.Prefix6);
        Assert.Equal(before, node.Changes);
        Assert.DoesNotContain("adopted", await node.StatusAsync(), StringComparison.Ordinal);

        // A person's hold stands above it.
        Assert.Equal(0, (await node.Oops.RunAsync("hold", "leaving")).Code);
        await node.Oops.Process.EndAsync();
        Assert.NotNull(await node.Upstream.RouteAsync(Harness.Lab.Prefix6));
        Assert.Equal(1, node.Upstream.Withdraws(Harness.Lab.Prefix6));
    }

    [Fact]
    public async Task SIGHUP_reads_the_config_also_where_whoever_started_it_ignores_that()
    {
        LabRequires.Programs("nohup");
        await using var oops = new OopsDaemon { Before = ["nohup"] };
        await oops.StartAsync($"mode: observe\nservers: {{ ns1: {{ kind: other, address: {Harness.Lab.Anycast4}@53 }} }}\n");
        oops.Process.Signal(LabProcess.Hup);
        await Wait.UntilAsync("the config is read again", () => oops.Process.Tail(30).Contains("the config is unchanged", StringComparison.Ordinal), state: () => oops.Process.Tail());
    }

    [Fact]
    public async Task Another_degrade_reaches_a_degraded_route_without_a_person_by_a_replacement_and_stays_while_it_drains()
    {
        await using var node = new Node { Route = ", degrade-when: [closed], degrade: prepend 2, drain: { graceful: 5m }" };
        await node.StartAsync();
        Assert.Equal(0, (await node.Oops.RunAsync("signal", "closed", "ns1", "met")).Code);
        await node.Upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path.Count == 3);

        node.Route = node.Route.Replace("prepend 2", "med 200", StringComparison.Ordinal);
        await node.Oops.WriteAsync(node.Config);
        (int code, string text) = await node.Oops.RunAsync("reload");
        Assert.True(code == 0, text);
        await node.Upstream.HasAsync(Harness.Lab.Prefix4, r => r.Med == 200 && r.Path.Count == 1, deadline: TimeSpan.FromSeconds(20));
        Assert.Equal(RouteState.Degraded, (await node.RouteAsync()).State);

        (code, text) = await node.Oops.RunAsync("drain", "anycast", "--force");
        Assert.True(code == 0, text);
        await node.Upstream.HasAsync(Harness.Lab.Prefix4, r => r.Med == 200 && r.GracefulShutdown);
        await Wait.UntilAsync("it is read back so", async () => (await node.RouteAsync()).Router == RouteForm.DrainingDegraded, state: node.State);
        Assert.Equal(0, node.Upstream.Withdraws(Harness.Lab.Prefix4));
    }

    [Fact]
    public async Task A_reload_that_leaves_announced_what_nobody_follows_waits_for_confirm_and_the_alarm_says_how_to_get_rid_of_it()
    {
        await using var node = new Node
        {
            Routes = $"  second: {{ prefixes: [\"{Harness.Lab.Prefix6}\"], via: edge, announce-when: [server-running], withdraw-when: [server-down], rise: 0s, fall: 0s }}",
        };
        await node.StartAsync();
        await node.Upstream.HasAsync(Harness.Lab.Prefix6);
        string second = $"second: edge goes on announcing {Harness.Lab.Prefix6}, and nobody follows it any more";

        // From act to observe.
        node.Mode = "observe";
        await node.Oops.WriteAsync(node.Config);
        (int code, string text) = await node.Oops.RunAsync("reload");
        Assert.True(code == 4, text);
        Assert.Contains($"anycast: edge goes on announcing {Harness.Lab.Prefix4}, and nobody follows it any more", text, StringComparison.Ordinal);
        Assert.Contains(second, text, StringComparison.Ordinal);

        // A route leaves, its action stays.
        (node.Mode, node.Routes) = ("act", "");
        await node.Oops.WriteAsync(node.Config);
        (code, text) = await node.Oops.RunAsync("reload");
        Assert.True(code == 4, text);
        Assert.Contains(second, text, StringComparison.Ordinal);
        Assert.DoesNotContain("anycast: ", text, StringComparison.Ordinal);
        (code, text) = await node.Oops.RunAsync("confirm");
        Assert.True(code == 0, text);
        await Wait.UntilAsync("the alarm says that nobody follows it", async () => (await node.StatusAsync()).Contains($"orphan/edge: edge still has prefixes that left the config: {Harness.Lab.Prefix6}; nobody follows them any more", StringComparison.Ordinal), state: node.State);

        // As it says: it stays whatever becomes of the server, until it is released.
        node.Knot.Process.Signal(LabProcess.KillNow);
        await node.Upstream.LacksAsync(Harness.Lab.Prefix4, Node.Soon);
        Assert.NotNull(await node.Upstream.RouteAsync(Harness.Lab.Prefix6));
        (code, text) = await node.Oops.RunAsync("release", Harness.Lab.Prefix6);
        Assert.True(code == 0, text);
        await node.Upstream.LacksAsync(Harness.Lab.Prefix6);
    }

    [Fact]
    public async Task A_reload_that_decides_differently_waits_for_confirm_and_a_broken_one_leaves_the_old_config_in_charge()
    {
        await using var node = new Node();
        await node.StartAsync();
        Assert.Equal(0, (await node.Oops.RunAsync("signal", "closed", "ns1", "met")).Code);
        int before = node.Changes;

        node.Withdraw = "[server-down, closed]";
        await node.Oops.WriteAsync(node.Config);
        node.Oops.Process.Signal(LabProcess.Hup);
        await Wait.UntilAsync("status shows that a config waits", async () => (await node.StatusAsync()).Contains("a new config waits for `oops confirm`", StringComparison.Ordinal), state: node.State);
        (int code, string text) = await node.Oops.RunAsync("reload");
        Assert.Equal(4, code);
        Assert.Contains("anycast: announced -> withdrawn, because closed", text, StringComparison.Ordinal);
        Assert.Equal(before, node.Changes);

        (code, text) = await node.Oops.RunAsync("confirm");
        Assert.True(code == 0, text);
        await node.Upstream.LacksAsync(Harness.Lab.Prefix4, Node.Soon);
        Assert.DoesNotContain("waits for `oops confirm`", await node.StatusAsync(), StringComparison.Ordinal);

        await File.AppendAllTextAsync(node.Oops.ConfigPath, "\nroutes: typo\n");
        node.Oops.Process.Signal(LabProcess.Hup);
        await Wait.UntilAsync("status shows that the config is broken", async () => (await node.StatusAsync()).Contains("the old one stays in charge: " + node.Oops.ConfigPath, StringComparison.Ordinal), state: node.State);
        (code, text) = await node.Oops.RunAsync("reload");
        Assert.Equal(2, code);
        Assert.Contains($"{node.Oops.ConfigPath}:", text, StringComparison.Ordinal);
        Assert.Contains("ERROR reload:", node.State(), StringComparison.Ordinal);

        // It decides: what closed it ends, and the route comes back.
        Assert.Equal(0, (await node.Oops.RunAsync("signal", "closed", "ns1", "not-met")).Code);
        await node.Upstream.HasAsync(Harness.Lab.Prefix4);

        // And without the mistake all is well again.
        await node.Oops.WriteAsync(node.Config);
        (code, text) = await node.Oops.RunAsync("reload");
        Assert.True(code == 0, text);
        Assert.DoesNotContain("the old one stays in charge", await node.StatusAsync(), StringComparison.Ordinal);
    }
}
