using Oops.Commands;
using Oops.Control;
using Oops.Core;
using Oops.Lab.Daemon;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>The built oops with ExaBGP: what the daemon makes of a router that forgets, and of pipes that it may not use.</summary>
public sealed class ExabgpDaemonLabTests : IAsyncDisposable
{
    readonly UpstreamBird upstream = new();
    readonly Harness.Exabgp exabgp = new();
    readonly Knotd knot = new() { Files = ["one.test"] };
    readonly OopsDaemon oops = new();

    string Config => $$"""
        mode: act
        site: lab
        servers:
          ns1: { kind: knot, address: {{Harness.Lab.Anycast4}}@53, pidfile: {{knot.PidFile}}, control: {{knot.Control}}, zones: { list: [one.test] } }
        sources:
          process: [ { server: ns1 } ]
          probe: [ { server: ns1, to: [{{Harness.Lab.Anycast4}}] } ]
        actions:
          exabgp: [ { name: edge, pipes: {{exabgp.Pipes}}, next-hop6: "{{Harness.Lab.Node6}}", read-every: 1s } ]
        routes:
          anycast: { prefixes: [{{Harness.Lab.Prefix4}}, "{{Harness.Lab.Prefix6}}"], via: edge, announce-when: [server-running, all-zones-ready], withdraw-when: [server-down], rise: 0s, fall: 0s, budget: off }
        """;

    public async ValueTask DisposeAsync()
    {
        await oops.DisposeAsync();
        await knot.DisposeAsync();
        await exabgp.DisposeAsync();
        await upstream.DisposeAsync();
    }

    async Task<RouteReport> RouteAsync()
    {
        using var client = new ControlClient(oops.ControlSocket);
        var (status, text) = await client.GetAsync("/status", ControlJson.Default.StatusAnswer, default);
        return status?.Routes.Single() ?? throw new InvalidOperationException(text);
    }

    [Fact]
    public async Task A_crash_withdraws_a_restart_of_exabgp_is_made_good_and_another_writer_is_corrected_once()
    {
        LabRequires.Programs("knotd", "bird", "exabgp", "exabgpcli");
        await Task.WhenAll(upstream.StartAsync(), knot.StartAsync());
        await exabgp.StartAsync();
        await oops.StartAsync(Config);
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: TimeSpan.FromSeconds(15));
        await upstream.HasAsync(Harness.Lab.Prefix6);
        await Wait.UntilAsync("oops shows it announced", async () => await RouteAsync() is { State: RouteState.Announced, Router: RouteForm.Plain }, state: () => oops.Process.Tail(30));

        // What it wants is plain, and what it finds is neither that nor any form of its own.
        await exabgp.CliAsync($"announce route {Harness.Lab.Prefix4} next-hop self med 77");
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Med == 77);
        await Wait.UntilAsync("it is put right", async () => await upstream.RouteAsync(Harness.Lab.Prefix4) is { Med: null }, TimeSpan.FromSeconds(30), state: () => oops.Process.Tail(30));
        Assert.Equal(0, upstream.Withdraws(Harness.Lab.Prefix4));

        await exabgp.Process.EndAsync(LabProcess.KillNow);
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        await exabgp.LaunchAsync();
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: TimeSpan.FromSeconds(30));
        await upstream.HasAsync(Harness.Lab.Prefix6);

        knot.Process.Signal(LabProcess.KillNow);
        TimeSpan took = await upstream.LacksAsync(Harness.Lab.Prefix4);
        await upstream.LacksAsync(Harness.Lab.Prefix6);
        TestContext.Current.TestOutputHelper?.WriteLine($"from the crash to the upstream's table: {took.TotalMilliseconds:0} ms");
    }

    [Fact]
    public async Task Pipes_that_it_may_not_use_are_named_with_what_to_do()
    {
        LabRequires.Programs("exabgp", "exabgpcli", "chgrp");
        await using OtherUser users = await OtherUser.PrepareAsync();
        await exabgp.WriteConfigAsync();
        await exabgp.MakePipesAsync();
        string config = Path.Combine(Harness.Lab.FreshDirectory("exabgpcheck"), "oops.yaml");
        await File.WriteAllTextAsync(config, Config + "\nstate-directory: /tmp\nruntime-directory: /tmp\n");
        (int code, string text) = await OopsDaemon.RunProgramAsync(users.Line(OtherUser.Daemon, OtherUser.Daemon, "check", "--live", "--config", config));
        Assert.Equal(1, code);
        Assert.Contains($"FAIL  action edge: exabgp: {exabgp.Pipes}.out: permission denied (oops must read and write both pipes", text, StringComparison.Ordinal);

        (code, text) = await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "check", "--live", "--config", config);
        Assert.Equal(1, code);
        Assert.Contains($"FAIL  action edge: exabgp: {exabgp.Pipes}.in: nobody reads it (ExaBGP is not running", text, StringComparison.Ordinal);

        // As with `UMask=0007` in Debian's unit, and oops in its group.
        const UnixFileMode Group = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        foreach (string pipe in (string[])[exabgp.Pipes + ".in", exabgp.Pipes + ".out"])
        {
            File.SetUnixFileMode(pipe, Group);
            await OopsDaemon.DoProgramAsync("chgrp", $"{OtherUser.Daemon}", pipe);
        }
        await exabgp.LaunchAsync();
        (_, text) = await OopsDaemon.RunProgramAsync(users.Line(OtherUser.Daemon, OtherUser.Daemon, "check", "--live", "--config", config));
        Assert.Contains("ok    action edge: read back; the router says: pid ", text, StringComparison.Ordinal);
    }
}
