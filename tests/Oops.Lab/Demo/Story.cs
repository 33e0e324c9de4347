using System.Globalization;
using System.Runtime.InteropServices;
using Oops.Lab.Harness;

namespace Oops.Lab.Demo;

/// <summary>`make demo`: what a DNS server is going through drives a BGP route, on real software, in about a minute.</summary>
internal sealed class Story : IAsyncDisposable
{
    const string Bank = "bank.test";
    const string Shop = "shop.test";

    static readonly string[] Zones = [Bank, Shop, "mail.test"];
    static readonly TimeSpan Rise = TimeSpan.FromSeconds(3);
    static readonly string[] Prefixes = [Harness.Lab.Prefix4, Harness.Lab.Prefix6];

    readonly Screen screen = new();
    readonly UpstreamBird upstream = new();
    readonly Harness.Bird bird = new();
    readonly DbusDaemon bus = new();
    readonly PrimaryKnotd primary = new(Zones);
    readonly Knotd knot;
    readonly OopsDaemon oops = new();
    readonly UpstreamWatch watch;
    readonly WireTap tap = new(Harness.Lab.Anycast4);
    readonly string told = Path.Combine(Harness.Lab.FreshDirectory("told"), "told");
    string step = "";

    Story()
    {
        knot = new Knotd { Secondary = Zones, BusAddress = bus.Address };
        watch = new UpstreamWatch(upstream, screen);
    }

