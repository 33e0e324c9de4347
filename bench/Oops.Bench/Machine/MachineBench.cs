using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Oops.Core;

namespace Oops.Bench;

/// <summary>
/// The machine alone, as the engine drives it: a step per input, its next deadline read after each. 1,000,000 zones, 2 sources, 4 zone conditions, a route.
/// Inputs are made before the clock starts. Bars: 500,000 inputs/s, 300 MB.
/// </summary>
internal static class MachineBench
{
    const int Zones = 1_000_000, Batch = 500_000;
    const string Control = "knot/ns1/control", Bus = "knot/ns1/bus";
    static readonly DateTimeOffset Wall = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static int Run(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 9;
        var names = Enumerable.Range(0, Zones).Select(i => string.Create(CultureInfo.InvariantCulture, $"customer-{i:d7}.example")).ToArray();
        var random = new Random(1);
        var policy = Policy();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var bench = new Bench(new Core.Machine(policy));
        List<Speed> loads = [];
        bench.Take(new ProcessStarted("process/ns1", 100, 1000));
        bench.Take(new ServerSignal(Control, Measure.Answering, 1));
        bench.Take(new RouterObserved("edge", [new("anycast4", RouteForm.Withdrawn)], []));
        for (var i = 0; i < Zones; i += 10_000) bench.Take(new ZonesListed(Control, names[i..(i + 10_000)], i + 10_000 == Zones));
        foreach (var (channel, measure, value) in new (string, Measure, long)[] { (Control, Measure.Serial, 1), (Control, Measure.Expiry, 600_000), (Control, Measure.RefreshFailures, 0), (Bus, Measure.Serial, 1) })
            for (var i = 0; i < Zones; i += Batch)
                loads.Add(bench.Rate([.. names.AsSpan(i, Batch).ToArray().Select((n, at) => new ZoneSignal(channel, n, measure, measure == Measure.Expiry ? value + at : value))]));
        bench.Take(new ChannelRead(Control));
        bench.Pass(TimeSpan.FromSeconds(2));
        var memory = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6;
        Print("machine-load", "inputs/s", loads);

        List<Speed> steady = [], flips = [];
        for (var round = 0; round < rounds + 1; round++)
        {
            var rate = bench.Rate([.. Enumerable.Range(0, Batch).Select(_ => Usual(random, names))]);
            // One zone keeps failing and coming back: the aggregate flips with each input, and says why.
            var zone = names[random.Next(Zones)];
            var flip = bench.Rate([.. Enumerable.Range(0, Batch / 10).Select(i => new ZoneSignal(Control, zone, Measure.Serial, i % 2 == 0 ? Signal.Absent : 1))]);
            if (round == 0) continue;
            steady.Add(rate);
            flips.Add(flip);
        }
        Print("machine-rate", "inputs/s", steady);
        Print("machine-flip", "inputs/s", flips);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"zone-memory/machine","unit":"MB","median":{{memory:0.0}},"n":1,"how":"growth of the GC heap, both after a full collection"}"""));
        GC.KeepAlive(names);
        GC.KeepAlive(bench);
        return steady.Select(s => s.Wall).Order().ElementAt(steady.Count / 2) >= 500_000 && memory <= 300 ? 0 : 1;
    }

    /// <summary>What a million zones say on an ordinary day: mostly the same as before.</summary>
    static ZoneSignal Usual(Random random, string[] names)
    {
        var zone = names[random.Next(Zones)];
        return random.Next(100) switch
        {
            < 40 => new(Control, zone, Measure.Serial, 1),
            < 50 => new(Bus, zone, Measure.Serial, random.Next(1, 100)),
            < 85 => new(Control, zone, Measure.Expiry, 600_000 + random.Next(600_000)),
            < 98 => new(Control, zone, Measure.RefreshFailures, 0),
            < 99 => new(Control, zone, Measure.RefreshFailures, random.Next(6)),
            _ => new(Control, zone, Measure.Serial, random.Next(2) == 0 ? Signal.Absent : 1),
        };
    }

    static Policy Policy() => new()
    {
        Mode = Mode.Act,
        Servers = [new("ns1")],
        Channels =
        [
            new("process/ns1", "ns1", Standing.Witness, [Measure.Idle], Timeout.InfiniteTimeSpan, Process: true),
            new(Control, "ns1", Standing.Witness, [Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures], TimeSpan.FromSeconds(180)),
            new(Bus, "ns1", Standing.Messenger, [Measure.Stopping, Measure.Serial], Timeout.InfiniteTimeSpan),
        ],
        Conditions = [new KindSpec("expired", Kind.ZoneExpiring), new KindSpec("expiring", Kind.ZoneExpiring) { Span = TimeSpan.FromHours(1) }, new KindSpec("not-refreshed", Kind.ZoneNotRefreshed) { Number = 3 }],
        Routes =
        [
            new("anycast4")
            {
                Prefixes = [IPNetwork.Parse("192.0.2.0/24")],
                Via = "edge",
                Servers = ["ns1"],
                AnnounceWhen = [new("server-running"), new("all-zones-ready")],
                WithdrawWhen = [new("server-down"), new("server-shutting-down"), new("zone-ready", Not: true) { Share = 0.5, Relative = false }, new("expired") { Share = 0.5, Relative = false }],
                DegradeWhen = [new("not-refreshed") { Share = 0.9 }],
            },
        ],
    };

    /// <summary>By the wall clock; and by the CPU time of this process, which is what a machine that others use too can give.</summary>
    readonly record struct Speed(double Wall, double Cpu);

    static void Print(string bench, string unit, List<Speed> values)
    {
        var sorted = values.Select(v => v.Wall).Order().ToImmutableArray();
        var cpu = values.Select(v => v.Cpu).Order().ElementAt(values.Count / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"{{bench}}","unit":"{{unit}}","median":{{sorted[sorted.Length / 2]:0}},"min":{{sorted[0]:0}},"max":{{sorted[^1]:0}},"n":{{sorted.Length}},"per-cpu-second":{{cpu:0}}}"""));
    }

    sealed class Bench(Core.Machine machine)
    {
        readonly List<Effect> effects = [];
        long ticks = TimeSpan.FromDays(1).Ticks;

        public void Take(Input input)
        {
            machine.Step(new(new(ticks), Wall), input, effects);
            effects.Clear();
        }

        public Speed Rate(Input[] inputs)
        {
            var (started, worked) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            foreach (var input in inputs)
            {
                ticks += 10;
                while (machine.NextDeadline.Ticks <= ticks) Take(Tick.Instance);
                Take(input);
            }
            return new(inputs.Length / Stopwatch.GetElapsedTime(started).TotalSeconds, inputs.Length / (Environment.CpuUsage.TotalTime - worked).TotalSeconds);
        }

        public void Pass(TimeSpan span)
        {
            ticks += span.Ticks;
            while (machine.NextDeadline.Ticks <= ticks) Take(Tick.Instance);
        }
    }
}
