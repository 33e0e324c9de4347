using System.Globalization;
using Oops.Lab.Harness;

namespace Oops.Lab.Demo;

/// <summary>`make demo`: what a DNS server is going through drives a BGP route, on real software, in about a minute.</summary>
internal sealed class Story : IAsyncDisposable
{
    private const string Bank = "bank.test";
    private const string Shop = "shop.test";

    private static readonly string[] Zones = [Bank, Shop, "mail.test"];
    private static readonly TimeSpan Rise = TimeSpan.FromSeconds(3);
    private static readonly string[] Prefixes = [Harness.Lab.Prefix4, Harness.Lab.Prefix6];

    private readonly Screen _screen = new();
    private readonly UpstreamBird _upstream = new();
    private readonly Harness.Bird _bird = new();
    private readonly DbusDaemon _bus = new();
    private readonly PrimaryKnotd _primary = new(Zones);
    private readonly Knotd _knot;
    private readonly OopsDaemon _oops = new();
    private readonly UpstreamWatch _watch;
    private readonly WireTap _tap = new(Harness.Lab.Anycast4);
    private readonly string _told = Path.Combine(Harness.Lab.FreshDirectory("told"), "told");
    private string _step = "";

    private Story()
    {
        _knot = new Knotd { Secondary = Zones, BusAddress = _bus.Address };
        _watch = new UpstreamWatch(_upstream, _screen);
    }

