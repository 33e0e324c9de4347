using System.Globalization;
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
        bool probe = arguments.Contains("--probe");
        int rounds = arguments.FirstOrDefault(a => a.All(char.IsAsciiDigit)) is { } n ? int.Parse(n, CultureInfo.InvariantCulture) : 30;
        if (BenchRig.Missing() is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 77;
        }
        await using var rig = new BenchRig(Zones);
        await rig.StartAsync();
        await using var router = new LocalRouter("bird");
        string action = await router.StartAsync();
        using var tap = new WireTap(Oops.Lab.Harness.Lab.Anycast4);
        await using IAsyncDisposable subject = floor ? await Floor.StartAsync(router.Bird!, rig.Knot, Zones) : await DaemonAsync(rig, action, probe);
        await MeasureAsync(floor ? "floor/" : probe ? "probe/" : "", rounds, new CrashRound(rig, tap));
        return 0;
    }

    static async Task MeasureAsync(string prefix, int rounds, CrashRound crash)
    {
        Figure[] figures = [new(prefix + "kill-to-withdraw"), new(prefix + "kill-to-withdraw/table"), new(prefix + "ready-to-announce"), new(prefix + "ready-to-announce/table")];
        await crash.TableAsync(present: true);
        // The first rounds pay for what happens once: connections, caches, what the JIT left over. They are measured and shown apart.
        for (int round = -2; round < rounds; round++)
        {
            CrashTimes times = await crash.RunAsync();
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{(round < 0 ? "warm-up" : "round " + (round + 1))}: kill -> UPDATE {times.Withdrawn:0.00} ms, table {times.Gone:0.00} ms; ready -> UPDATE {times.Announced:0.00} ms, table {times.There:0.00} ms"));
            double[] values = [times.Withdrawn, times.Gone, times.Announced, times.There];
            for (int i = 0; i < figures.Length && round >= 0; i++)
                figures[i].Add(values[i]);
        }
        foreach (Figure figure in figures)
            Console.WriteLine(figure.Json());
    }

    static async Task<IAsyncDisposable> DaemonAsync(BenchRig rig, string action, bool probe)
    {
        var daemon = new OopsDaemon();
        await daemon.StartAsync(rig.Config(action, BenchRig.Route("anycast4", [Oops.Lab.Harness.Lab.Prefix4]), probe));
        return daemon;
    }
}
