using System.Globalization;
using Oops.Lab.Daemon;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>The built oops with the `frr` action, as an operator has it.</summary>
public sealed class FrrDaemonLabTests : IAsyncDisposable
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    readonly string directory = Harness.Lab.Root is null ? "" : Harness.Lab.FreshDirectory("frrdaemon");
    Harness.Frr? frr;
    UpstreamBird? upstream;
    OopsDaemon? oops;
    LabProcess? server;

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable? one in (IAsyncDisposable?[])[oops, server, frr, upstream])
            if (one is not null)
                await one.DisposeAsync();
    }

    async Task<string> ConfigAsync()
    {
        server = LabProcess.Start(Path.Combine(directory, "server.log"), "sleep", "1000");
        await File.WriteAllTextAsync(Path.Combine(directory, "server.pid"), server.Pid.ToString(CultureInfo.InvariantCulture));
        return $$"""
            mode: act
            servers: { ns1: { kind: knot, address: {{Harness.Lab.Anycast4}}@53, pidfile: {{directory}}/server.pid, zones: { list: [one.test] } } }
            sources: { process: [ { server: ns1, executable: [sleep] } ] }
            actions: { frr: [ { name: edge, socket: {{frr!.Socket}}, read-every: 1s } ] }
            routes: { anycast: { prefixes: [{{Harness.Lab.Prefix4}}, "{{Harness.Lab.Prefix6}}"], via: edge, announce-when: [server-running], withdraw-when: [server-down], rise: 0s, fall: 0s, budget: off } }
            """;
    }

    [Fact]
    public async Task Check_live_says_what_is_missing_and_what_is_there()
    {
        LabRequires.Programs("bgpd", "bird");
        frr = new Harness.Frr();
        upstream = new UpstreamBird();
        File.SetUnixFileMode(directory, (UnixFileMode)0x1FF);
        string config = Path.Combine(directory, "oops.yaml");
        await File.WriteAllTextAsync(config, $"{await ConfigAsync()}\nstate-directory: {directory}/state\nruntime-directory: {directory}/run\n");
        string program = OopsDaemon.Binary ?? throw new InvalidOperationException("oops is not built: make build");
        (int code, string text) = await OopsDaemon.RunProgramAsync(program, "check", "--live", "--config", config);
        Assert.Equal(1, code);
        Assert.Contains($"FAIL  action edge: frr: no socket (bgpd is not running: is `bgpd=yes` in /etc/frr/daemons?) at {frr.Socket}", text, StringComparison.Ordinal);

        await upstream.StartAsync();
        await frr.StartAsync();
        (code, text) = await OopsDaemon.RunProgramAsync(program, "check", "--live", "--config", config);
        Assert.True(code == 0, text);
        Assert.Contains("ok    action edge: read back; the router says: FRRouting ", text, StringComparison.Ordinal);
        Assert.Contains($", pid {frr.Process.Pid}, started ", text, StringComparison.Ordinal);

        await using OtherUser users = await OtherUser.PrepareAsync();
        (code, text) = await OopsDaemon.RunProgramAsync(users.Line(OtherUser.Daemon, OtherUser.Daemon, "check", "--live", "--config", config));
        Assert.Equal(1, code);
        Assert.Contains($"FAIL  action edge: frr: permission denied (the daemon's user must be in the socket's group, `frrvty` on Debian) at {frr.Socket}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bgpd_that_hung_while_the_server_died_is_told_as_soon_as_it_answers_again()
    {
        await RunAsync();
        frr!.Process.Signal(LabProcess.Stop);
        server!.Signal(LabProcess.KillNow);
        // Until the pause between two tries is a long one; meanwhile the session has ended at the upstream.
        await Task.Delay(TimeSpan.FromSeconds(40));
        await upstream!.LacksAsync(Harness.Lab.Prefix4);
        frr.Process.Signal(LabProcess.Cont);
        await Wait.UntilAsync("bgpd has lost the prefix", async () => await frr.AskAsync($"show bgp ipv4 unicast {Harness.Lab.Prefix4} json") == "{\n}\n", TimeSpan.FromSeconds(4), state: () => oops!.Process.Tail(30));
    }

    [Fact]
    public async Task What_was_left_to_another_writer_comes_back_after_a_drain()
    {
        await RunAsync();
        for (int change = 0; change < 2; change++)
        {
            await frr!.ConfigureAsync("address-family ipv4 unicast", $"no network {Harness.Lab.Prefix4}");
            await upstream!.LacksAsync(Harness.Lab.Prefix4);
            if (change == 0)
                await upstream.HasAsync(Harness.Lab.Prefix4, deadline: Soon);
        }
        await Wait.UntilAsync("it is left to them", async () => (await oops!.RunAsync("status")).Text.Contains("somebody else changed", StringComparison.Ordinal), Soon, state: () => oops!.Process.Tail(30));
        (int code, string text) = await oops!.RunAsync("drain", "anycast", "--force", "--wait");
        Assert.True(code == 0, text);
        (code, text) = await oops.RunAsync("undrain", "anycast");
        Assert.True(code == 0, text);
        await upstream!.HasAsync(Harness.Lab.Prefix4, deadline: Soon);
        await upstream.HasAsync(Harness.Lab.Prefix6, deadline: Soon);
    }

    [Fact]
    public async Task A_hold_tells_nothing_when_bgpd_is_restarted_and_an_alarm_says_what_is_out()
    {
        await RunAsync();
        (int code, string text) = await oops!.RunAsync("hold");
        Assert.True(code == 0, text);
        await frr!.Process.EndAsync(LabProcess.KillNow);
        await upstream!.LacksAsync(Harness.Lab.Prefix4);
        await frr.LaunchAsync();
        await frr.EstablishedAsync();
        await Wait.UntilAsync("an alarm says so", async () => (await oops.RunAsync("status")).Text is var status && status.Contains("missing/edge", StringComparison.Ordinal) && status.Contains("told nothing until `oops unhold`", StringComparison.Ordinal), Soon, state: () => oops.Process.Tail(30));
        Assert.Null(await upstream.RouteAsync(Harness.Lab.Prefix4));
        (code, text) = await oops.RunAsync("unhold");
        Assert.True(code == 0, text);
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: Soon);
    }

    /// <summary>All of it, with both prefixes at the upstream.</summary>
    async Task RunAsync()
    {
        LabRequires.Programs("bgpd", "bird");
        frr = new Harness.Frr();
        upstream = new UpstreamBird();
        oops = new OopsDaemon();
        await upstream.StartAsync();
        await frr.StartAsync();
        await oops.StartAsync(await ConfigAsync());
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: Soon);
        await upstream.HasAsync(Harness.Lab.Prefix6, deadline: Soon);
    }

    [Fact]
    public async Task A_restarted_bgpd_is_told_the_routes_again_and_the_servers_death_withdraws_them()
    {
        LabRequires.Programs("bgpd", "bird");
        frr = new Harness.Frr();
        upstream = new UpstreamBird();
        oops = new OopsDaemon();
        await upstream.StartAsync();
        await frr.StartAsync();
        await oops.StartAsync(await ConfigAsync());
        await BothAsync();
        await StatusAsync("announced");

        await frr.Process.EndAsync(LabProcess.KillNow);
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        await frr.LaunchAsync();
        await BothAsync();

        server!.Signal(LabProcess.KillNow);
        await upstream.LacksAsync(Harness.Lab.Prefix4, TimeSpan.FromSeconds(2));
        await upstream.LacksAsync(Harness.Lab.Prefix6, TimeSpan.FromSeconds(2));
        await StatusAsync("withdrawn");
        Assert.Equal("{\n}\n", await frr.AskAsync($"show bgp ipv4 unicast {Harness.Lab.Prefix4} json"));

        async Task BothAsync()
        {
            await upstream.HasAsync(Harness.Lab.Prefix4, deadline: Soon);
            await upstream.HasAsync(Harness.Lab.Prefix6, deadline: Soon);
        }

        Task StatusAsync(string word) => Wait.UntilAsync("status says " + word, async () => (await oops.RunAsync("status")).Text.Contains(word, StringComparison.Ordinal), step: TimeSpan.FromMilliseconds(100), state: () => oops.Process.Tail(30));
    }
}
