using System.Diagnostics;
using System.Globalization;
using Oops.Bench.Listener;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;

namespace Oops.Bench.Transfer;

/// <summary>
/// AXFR of a zone of 1,000,000 records from a local knotd: taken in as a version of the zone, read into nothing, and by `kdig +noall axfr`, in turn. Bar: our intake at 0.8 of kdig's rate, which keeps nothing.
/// </summary>
internal static class TransferBench
{
    const int Usual = 5, Records = 1_000_000;
    const double Bar = 0.8;

    /// <param name="args">Rounds, and records.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Usual;
        var records = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Records;
        if (Array.Find((string[])["knotd", "kdig"], static p => Oops.Lab.Harness.Lab.Find(p) is null) is { } missing)
        {
            Console.Error.WriteLine($"not installed here: {missing}");
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("oops-bench-transfer").FullName;
        try
        {
            using var knot = await BigZoneKnotd.StartAsync(folder, records);
            return await RunAsync(knot, rounds, records);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<int> RunAsync(BigZoneKnotd knot, int rounds, int records)
    {
        DnsName.TryParse(BigZoneKnotd.Zone, out var zone);
        var limits = new TransferLimits { Idle = TimeSpan.FromMinutes(1) };
        var intake = new ZoneIntake(new Primaries([new Primary(knot.Address)], [], TimeProvider.System), limits);
        var began = Stopwatch.GetTimestamp();
        // It answers SERVFAIL until it has read the zone.
        while (!(await NothingAsync(knot, zone, limits)).Ok)
        {
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(2)) return Fail("knotd does not serve the zone");
            await Task.Delay(200);
        }

        List<double> ours = [], nothing = [], kdig = [], ratio = [];
        var octets = 0.0;
        for (var round = -1; round < rounds; round++) // one to warm up
        {
            GC.Collect();
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var taken = await intake.RunAsync(ZoneVersion.Nothing(zone), CancellationToken.None);
            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
            if (taken.Version is not { } version || taken.Round.Result.Records != records) return Fail(taken.Round.Why);
            var read = await NothingAsync(knot, zone, limits);
            var theirs = await knot.KdigAsync();
            if (!read.Ok || theirs == 0) return Fail(read.Why ?? "kdig failed");
            if (round < 0) continue;
            ours.Add(records / taken.Round.Result.Took.TotalSeconds);
            nothing.Add(records / read.Took.TotalSeconds);
            kdig.Add(records / theirs);
            ratio.Add(theirs / taken.Round.Result.Took.TotalSeconds);
            octets = (double)version.Octets / Wire(version);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"intake {taken.Round.Result.Took.TotalSeconds:0.000} s, {allocated / 1e6:0} MB allocated; into nothing {read.Took.TotalSeconds:0.000} s; kdig {theirs:0.000} s; {taken.Round.Result.Bytes} octets; load {BenchRig.Load}"));
        }

        Rounds.Print("axfr-rate/oops", "1/s", ours);
        Rounds.Print("axfr-rate/nothing", "1/s", nothing);
        Rounds.Print("axfr-rate/kdig", "1/s", kdig);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"zone-octets","unit":"x","median":{{octets:0.###}},"n":1,"bar":1.3}"""));
        ratio.Sort();
        var median = ratio[ratio.Count / 2];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"axfr-ratio","unit":"x","median":{{median:0.###}},"min":{{ratio[0]:0.###}},"max":{{ratio[^1]:0.###}},"n":{{ratio.Count}},"bar":{{Bar}}}"""));
        return median >= Bar && octets <= 1.3 ? 0 : 1;
    }

    static Task<TransferResult> NothingAsync(BigZoneKnotd knot, DnsName zone, TransferLimits limits) =>
        new ZoneTransfer(TimeProvider.System).RunAsync(new() { Server = knot.Address, Zone = zone, Limits = limits }, new Nothing(), CancellationToken.None);

    /// <summary>Octets of all records as AXFR has them without compression.</summary>
    static long Wire(ZoneVersion zone)
    {
        var octets = 0L;
        foreach (var tree in (ZoneTree[])[zone.Names, zone.Hashes])
        {
            for (var cursor = tree.From(0); !cursor.Current.IsNone; cursor.Next())
            {
                var owner = NameKey.Read(cursor.Current.Key, zone.Apex).Wire.Length;
                foreach (var rrset in cursor.Current.RRsets)
                {
                    foreach (var data in rrset.Data) octets += owner + 10 + data.Length;
                }
            }
        }

        return octets;
    }

    static int Fail(string why)
    {
        Console.Error.WriteLine(why);
        return 1;
    }

    sealed class Nothing : ITransferSink
    {
        public void Begin(TransferForm form, in Soa soa)
        {
        }

        public void Add(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message)
        {
        }

        public void Delete(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message)
        {
        }
    }
}
