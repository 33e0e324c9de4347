using System.Globalization;
using Oops.Actions.Bird;
using Oops.Lab.Harness;

namespace Oops.Bench.Latency;

/// <summary>
/// From kill(2) on knotd to the withdraw on the wire and in the upstream's table, and from its first complete answers to the announcement. With `--floor` the
/// shortest program that could do it stands in for the daemon: what this machine, BIRD and .NET allow. With `--probe` the daemon also probes: then it admits when
/// the probes have had their turn too, which is a matter of their intervals and not of speed.
/// </summary>
internal static class LatencyBench
{
    static readonly string[] Zones = ["one.test", "two.test", "three.test"];

    public static async Task<int> RunAsync(string[] arguments)
    {
        bool floor = arguments.Contains("--floor");
        int rounds = arguments.FirstOrDefault(a => a.All(char.IsAsciiDigit)) is { } n ? int.Parse(n, CultureInfo.InvariantCulture) : 30;
        if (BenchRig.Missing is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 77;
        }
        await using var rig = new BenchRig(Zones);
        await rig.StartAsync();
        using var tap = new WireTap(Oops.Lab.Harness.Lab.Anycast4);
        await using IAsyncDisposable subject = floor ? await Floor.StartAsync(rig.Bird, rig.Knot, Zones) : await DaemonAsync(rig.Bird, rig.Knot, rig.Bus, arguments.Contains("--probe"));
        await MeasureAsync(floor ? "floor/" : arguments.Contains("--probe") ? "probe/" : "", rounds, rig.Upstream, rig.Knot, tap);
        return 0;
    }

    static async Task MeasureAsync(string prefix, int rounds, UpstreamBird upstream, Knotd knot, WireTap tap)
    {
        Figure[] figures = [new(prefix + "kill-to-withdraw"), new(prefix + "kill-to-withdraw/table"), new(prefix + "ready-to-announce"), new(prefix + "ready-to-announce/table")];
        var random = new Random(53);
        await TableAsync(upstream, present: true);
        // The first rounds pay for what happens once: connections, caches, what the JIT left over. They are measured and shown apart.
        for (int round = -2; round < rounds; round++)
        {
            await Task.Delay(200 + random.Next(300));
            long killed = WireTap.Now();
            knot.Process.Signal(LabProcess.KillNow);
            long gone = await TableAsync(upstream, present: false);
            long wireGone = await WireAsync(tap, killed, withdrawn: true);
            await knot.EndAsync(0);

            await Task.Delay(random.Next(300));
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            long launched = WireTap.Now();
            await knot.LaunchAsync();
            Task<long> tabled = TableAsync(upstream, present: true);
            long ready = await SoaPoll.ReadyAsync(Oops.Lab.Harness.Lab.Anycast4, Zones, late.Token);
            long there = await tabled;
            long wireThere = await WireAsync(tap, launched, withdrawn: false);

            double[] times = [Milliseconds(killed, wireGone), Milliseconds(killed, gone), Milliseconds(ready, wireThere), Milliseconds(ready, there)];
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{(round < 0 ? "warm-up" : "round " + (round + 1))}: kill -> UPDATE {times[0]:0.00} ms, table {times[1]:0.00} ms; ready -> UPDATE {times[2]:0.00} ms, table {times[3]:0.00} ms"));
            for (int i = 0; i < figures.Length && round >= 0; i++)
                figures[i].Add(times[i]);
        }
        foreach (Figure figure in figures)
            Console.WriteLine(figure.Json());
    }

    static double Milliseconds(long from, long to) => (to - from) / 1e6;

    /// <summary>A sleeping poll: a spinning one takes a core from those that are measured, and triples the figure.</summary>
    static async Task<long> TableAsync(UpstreamBird upstream, bool present)
    {
        await Wait.UntilAsync($"the upstream {(present ? "has" : "lacks")} the route",
            async () => (await upstream.Client.AskAsync("show route " + Oops.Lab.Harness.Lab.Prefix4, default)).Reply is { } reply && reply.Ok == present,
            TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1));
        return WireTap.Now();
    }

    static async Task<long> WireAsync(WireTap tap, long after, bool withdrawn)
    {
        await Wait.UntilAsync("the UPDATE is on the wire", () => tap.First(after, withdrawn) is not null, TimeSpan.FromSeconds(5));
        return tap.First(after, withdrawn)!.Value.Nanoseconds;
    }

    static async Task<IAsyncDisposable> DaemonAsync(Bird bird, Knotd knot, DbusDaemon bus, bool probe)
    {
        var daemon = new OopsDaemon();
        await daemon.StartAsync($$"""
            mode: act
            site: bench
            servers:
              ns1: { kind: knot, address: {{Oops.Lab.Harness.Lab.Anycast4}}@53, pidfile: {{knot.PidFile}}, control: {{knot.Control}}, zones: { list: [{{string.Join(", ", Zones)}}] } }
            sources:
              knot: [ { server: ns1, bus: "{{bus.Address}}" } ]
              process: [ { server: ns1 } ]
              {{(probe ? $"probe: [ {{ server: ns1, to: [{Oops.Lab.Harness.Lab.Anycast4}] }} ]" : "")}}
            actions:
              bird: [ { name: edge, socket: {{bird.Socket}}, include: "{{bird.Include}}", config: {{bird.ConfigPath}} } ]
            routes:
              anycast4:
                prefixes: [{{Oops.Lab.Harness.Lab.Prefix4}}]
                via: edge
                announce-when: [server-running, all-zones-ready]
                rise: 0s
                fall: 0s
                budget: off
            """);
        return daemon;
    }
}
