using System.Globalization;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>A node without a routing daemon: knotd, the built oops, and a real BIRD on the other end.</summary>
public sealed class SpeakerDaemonLabTests : IAsyncLifetime
{
    readonly Knotd knot = new() { Files = ["one.test"] };
    readonly UpstreamBird upstream = new();
    readonly OopsDaemon oops = new();

    string Config(string more = "", string speaker = "", string peer = "", string others = "") => $$"""
        mode: act
        site: lab
        servers:
          ns1: { kind: knot, address: {{Harness.Lab.Anycast4}}@53, pidfile: {{knot.PidFile}}, control: {{knot.Control}}, zones: { list: [one.test] } }
        sources:
          process: [ { server: ns1 } ]
          probe: [ { server: ns1, to: [{{Harness.Lab.Anycast4}}] } ]
        actions:
          speaker:
            - { name: edge, asn: {{Harness.Lab.NodeAs}}, router-id: {{Harness.Lab.Node4}}, peers: [ { address: {{Harness.Lab.Upstream4}}, asn: {{Harness.Lab.UpstreamAs}}, next-hop6: "{{Harness.Lab.Node6}}"{{peer}} }{{others}} ]{{speaker}} }
        routes:
          anycast: { prefixes: [{{Harness.Lab.Prefix4}}], via: edge, announce-when: [server-running, all-zones-ready], withdraw-when: [server-down], rise: 0s, fall: 0s, budget: off }
        {{more}}
        """;

