using Oops.Lab.Harness;

namespace Oops.Bench.Latency;

/// <summary>What one crash of the server and its return took, in milliseconds: to the UPDATE on the wire, and until the upstream's table had it.</summary>
internal readonly record struct CrashTimes(double Withdrawn, double Gone, double Announced, double There);

/// <summary>Kills the server and starts it again, and says when the upstream knew.</summary>
internal sealed class CrashRound(BenchRig rig, WireTap tap)
{
    /// <summary>Polled checkers have settings by which a minute is nothing.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    readonly Random random = new(53);

    /// <param name="phase">It is killed at a random moment of so many milliseconds: as long as what watches it may sleep.</param>
    public async Task<CrashTimes> RunAsync(int phase = 300)
    {
        await Task.Delay(200 + random.Next(phase));
        long killed = WireTap.Now();
        rig.Knot.Process.Signal(LabProcess.KillNow);
        long gone = await TableAsync(present: false);
        long wireGone = await WireAsync(killed, withdrawn: true);
        await rig.Knot.EndAsync(0);

        await Task.Delay(random.Next(300));
        using var late = new CancellationTokenSource(Patience);
        long launched = WireTap.Now();
        await rig.Knot.LaunchAsync();
        Task<long> tabled = TableAsync(present: true);
        long ready = await SoaPoll.ReadyAsync(Oops.Lab.Harness.Lab.Anycast4, rig.Zones, late.Token);
        long there = await tabled;
        long wireThere = await WireAsync(launched, withdrawn: false);
        return new(Milliseconds(killed, wireGone), Milliseconds(killed, gone), Milliseconds(ready, wireThere), Milliseconds(ready, there));
    }

    /// <summary>When the upstream's table has the prefix, or lacks it. A sleeping poll: a spinning one takes a core from those that are measured, and triples the figure.</summary>
    public async Task<long> TableAsync(bool present)
    {
        await Wait.UntilAsync($"the upstream {(present ? "has" : "lacks")} the route",
            async () => (await rig.Upstream.Client.AskAsync("show route " + Oops.Lab.Harness.Lab.Prefix4, default)).Reply is { } reply && reply.Ok == present,
            Patience, TimeSpan.FromMilliseconds(1));
        return WireTap.Now();
    }

    public static double Milliseconds(long from, long to) => (to - from) / 1e6;

    async Task<long> WireAsync(long after, bool withdrawn)
    {
        await Wait.UntilAsync("the UPDATE is on the wire", () => tap.First(after, withdrawn) is not null, TimeSpan.FromSeconds(5));
        return tap.First(after, withdrawn)!.Value.Nanoseconds;
    }
}