    public static async Task<int> RunAsync()
    {
        if ((Harness.Lab.Missing("knotd", "knotc", "bird", "dbus-daemon") ?? (OopsDaemon.Binary is null ? "oops is not built: make build" : null)) is { } missing)
        {
            await Console.Error.WriteLineAsync("demo: " + missing);
            return 1;
        }
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        await using var story = new Story();
        return await story.PlayAsync(stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        await _oops.DisposeAsync();
        await _knot.DisposeAsync();
        await _bird.DisposeAsync();
        await _upstream.DisposeAsync();
        await _primary.DisposeAsync();
        await _bus.DisposeAsync();
        _tap.Dispose();
    }

    private async Task<int> PlayAsync(CancellationToken stop)
    {
        (string Name, Func<Task> Play)[] steps =
        [
            ("everything starts; the zones load, and only then is the route announced", StartAsync),
            ("a zone is updated, and a command runs", UpdateAsync),
            ("knotd is killed (kill -9), and the route is withdrawn", CrashAsync),
            ("knotd comes back: held for `rise`, then announced", ComeBackAsync),
            ("the primary drops our TSIG key: bank.test expires here and not there", ExpireAsync),
            ("the key is back, zone-notify: announced again", RecoverAsync),
            ("oops is restarted: nothing moves", RestartAsync),
            ("the D-Bus daemon is killed while announced: nothing moves for 10 s", LoseBusAsync),
            ("maintenance: drain, and only then stop", DrainAsync),
        ];
        Settings();
        for (int i = 0; i < steps.Length; i++)
        {
            _step = string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {steps[i].Name}");
            _screen.Title(_step);
            try
            {
                await steps[i].Play().WaitAsync(TimeSpan.FromSeconds(60), stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return 130;
            }
            catch (Exception e)
            {
                await Console.Error.WriteLineAsync($"\ndemo: FAILED at step {_step}\n{e.Message}\n{Tails()}");
                return 1;
            }
        }
        _screen.Title(string.Create(CultureInfo.InvariantCulture, $"The story is over: {steps.Length} steps in {_screen.Elapsed.TotalSeconds:0} s, all as promised."));
        return Console.IsOutputRedirected || Console.IsInputRedirected ? 0 : await LeaveRunningAsync(stop);
    }

    private void Settings()
    {
        _screen.Title("DNS OOPS: what a DNS server is going through drives a BGP route");
        _screen.Plain($$"""
              primary knotd --- upstream BIRD (AS {{Harness.Lab.UpstreamAs}}, what the world sees)       {{Harness.Lab.Upstream4}}
                                      | BGP
              secondary knotd --- local BIRD (AS {{Harness.Lab.NodeAs}})                                 {{Harness.Lab.Node4}}
                    \---- oops ----/
              route: {{string.Join(" and ", Prefixes)}}, zones: {{string.Join(", ", Zones)}}
              settings of this demo: rise: 3s  fall: 0s  budget: off  drain: graceful 2s     (defaults: 60s, 1s, 2 per 30m, 10s)
            """);
    }

    private async Task StartAsync()
    {
        await _bus.StartAsync();
        await _primary.StartAsync();
        await _upstream.StartAsync();
        _watch.Start();
        await _bird.StartAsync();
        _screen.Line("bird", "the BGP session with the upstream is established; nothing is announced");
        await _oops.StartAsync(Config());
        _screen.Line("oops", "runs, and waits");
        await _knot.LaunchAsync();
        _screen.Line("knotd", string.Create(CultureInfo.InvariantCulture, $"started (pid {_knot.Process.Pid}), and fetches its zones from the primary"));
        await AnnouncedAsync();
        await ExplainAsync();
    }

    private async Task UpdateAsync()
    {
        await _primary.UpdateAsync(Shop);
        _screen.Line("primary", $"{Shop} has serial {_primary.SerialOf(Shop)}");
        string wanted = $"{Shop} {_primary.SerialOf(Shop)}";
        await Wait.UntilAsync($"the command was run for {wanted}", () => File.Exists(_told) && File.ReadAllText(_told).Contains(wanted, StringComparison.Ordinal), state: Tails);
        _screen.Line("command", "tell-ops " + (await File.ReadAllLinesAsync(_told)).Last(l => l.Contains(wanted, StringComparison.Ordinal)), "33");
    }

    private async Task CrashAsync()
    {
        long killed = WireTap.Now();
        _knot.Process.Signal(LabProcess.KillNow);
        _screen.Line("you", string.Create(CultureInfo.InvariantCulture, $"kill -9 {_knot.Process.Pid}"), "33");
        await WithdrawnAsync();
        await _knot.EndAsync(0);
        await Wait.UntilAsync("the UPDATE was seen on the wire", () => _tap.First(killed, withdrawn: true) is not null);
        double milliseconds = (_tap.First(killed, withdrawn: true)!.Value.Nanoseconds - killed) / 1e6;
        _screen.Line("wire", string.Create(CultureInfo.InvariantCulture, $"the withdraw reached the upstream {milliseconds:0.0} ms after the kill"), "1;32");
        await ExplainAsync();
    }

    private async Task ComeBackAsync()
    {
        await _knot.StartAsync();
        _screen.Line("knotd", string.Create(CultureInfo.InvariantCulture, $"answers again (pid {_knot.Process.Pid})"));
        TimeSpan from = _screen.Elapsed;
        await ExplainAsync();
        await AnnouncedAsync();
        TimeSpan held = _screen.Elapsed - from;
        if (held < Rise - TimeSpan.FromSeconds(1))
            throw new InvalidOperationException($"announced after {held.TotalSeconds:0.0} s: not held for rise");
        _screen.Line("oops", string.Create(CultureInfo.InvariantCulture, $"announced {held.TotalSeconds:0.0} s after the server was back"));
    }

    private async Task ExpireAsync()
    {
        await _primary.DropKeyAsync(Bank);
        _screen.Line("primary", $"refuses our key for {Bank}, but still answers SOA queries; the zone's expire is 8 s");
        await WithdrawnAsync(TimeSpan.FromSeconds(30));
        await ExplainAsync();
    }

    private async Task RecoverAsync()
    {
        await _primary.RestoreKeyAsync(Bank);
        await _primary.NotifyAsync(Bank);
        _screen.Line("primary", $"has the key again; zone-notify {Bank}");
        await AnnouncedAsync();
        await ExplainAsync();
    }

    private async Task RestartAsync()
    {
        int before = Changes();
        await _oops.Process.EndAsync();
        _screen.Line("oops", "stopped (SIGTERM)");
        await Wait.StaysAsync("the routes", async () => (await _upstream.TableAsync()).Count == Prefixes.Length, TimeSpan.FromSeconds(1));
        await _oops.LaunchAsync();
        await Wait.StaysAsync("the routes", async () => (await _upstream.TableAsync()).Count == Prefixes.Length, TimeSpan.FromSeconds(2));
        if (Changes() != before)
            throw new InvalidOperationException("the upstream saw an UPDATE");
        _screen.Line("oops", "runs again; the upstream saw no UPDATE. It now listens on a bus that knotd joined before it");
    }

    private async Task LoseBusAsync()
    {
        int before = Changes();
        await _bus.Process.EndAsync();
        _screen.Line("you", "stop dbus-daemon: the bus now looks exactly as if knotd had crashed", "33");
        await Wait.StaysAsync("the routes", async () => (await _upstream.TableAsync()).Count == Prefixes.Length, TimeSpan.FromSeconds(10));
        if (Changes() != before)
            throw new InvalidOperationException("the upstream saw an UPDATE");
        (int code, string text) = await _oops.RunAsync("status");
        if (code != 0 || !text.Contains("bus", StringComparison.Ordinal))
            throw new InvalidOperationException("`oops status` does not say what is no longer heard:\n" + text);
        _screen.Line("oops", "10 s later: announced. A silent channel is no proof");
        _screen.Quote("oops status", text, 24);
    }

    private async Task DrainAsync()
    {
        Task<(int Code, string Text)> drain = _oops.RunAsync("drain", "--server", "ns1", "--until-started", "--wait", "--timeout", "30s");
        _screen.Line("you", "oops drain --server ns1 --until-started --wait --timeout 30s   (as ExecStop= of the server's unit)", "33");
        foreach (string prefix in Prefixes)
            await _upstream.HasAsync(prefix, r => r.GracefulShutdown);
        (int code, string text) = await drain;
        if (code != 0)
            throw new InvalidOperationException($"oops drain: exit {code}: {text}");
        foreach (string prefix in Prefixes)
            if (await _upstream.RouteAsync(prefix) is not null)
                throw new InvalidOperationException($"drain --wait has returned while {prefix} was announced");
        _screen.Line("oops", "drain: exit 0, withdrawn, and the server still answers: " + (await _knot.KnotcAsync("zone-status", Bank, "+serial")).Trim());
        await _knot.EndAsync();
        _screen.Line("knotd", "stopped, with nobody left to ask it");
        await ExplainAsync();
    }

    private async Task<int> LeaveRunningAsync(CancellationToken stop)
    {
        await _bus.StartAsync();
        await _knot.StartAsync();
        string oops = OopsDaemon.Binary!;
        _screen.Plain($"""

            All is left running, and knotd is up again. In another terminal (sudo where the demo was started by another user):

              enter     nsenter --preserve-credentials -U -n -m -t {Environment.ProcessId} bash        (as root without -U)
              look      {oops} status --socket {_oops.ControlSocket}
                        {oops} explain route/anycast --socket {_oops.ControlSocket}
                        birdc -s {_bird.Socket} show route
              break     kill -9 $(cat {_knot.PidFile}); kill -STOP ...; knotc -s {_knot.Control} zone-purge {Bank}
              config    {_oops.ConfigPath}

            Ctrl-C ends it all; nothing is left behind.
            """);
        try
        {
            await Task.Delay(Timeout.Infinite, stop);
        }
        catch (OperationCanceledException)
        {
        }
        return 0;
    }

    private async Task AnnouncedAsync()
    {
        foreach (string prefix in Prefixes)
            await _upstream.HasAsync(prefix, r => !r.GracefulShutdown, TimeSpan.FromSeconds(20));
        await Task.Delay(60);
    }

    private async Task WithdrawnAsync(TimeSpan? deadline = null)
    {
        foreach (string prefix in Prefixes)
            await _upstream.LacksAsync(prefix, deadline);
        await Task.Delay(60);
    }

    private async Task ExplainAsync()
    {
        (int code, string text) = await _oops.RunAsync("explain", "route/anycast");
        if (code != 0)
            throw new InvalidOperationException($"oops explain: exit {code}: {text}");
        _screen.Quote("oops explain route/anycast", text, 7);
    }

    private int Changes() => Prefixes.Sum(p => _upstream.Updates(p) + _upstream.Withdraws(p));

    private string Tails()
    {
        string Tail(Func<LabProcess> process)
        {
            try
            {
                return process().Tail(25);
            }
            catch (InvalidOperationException)
            {
                return "";
            }
        }

        return string.Join('\n', Tail(() => _oops.Process), Tail(() => _knot.Process), Tail(() => _bird.Process));
    }

    private string Config() => $$"""
        mode: act
        site: demo
        servers:
          ns1:
            kind: knot
            address: {{Harness.Lab.Anycast4}}@53
            pidfile: {{_knot.PidFile}}
            control: {{_knot.Control}}
            zones: { list: [{{string.Join(", ", Zones)}}] }
            primaries: [{{Harness.Lab.Upstream4}}]
        conditions:
          expired: { kind: zone-expiring, before: 0s }
        sources:
          knot: [ { server: ns1, bus: "{{_bus.Address}}" } ]
          process: [ { server: ns1 } ]
          probe: [ { server: ns1, to: [{{Harness.Lab.Anycast4}}, "{{Harness.Lab.Anycast6}}"], reference-interval: 1s } ]
        actions:
          bird: [ { name: edge, socket: {{_bird.Socket}}, include: "{{_bird.Include}}", config: {{_bird.ConfigPath}} } ]
          exec: [ { name: tell-ops, command: [/bin/sh, -c, 'echo "$@" >> {{_told}}', tell-ops] } ]
        routes:
          anycast:
            prefixes: [{{Prefixes[0]}}, "{{Prefixes[1]}}"]
            via: edge
            announce-when: [server-running, all-zones-ready, not expired]
            withdraw-when: [server-down, server-shutting-down, {is: expired, zones: [{{Bank}}]}]
            rise: 3s
            fall: 0s
            budget: off
            drain: { graceful: 2s }
        rules:
          - { on: zone-updated, zones: [{{Shop}}], do: [ { run: tell-ops } ] }
        """;
}
