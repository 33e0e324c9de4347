using System.Globalization;
using Oops.Lab.Daemon;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>An action that is renamed or removed from the config, with real routers that hold in their memory what they were told.</summary>
public sealed class RouterStrayLabTests : IAsyncDisposable
{
    const string Second4 = "192.0.2.64/28";

    readonly string directory = Harness.Lab.Root is null ? "" : Harness.Lab.FreshDirectory("strays");
    readonly List<IAsyncDisposable> started = [];
    UpstreamBird upstream = null!;
    OopsDaemon oops = null!;
    string options = "";

    public static TheoryData<string> Kinds => ["frr", "gobgp", "exabgp"];

    public async ValueTask DisposeAsync()
    {
        started.Reverse();
        foreach (IAsyncDisposable one in started)
            await one.DisposeAsync();
    }

    T Add<T>(T one)
        where T : IAsyncDisposable
    {
        started.Add(one);
        return one;
    }

    /// <summary>The router, its upstream, a server that is a process and no more, and the daemon that announces both prefixes through it.</summary>
    async Task StartAsync(string kind)
    {
        LabRequires.Programs("bird", kind switch { "frr" => "bgpd", "gobgp" => "gobgpd", _ => "exabgp" });
        upstream = Add(new UpstreamBird());
        await upstream.StartAsync();
        switch (kind)
        {
            case "frr":
                var frr = Add(new Harness.Frr());
                await frr.StartAsync();
                options = $"socket: {frr.Socket}";
                break;
            case "gobgp":
                var gobgpd = Add(new Gobgpd());
                await gobgpd.StartAsync();
                options = $"socket: {gobgpd.Socket}";
                break;
            default:
                var exabgp = Add(new Harness.Exabgp());
                await exabgp.StartAsync();
                options = $"pipes: {exabgp.Pipes}";
                break;
        }
        var server = Add(LabProcess.Start(Path.Combine(directory, "server.log"), "sleep", "1000"));
        await File.WriteAllTextAsync(Path.Combine(directory, "server.pid"), server.Pid.ToString(CultureInfo.InvariantCulture));
        oops = Add(new OopsDaemon());
        await oops.StartAsync(Config(kind, "edge", Harness.Lab.Prefix4, Second4));
        await HaveBothAsync();
        await Wait.UntilAsync("status says announced", async () => (await StatusAsync()).Contains("announced", StringComparison.Ordinal), step: TimeSpan.FromMilliseconds(100), state: () => oops.Process.Tail(30));
    }

    string Config(string kind, string? action, params string[] prefixes) => $$"""
        mode: act
        servers: { ns1: { kind: knot, address: {{Harness.Lab.Anycast4}}@53, pidfile: {{directory}}/server.pid, zones: { list: [one.test] } } }
        sources: { process: [ { server: ns1, executable: [sleep] } ] }
        {{(action is null ? "" : $"actions: {{ {kind}: [ {{ name: {action}, {options}, read-every: 1s }} ] }}")}}
        {{(prefixes.Length == 0 ? "" : $"routes: {{ anycast: {{ prefixes: [{string.Join(", ", prefixes)}], via: {action}, announce-when: [server-running], withdraw-when: [server-down], rise: 0s, fall: 0s, budget: off }} }}")}}
        """;

    async Task HaveBothAsync()
    {
        await upstream.HasAsync(Harness.Lab.Prefix4, deadline: TimeSpan.FromSeconds(20));
        await upstream.HasAsync(Second4, deadline: TimeSpan.FromSeconds(20));
    }

    void NothingMoved() => Assert.All((string[])[Harness.Lab.Prefix4, Second4], p => Assert.Equal((1, 0), (upstream.Updates(p), upstream.Withdraws(p))));

    async Task<string> StatusAsync() => (await oops.RunAsync("status")).Text;

    Task ShowsAsync(params string[] texts) => Wait.UntilAsync("status shows " + string.Join(" and ", texts), async () =>
    {
        string status = await StatusAsync();
        return texts.All(t => status.Contains(t, StringComparison.Ordinal));
    }, TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(200), () => StatusAsync().Result);

    async Task RestartAsync(string config)
    {
        await oops.Process.EndAsync();
        await oops.WriteAsync(config);
        await oops.LaunchAsync();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_removed_action_whose_routes_are_announced_waits_for_confirm_is_shown_also_after_a_restart_and_is_let_go_by_one_that_comes_back(string kind)
    {
        await StartAsync(kind);
        string ledger = Path.Combine(oops.RuntimeDirectory, $"{kind}-edge.routes");
        await oops.WriteAsync(Config(kind, null));
        (int code, string text) = await oops.RunAsync("reload");
        Assert.True(code == 4, $"exit {code}: {text}");
        Assert.Contains("stay announced", text, StringComparison.Ordinal);
        Assert.Contains($"no action of the config owns {ledger}", text, StringComparison.Ordinal);
        Assert.Contains(Second4, text, StringComparison.Ordinal);
        (code, text) = await oops.RunAsync("confirm");
        Assert.True(code == 0, text);
        await ShowsAsync($"stray/{kind}-edge.routes", Second4);
        await RestartAsync(Config(kind, null));
        await ShowsAsync($"stray/{kind}-edge.routes", Second4);
        NothingMoved();
        (_, text) = await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "check", "--config", oops.ConfigPath);
        Assert.Contains($"no action of the config owns {ledger}", text, StringComparison.Ordinal);

        // An action at the same router, whatever its name: what it has not in its routes is an orphan of it.
        await oops.WriteAsync(Config(kind, "rand", Harness.Lab.Prefix4));
        (code, text) = await oops.RunAsync("reload");
        if (code == 4)
            Assert.Equal(0, (await oops.RunAsync("confirm")).Code);
        await ShowsAsync("orphan/rand", Second4);
        Assert.DoesNotContain("stray/", await StatusAsync(), StringComparison.Ordinal);
        NothingMoved();
        (code, text) = await oops.RunAsync("release", Second4);
        Assert.True(code == 0, text);
        await upstream.LacksAsync(Second4);
        Assert.Equal((1, 0), (upstream.Updates(Harness.Lab.Prefix4), upstream.Withdraws(Harness.Lab.Prefix4)));
        await Wait.UntilAsync("its ledger has taken the place of the other", () => !File.Exists(ledger) && File.Exists(Path.Combine(oops.RuntimeDirectory, $"{kind}-rand.routes")), TimeSpan.FromSeconds(5));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_renamed_action_inherits_over_a_reload_and_over_a_restart_and_moves_nothing(string kind)
    {
        await StartAsync(kind);
        await oops.WriteAsync(Config(kind, "rand", Harness.Lab.Prefix4, Second4));
        (int code, string text) = await oops.RunAsync("reload");
        Assert.True(code == 0, $"exit {code}: {text}");
        await ShowsAsync("announced");
        Assert.DoesNotContain("stray/", await StatusAsync(), StringComparison.Ordinal);
        // Renamed again, and one prefix less, while nobody looks.
        await RestartAsync(Config(kind, "third", Harness.Lab.Prefix4));
        await ShowsAsync("orphan/third", Second4);
        Assert.DoesNotContain("stray/", await StatusAsync(), StringComparison.Ordinal);
        NothingMoved();
        (code, text) = await oops.RunAsync("release", Second4);
        Assert.True(code == 0, text);
        await upstream.LacksAsync(Second4);
        Assert.Equal(0, upstream.Withdraws(Harness.Lab.Prefix4));
    }
}