    public async ValueTask InitializeAsync()
    {
        LabRequires.Programs("bird", "knotd", "knotc");
        await Task.WhenAll(upstream.StartAsync(), knot.StartAsync());
        await oops.StartAsync(Config());
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: TimeSpan.FromSeconds(15));
    }

    public async ValueTask DisposeAsync()
    {
        await oops.DisposeAsync();
        await knot.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_killed_oops_takes_its_routes_with_it_and_brings_them_back_by_admission()
    {
        oops.Process.Signal(LabProcess.KillNow);
        TimeSpan gone = await upstream.LacksAsync(Harness.Lab.Prefix4, TimeSpan.FromSeconds(5));
        Assert.True(gone < TimeSpan.FromSeconds(1), $"{gone}");
        await oops.Process.EndAsync(0);
        await oops.LaunchAsync();
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: TimeSpan.FromSeconds(15));
        (_, string text) = await oops.RunAsync("status");
        Assert.DoesNotContain("adopted", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_session_is_in_the_table_of_one_thread_alone_which_a_kill_ends_before_the_memory()
    {
        // 10.99.0.2@179, established.
        string inode = File.ReadLines($"/proc/{oops.Process.Pid}/net/tcp").Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Single(l => l[2] == "0200630A:00B3" && l[3] == "01")[9];
        string session = $"socket:[{inode}]";
        Assert.DoesNotContain(session, Open($"/proc/{oops.Process.Pid}/fd"));
        List<string> there = Open(Path.Combine(WireThread(), "fd"));
        Assert.Contains(session, there);
        // It began before anything else of ours was open.
        Assert.Equal([session], there.Where(f => f.StartsWith("socket:", StringComparison.Ordinal)));
        Assert.DoesNotContain(there, f => f.StartsWith(oops.StateDirectory, StringComparison.Ordinal) || f.StartsWith(oops.RuntimeDirectory, StringComparison.Ordinal));
    }

    [Fact]
    public async Task SIGTERM_ends_it_whichever_thread_it_is_sent_to()
    {
        for (int round = 0; round < 3; round++)
        {
            string thread = WireThread();
            ulong blocked = ulong.Parse(File.ReadLines(Path.Combine(thread, "status")).Single(l => l.StartsWith("SigBlk:", StringComparison.Ordinal))[7..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Assert.NotEqual(0ul, blocked & (1ul << (LabProcess.Term - 1)));
            await OopsDaemon.DoProgramAsync("kill", "-TERM", Path.GetFileName(thread));
            await Wait.UntilAsync("it ends", () => !oops.Process.Running, TimeSpan.FromSeconds(10));
            Assert.Equal(0, oops.Process.ExitCode);
            await upstream.LacksAsync(Harness.Lab.Prefix4, TimeSpan.FromSeconds(2));
            await oops.LaunchAsync();
            await upstream.HasAsync(Harness.Lab.Prefix4, deadline: TimeSpan.FromSeconds(25));
        }
    }

    string WireThread() => Directory.EnumerateDirectories($"/proc/{oops.Process.Pid}/task").Single(t => File.ReadAllText(Path.Combine(t, "comm")).Trim() == "oops-tcp");

    static List<string> Open(string folder) => [.. Directory.EnumerateFiles(folder).Select(f => new FileInfo(f).LinkTarget ?? "")];

    [Fact]
    public async Task SIGTERM_tells_the_peer_why()
    {
        await oops.Process.EndAsync();
        Assert.Equal(0, oops.Process.ExitCode);
        await upstream.LacksAsync(Harness.Lab.Prefix4, TimeSpan.FromSeconds(2));
        await Wait.UntilAsync("BIRD logs the shutdown", () => upstream.Process.Tail(20).Contains("Administrative shutdown", StringComparison.Ordinal), state: () => upstream.Process.Tail());
        Assert.Contains("oops stops", upstream.Process.Tail(20), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_servers_death_is_on_the_wire_within_milliseconds_and_its_return_too()
    {
        using var tap = new WireTap(Harness.Lab.Anycast4);
        long killed = WireTap.Now();
        knot.Process.Signal(LabProcess.KillNow);
        await upstream.LacksAsync(Harness.Lab.Prefix4, TimeSpan.FromSeconds(5));
        await Wait.UntilAsync("the withdraw is on the wire", () => tap.First(killed, withdrawn: true) is not null, TimeSpan.FromSeconds(2));
        double milliseconds = (tap.First(killed, withdrawn: true)!.Value.Nanoseconds - killed) / 1e6;
        TestContext.Current.SendDiagnosticMessage($"kill -9 to the withdraw on the wire: {milliseconds:0.0} ms");
        Assert.InRange(milliseconds, 0, 500);
        await knot.Process.EndAsync(0);
        await knot.StartAsync();
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task A_reload_with_another_route_leaves_the_session_alone()
    {
        int before = upstream.Updates(Harness.Lab.Prefix4) + upstream.Withdraws(Harness.Lab.Prefix4);
        string log = await File.ReadAllTextAsync(upstream.Process.Output);
        await oops.WriteAsync(Config($"  more: {{ prefixes: [\"{Harness.Lab.Prefix6}\"], via: edge, announce-when: [server-running], withdraw-when: [server-down], rise: 0s, fall: 0s, budget: off }}"));
        (int code, string text) = await oops.RunAsync("reload");
        Assert.True(code == 0, text);
        await upstream.HasAsync(Harness.Lab.Prefix6);
        Assert.Equal(before, upstream.Updates(Harness.Lab.Prefix4) + upstream.Withdraws(Harness.Lab.Prefix4));

        // A route that leaves the config is an orphan, until it is released.
        await oops.WriteAsync(Config());
        (code, text) = await oops.RunAsync("reload");
        Assert.True(code == 4, text);
        Assert.Contains($"more: edge goes on announcing {Harness.Lab.Prefix6}, and nobody follows it any more", text, StringComparison.Ordinal);
        (code, text) = await oops.RunAsync("confirm");
        Assert.True(code == 0, text);
        await Wait.UntilAsync("it is shown as an orphan", async () => (await oops.RunAsync("status")).Text.Contains("orphan", StringComparison.Ordinal), state: () => oops.Process.Tail(20));
        Assert.NotNull(await upstream.RouteAsync(Harness.Lab.Prefix6));
        (code, text) = await oops.RunAsync("release", Harness.Lab.Prefix6);
        Assert.True(code == 0, text);
        await upstream.LacksAsync(Harness.Lab.Prefix6);
        Assert.Equal(before, upstream.Updates(Harness.Lab.Prefix4) + upstream.Withdraws(Harness.Lab.Prefix4));
        Assert.DoesNotContain("Received: ", (await File.ReadAllTextAsync(upstream.Process.Output))[log.Length..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_of_what_does_not_concern_the_session_leaves_it_alone()
    {
        string log = await File.ReadAllTextAsync(upstream.Process.Output);
        (int code, string text) = await oops.RunAsync("hold", "--for", "10m");
        Assert.True(code == 0, text);
        foreach (string other in (string[])[", read-every: 3s", $", read-every: 3s, listen: [{Harness.Lab.Node4}@1790]"])
        {
            await oops.WriteAsync(Config(speaker: other));
            (code, text) = await oops.RunAsync("reload");
            Assert.True(code == 0, text);
        }

        await oops.WriteAsync(Config(others: $", {{ address: 10.99.0.3, asn: {Harness.Lab.UpstreamAs} }}"));
        (code, text) = await oops.RunAsync("reload");
        Assert.True(code == 0, text);
        await Wait.UntilAsync("the new peer is shown", async () => (await oops.RunAsync("status")).Text.Contains("10.99.0.3", StringComparison.Ordinal), state: () => oops.Process.Tail(20));
        Assert.NotNull(await upstream.RouteAsync(Harness.Lab.Prefix4));
        Assert.Equal(0, upstream.Withdraws(Harness.Lab.Prefix4));
        Assert.DoesNotContain("Received: ", (await File.ReadAllTextAsync(upstream.Process.Output))[log.Length..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_that_would_end_the_session_waits_and_is_refused_in_a_hold_or_where_it_would_not_work()
    {
        string log = await File.ReadAllTextAsync(upstream.Process.Output);
        await oops.WriteAsync(Config(peer: ", password-file: /nonexistent/password"));
        (int code, string text) = await oops.RunAsync("reload", "--confirm");
        Assert.True(code == 2 && text.Contains("/nonexistent/password: there is no such file", StringComparison.Ordinal), text);

        await oops.WriteAsync(Config(peer: ", hold-time: 60s"));
        string lost = $"edge: the session with {Harness.Lab.Upstream4} ends, which takes {Harness.Lab.Prefix4} from it until the next session stands";
        (code, text) = await oops.RunAsync("reload");
        Assert.True(code == 4 && text.Contains(lost, StringComparison.Ordinal), text);
        (_, text) = await oops.RunAsync("hold", "--for", "10m");
        foreach (string[] verb in (string[][])[["confirm"], ["reload", "--confirm"]])
        {
            (code, text) = await oops.RunAsync(verb);
            Assert.True(code != 0 && text.Contains("a hold stands", StringComparison.Ordinal) && text.Contains(lost, StringComparison.Ordinal), text);
        }

        Assert.NotNull(await upstream.RouteAsync(Harness.Lab.Prefix4));
        Assert.DoesNotContain("Received: ", (await File.ReadAllTextAsync(upstream.Process.Output))[log.Length..], StringComparison.Ordinal);

        (_, text) = await oops.RunAsync("unhold");
        (code, text) = await oops.RunAsync("reload");
        Assert.True(code == 4, text);
        (code, text) = await oops.RunAsync("confirm");
        Assert.True(code == 0, text);
        (_, text) = await oops.RunAsync("history", "action/edge");
        Assert.Contains("by a reload: " + lost, text, StringComparison.Ordinal);
        await Wait.UntilAsync("BIRD is told why", async () => (await File.ReadAllTextAsync(upstream.Process.Output))[log.Length..].Contains("oops reloads", StringComparison.Ordinal), state: () => upstream.Process.Tail());
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: TimeSpan.FromSeconds(25));
    }

    [Fact]
    public async Task What_the_peer_never_had_is_no_announcement_to_the_budget()
    {
        await oops.WriteAsync(Config().Replace("rise: 0s, fall: 0s, budget: off", "rise: 1s, fall: 0s, budget: { announcements: 1, per: 30m, retries: [30m] }", StringComparison.Ordinal));
        (int code, string text) = await oops.RunAsync("reload", "--confirm");
        Assert.True(code == 0, text);
        await upstream.Process.EndAsync(LabProcess.KillNow);
        await Wait.UntilAsync("the session has ended", async () => (await oops.RunAsync("status")).Text.Contains($"no session with {Harness.Lab.Upstream4}", StringComparison.Ordinal), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(200), () => oops.Process.Tail());
        // Each time it is announced to nobody, and taken back. The budget has one place, which the second would not find.
        for (int round = 0; round < 3; round++)
        {
            await RestartServerAsync();
            await StandsAsync("announced", "kept");
        }

        (_, text) = await oops.RunAsync("history", "action/edge");
        Assert.Contains("no peer has had anycast since it was announced: that announcement does not count", text, StringComparison.Ordinal);
        await upstream.StartAsync();
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: TimeSpan.FromSeconds(25));
        // It has had this one: the next spends the place, and there is none behind it.
        await RestartServerAsync();
        await upstream.LacksAsync(Harness.Lab.Prefix4, TimeSpan.FromSeconds(5));
        await Wait.UntilAsync("the budget is used up", async () => (await oops.RunAsync("status")).Text.Contains("budget/anycast", StringComparison.Ordinal), TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(200), () => oops.RunAsync("explain", "anycast").Result.Text);
        Assert.Null(await upstream.RouteAsync(Harness.Lab.Prefix4));
    }

    async Task RestartServerAsync()
    {
        knot.Process.Signal(LabProcess.KillNow);
        await knot.Process.EndAsync(0);
        await StandsAsync("withdrawn");
        await knot.StartAsync();
    }

    Task StandsAsync(params string[] states) => Wait.UntilAsync($"the route is {string.Join(" or ", states)}",
        async () => (await oops.RunAsync("explain", "route/anycast")).Text.Split('\n')[0] is var head && states.Any(s => head.Contains($": {s}", StringComparison.Ordinal)),
        TimeSpan.FromSeconds(45), TimeSpan.FromMilliseconds(200), () => oops.RunAsync("explain", "route/anycast").Result.Text);

    [Fact]
    public async Task A_live_check_beside_it_begins_no_session()
    {
        (_, string text) = await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "check", "--live", oops.ConfigPath);
        Assert.Contains($"action edge: read back; the router says: our own, AS {Harness.Lab.NodeAs}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("collision", await File.ReadAllTextAsync(upstream.Process.Output), StringComparison.OrdinalIgnoreCase);
        Assert.NotNull(await upstream.RouteAsync(Harness.Lab.Prefix4));
        Assert.Equal(0, upstream.Withdraws(Harness.Lab.Prefix4));
    }

    [Fact]
    public async Task A_peer_that_goes_is_shown_and_alarmed_with_the_reason_at_once()
    {
        await upstream.Process.EndAsync(LabProcess.KillNow);
        await Wait.UntilAsync("status says so", async () => (await oops.RunAsync("status")).Text.Contains($"no session with {Harness.Lab.Upstream4}: connection refused", StringComparison.Ordinal),
            TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(200), () => oops.RunAsync("status").Result.Text);
        await upstream.StartAsync();
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: TimeSpan.FromSeconds(25));
        // It stands for ten seconds first, and is looked at every ten.
        await Wait.UntilAsync("status is content", async () => !(await oops.RunAsync("status")).Text.Contains("no session with", StringComparison.Ordinal), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200), () => oops.RunAsync("status").Result.Text);
    }
}
