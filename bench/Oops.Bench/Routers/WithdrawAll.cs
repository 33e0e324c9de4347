using System.Globalization;
using Oops.Bench.Idle;
using Oops.Bench.Latency;
using Oops.Lab.Harness;

namespace Oops.Bench.Routers;

/// <summary>Ten thousand prefixes in a hundred routes, and one cause that takes them all: from the crash of the server until none is in the upstream's table, and from its first answers until all are.</summary>
internal static class WithdrawAll
{
    const int Routes = 100;
    const int PrefixesOfEach = 100;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>An upper bound: each look walks the upstream's table.</summary>
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    public static async Task RunAsync(int rounds, IReadOnlyList<string> kinds)
    {
        await using var rig = new BenchRig(["one.test"]);
        await rig.StartAsync();
        var routes = string.Join('\n', Enumerable.Range(0, Routes).Select(r => BenchRig.Route($"r{r}", Enumerable.Range(0, PrefixesOfEach).Select(p => $"198.18.{r}.{p}/32"))));
        List<Figure> figures = [];
        foreach (var kind in kinds)
        {
            var (withdraw, announce) = (new Figure("withdraw-all/" + kind), new Figure("announce-all/" + kind));
            figures.AddRange([withdraw, announce]);
            // ExaBGP prints its whole table for each reading: its page says to give it the time.
            await using var running = await Subjects.DaemonAsync(kind, rig, routes, kind == "exabgp" ? ", timeout: 20s, read-every: 1m" : "");
            await CountAsync(rig, Routes * PrefixesOfEach);
            // The first round pays for what happens once.
            for (var round = -1; round < rounds; round++)
            {
                // What was announced has been read back, and stands.
                await Task.Delay(TimeSpan.FromSeconds(5));
                var (ours, theirs) = (new ProcessCost(running.Oops!.Process.Pid), running.Router is { } router ? new ProcessCost(router.Pid) : null);
                var killed = WireTap.Now();
                rig.Knot.Process.Signal(LabProcess.KillNow);
                var gone = CrashRound.Milliseconds(killed, await CountAsync(rig, 0));
                var cpu = string.Create(CultureInfo.InvariantCulture, $"CPU: oops {ours.Milliseconds():0} ms, {kind} {theirs?.Milliseconds() ?? 0:0} ms");
                await rig.Knot.EndAsync(0);
                await Task.Delay(TimeSpan.FromSeconds(2));
                await rig.Knot.LaunchAsync();
                using var late = new CancellationTokenSource(Patience);
                var ready = await SoaPoll.ReadyAsync(Oops.Lab.Harness.Lab.Anycast4, rig.Zones, late.Token);
                var there = CrashRound.Milliseconds(ready, await CountAsync(rig, Routes * PrefixesOfEach));
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{kind}{(round < 0 ? ", warm-up" : "")}: {Routes * PrefixesOfEach} prefixes gone after {gone:0} ms ({cpu}), back {there:0} ms after the server was; load {BenchRig.Load}"));
                if (round < 0) continue;
                withdraw.Add(gone);
                announce.Add(there);
            }
        }

        figures.ForEach(f => Console.WriteLine(f.Json()));
    }

    /// <summary>When the upstream has so many routes.</summary>
    static async Task<long> CountAsync(BenchRig rig, int wanted)
    {
        var count = -1;
        await Wait.UntilAsync($"the upstream has {wanted} routes", async () => (count = await CountAsync(rig)) == wanted, Patience, Step, () => $"it has {count}");
        return WireTap.Now();
    }

    /// <summary>"N of M routes for K networks in table master4".</summary>
    static async Task<int> CountAsync(BenchRig rig)
    {
        var answer = await rig.Upstream.Client.AskAsync("show route table master4 count", default);
        var line = answer.Reply?.Lines.Select(l => l.Text.Trim()).FirstOrDefault(t => t.Contains(" routes for ", StringComparison.Ordinal));
        return line is not null && int.TryParse(line.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : -1;
    }
}