    public static async Task<int> RunAsync()
    {
        if ((Harness.Lab.Missing("knotd", "knotc", "bird", "dbus-daemon") ?? (OopsDaemon.Binary is null ? "oops is not built: make build" : null)) is { } missing)
        {
            await Console.Error.WriteLineAsync("demo: " + missing);
            return 1;
        }
        using var stop = new CancellationTokenSource();
        // Ctrl-C; SIGTERM and a closed terminal are for tests/lab.sh, which takes everything with it.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        await using var story = new Story();
        return await story.PlayAsync(stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await watch.DisposeAsync();
        await oops.DisposeAsync();
        await knot.DisposeAsync();
        await bird.DisposeAsync();
        await upstream.DisposeAsync();
        await primary.DisposeAsync();
        await bus.DisposeAsync();
        tap.Dispose();
    }

    async Task<int> PlayAsync(CancellationToken stop)
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
            step = string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {steps[i].Name}");
            screen.Title(step);
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
                await Console.Error.WriteLineAsync($"\ndemo: FAILED at step {step}\n{e.Message}\n{Tails()}");
                return 1;
            }
        }
        screen.Title(string.Create(CultureInfo.InvariantCulture, $"The story is over: {steps.Length} steps in {screen.Elapsed.TotalSeconds:0} s, all as promised."));
        return Console.IsOutputRedirected || Console.IsInputRedirected ? 0 : await LeaveRunningAsync(stop);
    }

    void Settings()
    {
        screen.Title("DNS OOPS: what a DNS server is going through drives a BGP route");
        screen.Plain($$"""
              primary knotd --- upstream BIRD (AS {{Harness.Lab.UpstreamAs}}, what the world sees)       {{Harness.Lab.Upstream4}}
                                      | BGP
              secondary knotd --- local BIRD (AS {{Harness.Lab.NodeAs}})                                 {{Harness.Lab.Node4}}
                    \---- oops ----/
              route: {{string.Join(" and ", Prefixes)}}, zones: {{string.Join(", ", Zones)}}
              settings of this demo: rise: 3s  fall: 0s  budget: off  drain: graceful 2s     (defaults: 60s, 1s, 2 per 30m, 10s)
            """);
    }

    async Task StartAsync()
    {
        await bus.StartAsync();
        await primary.StartAsync();
        await upstream.StartAsync();
        watch.Start();
        await bird.StartAsync();
        screen.Line("bird", "the BGP session with the upstream is established; nothing is announced");
        await oops.StartAsync(Config());
        screen.Line("oops", "runs, and waits");
        await knot.LaunchAsync();
        screen.Line("knotd", string.Create(CultureInfo.InvariantCulture, $"started (pid {knot.Process.Pid}), and fetches its zones from the primary"));
        await AnnouncedAsync();
        await ExplainAsync();
    }

    async Task UpdateAsync()
    {
        await primary.UpdateAsync(Shop);
        screen.Line("primary", $"{Shop} has serial {primary.SerialOf(Shop)}");
        string wanted = $"{Shop} {primary.SerialOf(Shop)}";
        await Wait.UntilAsync($"the command was run for {wanted}", () => File.Exists(told) && File.ReadAllText(told).Contains(wanted, StringComparison.Ordinal), state: Tails);
        screen.Line("command", "tell-ops " + (await File.ReadAllLinesAsync(told)).Last(l => l.Contains(wanted, StringComparison.Ordinal)), "33");
    }

    async Task CrashAsync()
    {
        long killed = WireTap.Now();
        knot.Process.Signal(LabProcess.KillNow);
        screen.Line("you", string.Create(CultureInfo.InvariantCulture, $"kill -9 {knot.Process.Pid}"), "33");
        await WithdrawnAsync();
        await knot.EndAsync(0);
        await Wait.UntilAsync("the UPDATE was seen on the wire", () => tap.First(killed, withdrawn: true) is not null);
        double milliseconds = (tap.First(killed, withdrawn: true)!.Value.Nanoseconds - killed) / 1e6;
        screen.Line("wire", string.Create(CultureInfo.InvariantCulture, $"the withdraw reached the upstream {milliseconds:0.0} ms after the kill"), "1;32");
        await ExplainAsync();
    }

    async Task ComeBackAsync()
    {
        await knot.StartAsync();
        screen.Line("knotd", string.Create(CultureInfo.InvariantCulture, $"answers again (pid {knot.Process.Pid})"));
        TimeSpan from = screen.Elapsed;
        await ExplainAsync();
        await AnnouncedAsync();
        TimeSpan held = screen.Elapsed - from;
        if (held < Rise - TimeSpan.FromSeconds(1))
            throw new InvalidOperationException($"announced after {held.TotalSeconds:0.0} s: not held for rise");
        screen.Line("oops", string.Create(CultureInfo.InvariantCulture, $"announced {held.TotalSeconds:0.0} s after the server was back"));
    }

    async Task ExpireAsync()
    {
        await primary.DropKeyAsync(Bank);
        screen.Line("primary", $"refuses our key for {Bank}, but still answers SOA queries; the zone's expire is 8 s");
        await WithdrawnAsync(TimeSpan.FromSeconds(30));
        await ExplainAsync();
    }

    async Task RecoverAsync()
    {
        await primary.RestoreKeyAsync(Bank);
        await primary.NotifyAsync(Bank);
        screen.Line("primary", $"has the key again; zone-notify {Bank}");
        await AnnouncedAsync();
        await ExplainAsync();
    }

    async Task RestartAsync()
    {
        int before = Changes();
        await oops.Process.EndAsync();
        screen.Line("oops", "stopped (SIGTERM)");
        await Wait.StaysAsync("the routes", async () => (await upstream.TableAsync()).Count == Prefixes.Length, TimeSpan.FromSeconds(1));
        await oops.LaunchAsync();
        await Wait.StaysAsync("the routes", async () => (await upstream.TableAsync()).Count == Prefixes.Length, TimeSpan.FromSeconds(2));
        if (Changes() != before)
            throw new InvalidOperationException("the upstream saw an UPDATE");
        screen.Line("oops", "runs again; the upstream saw no UPDATE. It now listens on a bus that knotd joined before it");
    }

    async Task LoseBusAsync()
    {
        int before = Changes();
        await bus.Process.EndAsync();
        screen.Line("you", "stop dbus-daemon: the bus now looks exactly as if knotd had crashed", "33");
        await Wait.StaysAsync("the routes", async () => (await upstream.TableAsync()).Count == Prefixes.Length, TimeSpan.FromSeconds(10));
        if (Changes() != before)
            throw new InvalidOperationException("the upstream saw an UPDATE");
        (int code, string text) = await oops.RunAsync("status");
        if (code != 0 || !text.Contains("bus", StringComparison.Ordinal))
            throw new InvalidOperationException("`oops status` does not say what is no longer heard:\n" + text);
        screen.Line("oops", "10 s later: announced. A silent channel is no proof");
        screen.Quote("oops status", text, 24);
    }

    async Task DrainAsync()
    {
        Task<(int Code, string Text)> drain = oops.RunAsync("drain", "--server", "ns1", "--until-started", "--wait", "--timeout", "30s");
        screen.Line("you", "oops drain --server ns1 --until-started --wait --timeout 30s   (as ExecStop= of the server's unit)", "33");
        foreach (string prefix in Prefixes)
            await upstream.HasAsync(prefix, r => r.GracefulShutdown);
        (int code, string text) = await drain;
        if (code != 0)
            throw new InvalidOperationException($"oops drain: exit {code}: {text}");
        foreach (string prefix in Prefixes)
            if (await upstream.RouteAsync(prefix) is not null)
                throw new InvalidOperationException($"drain --wait has returned while {prefix} was announced");
        screen.Line("oops", "drain: exit 0, withdrawn, and the server still answers: " + (await knot.KnotcAsync("zone-status", Bank, "+serial")).Trim());
        await knot.EndAsync();
        screen.Line("knotd", "stopped, with nobody left to ask it");
        await ExplainAsync();
    }

    async Task<int> LeaveRunningAsync(CancellationToken stop)
    {
        await bus.StartAsync();
        await knot.StartAsync();
        string oops = OopsDaemon.Binary!;
        string join = $"{Path.GetFullPath("tests/lab.sh")} --join {Environment.GetEnvironmentVariable("OOPS_LAB_PID")}";
        screen.Plain($"""

            All is left running, and knotd is up again. In another terminal, as the same user:

              enter     {join}
              look      {oops} status --socket {this.oops.ControlSocket}
                        {oops} explain route/anycast --socket {this.oops.ControlSocket}
                        birdc -s {bird.Socket} show route
              break     kill -9 $(cat {knot.PidFile})
                        kill -STOP $(cat {knot.PidFile}); sleep 20; kill -CONT $(cat {knot.PidFile})
                        knotc -s {knot.Control} -f zone-purge {Bank}
              mend      {knot.StartLine}
                        knotc -s {knot.Control} zone-retransfer {Bank}
              config    {this.oops.ConfigPath}

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

    async Task AnnouncedAsync()
    {
        foreach (string prefix in Prefixes)
            await upstream.HasAsync(prefix, r => !r.GracefulShutdown, TimeSpan.FromSeconds(20));
        await Task.Delay(60);
    }

    async Task WithdrawnAsync(TimeSpan? deadline = null)
    {
        foreach (string prefix in Prefixes)
            await upstream.LacksAsync(prefix, deadline);
        await Task.Delay(60);
    }

    async Task ExplainAsync()
    {
        (int code, string text) = await oops.RunAsync("explain", "route/anycast");
        if (code != 0)
            throw new InvalidOperationException($"oops explain: exit {code}: {text}");
        screen.Quote("oops explain route/anycast", text, 7);
    }

    int Changes() => Prefixes.Sum(p => upstream.Updates(p) + upstream.Withdraws(p));

    string Tails()
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

        return string.Join('\n', Tail(() => oops.Process), Tail(() => knot.Process), Tail(() => bird.Process));
    }

    string Config() => $$"""
        mode: act
        site: demo
        servers:
          ns1:
            kind: knot
            address: {{Harness.Lab.Anycast4}}@53
            pidfile: {{knot.PidFile}}
            control: {{knot.Control}}
            zones: { list: [{{string.Join(", ", Zones)}}] }
            primaries: [{{Harness.Lab.Upstream4}}]
        conditions:
          expired: { kind: zone-expiring, before: 0s }
        sources:
          knot: [ { server: ns1, bus: "{{bus.Address}}" } ]
          process: [ { server: ns1 } ]
          probe: [ { server: ns1, to: [{{Harness.Lab.Anycast4}}, "{{Harness.Lab.Anycast6}}"], reference-interval: 1s } ]
        actions:
          bird: [ { name: edge, socket: {{bird.Socket}}, include: "{{bird.Include}}", config: {{bird.ConfigPath}} } ]
          exec: [ { name: tell-ops, command: [/bin/sh, -c, 'echo "$@" >> {{told}}', tell-ops] } ]
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
