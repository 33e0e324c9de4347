using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Oops.Core;
using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Reports;

/// <summary>How reports are counted, and with how much memory.</summary>
internal sealed record TallyOptions
{
    /// <summary>The same of the same network is a repetition for so long.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Most reports per second from one network, and of one zone and INFO-CODE; the same again of those whose address may be forged.</summary>
    public int PerNetwork { get; init; } = 100;

    public int PerZone { get; init; } = 1000;

    /// <summary>Different reports that are kept, a power of two: of senders that receive at their address, and a quarter as many of others, which so cannot drive those out.</summary>
    public int Rows { get; init; } = 16_384;

    /// <summary>Most zones that are counted.</summary>
    public int Zones { get; init; } = 32_768;

    /// <summary>The conditions of kind `error-reported`.</summary>
    public IReadOnlyList<KindSpec> Conditions { get; init; } = [];

    /// <summary>How they are checked; null: they are not.</summary>
    public CheckLimits? Checks { get; init; }
}

/// <summary>
/// Counts reports in bounded memory, on the threads that answer them: drops repetitions, limits each network and each zone, keeps the most frequent reports, and for each zone what its conditions ask. One gate: held for a microsecond by a report, for longer only where the list of zones changes or room has to be made.
/// </summary>
internal sealed partial class ReportTally(TallyOptions options, TimeProvider time)
{
    /// <summary>4 MiB and 2 MiB: half a million and a quarter of a million reports that are known to be repetitions when they come again.</summary>
    const int VerifiedSets = 17, UnverifiedSets = 16;

    const int BucketBits = 16;

    readonly Lock gate = new();
    readonly SeenReports seen = new(VerifiedSets, options.Window), seenUnverified = new(UnverifiedSets, options.Window);
    readonly ReportTable table = new(options.Rows), unverified = new(options.Rows / 4);
    // What may be forged takes nothing from what is not.
    readonly TokenBuckets perNetwork = new(BucketBits, options.PerNetwork), perNetworkUnverified = new(BucketBits, options.PerNetwork);
    readonly TokenBuckets perZone = new(BucketBits, options.PerZone), perZoneUnverified = new(BucketBits, options.PerZone);
    readonly byte[] key = RandomNumberGenerator.GetBytes(SipHash.KeySize);
    readonly TallyCounts counts = new();
    volatile ReportedZones zones = ReportedZones.None;

    /// <summary>The zones of which a report counts.</summary>
    public ReportedZones Zones
    {
        get => zones;
        set
        {
            lock (gate) Rename(value);
        }
    }

    /// <summary>A copy.</summary>
    public TallyCounts Counts
    {
        get
        {
            lock (gate) return counts with { Displaced = table.Displaced + unverified.Displaced, Forgotten = table.Forgotten + unverified.Forgotten };
        }
    }

    /// <summary>Milliseconds of a clock that does not go back.</summary>
    long Steady => Arrival.SteadyOf(time);

    /// <summary>A <see cref="ReportTaker"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Take(scoped in HeardReport report)
    {
        var steady = report.At.Steady;
        Span<byte> text = stackalloc byte[Keys.Size];
        var keys = new Keys(report, text, key);
        var repeats = report.Verified ? seen : seenUnverified;
        repeats.Expect(keys.OfReporter);
        // Outside the gate: a name may have more than a hundred labels.
        var at = zones;
        var zone = at.Find(report.Name.Labels, out var subject);
        lock (gate)
        {
            if (zones != at) zone = zones.Find(report.Name.Labels, out subject);
            if (repeats.Knows(keys.OfReporter, steady / 1000, out var place))
            {
                counts.Repeated++;
                return;
            }
            if (IsTooMuch(zone, report, keys, steady)) return;
            repeats.Remember(place, keys.OfReporter, steady / 1000);
            if (report.Verified) counts.Verified++;
            else counts.Unverified++;
            if (zone < 0) counts.Elsewhere++;
            else Count(zone, report, keys, steady);
            Keep(report, keys, zone < 0 ? ReportRow.NoZone : subject.Length, report.At.Wall);
        }
    }

    /// <summary>Of one network, or of one zone: there each INFO-CODE by itself, so that a flood of one does not hide another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    bool IsTooMuch(int zone, scoped in HeardReport report, in Keys keys, long steady)
    {
        if (!(report.Verified ? perNetwork : perNetworkUnverified).Take(keys.Network, steady))
        {
            counts.ShedNetwork++;
            return true;
        }
        if (zone < 0 || (report.Verified ? perZone : perZoneUnverified).Take((ulong)zone << 16 | report.Name.Code, steady)) return false;
        counts.ShedZone++;
        if (Known(zone) is { } flooded) flooded.Shed++;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Keep(scoped in HeardReport report, in Keys keys, int zoneLength, long wall)
    {
        var rows = report.Verified ? table : unverified;
        var at = rows.Place(keys.OfReport, report.Name.Labels, zoneLength, report.Name.Types, report.Name.Code, report.Agent, wall);
        if (at < 0) return;
        ref var row = ref rows[at];
        if (row.Count == 0) row.First = wall;
        row.Count++;
        if (report.Verified) row.Verified++;
        row.Paths |= (byte)(1 << (int)report.Path);
        row.LastFrom = report.From;
        row.Networks.Add(keys.OfNetwork);
        rows.Touch(at, wall);
    }

    /// <summary>What a report is known by: hashes under a key of this process, since all of it comes from the network.</summary>
    readonly ref struct Keys
    {
        /// <summary>Octets of the longest text: network, INFO-CODE, agent, types, name.</summary>
        public const int Size = Fixed + DnsName.MaxLabel + DnsName.MaxLength;

        const int Fixed = 8 + 2 + 1 + 1;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public Keys(scoped in HeardReport report, Span<byte> text, ReadOnlySpan<byte> key)
        {
            Network = Networks.Of(report.From);
            BinaryPrimitives.WriteUInt64LittleEndian(text, Network);
            BinaryPrimitives.WriteUInt16LittleEndian(text[8..], report.Name.Code);
            text[10] = (byte)report.Agent;
            text[11] = (byte)report.Name.Types.Length;
            report.Name.Types.CopyTo(text[Fixed..]);
            report.Name.Labels.CopyTo(text[(Fixed + report.Name.Types.Length)..]);
            OfReport = SipHash.Compute(key, text[8..(Fixed + report.Name.Types.Length + report.Name.Labels.Length)]);
            // The name may be long, and is hashed once; what it was of is overwritten: with a short name it is shorter than the hash.
            BinaryPrimitives.WriteUInt64LittleEndian(text[8..], OfReport);
            OfNetwork = SipHash.Compute(key, text[..8]);
            OfReporter = SipHash.Compute(key, text[..16]);
        }

        public ulong Network { get; }

        public ulong OfNetwork { get; }

        public ulong OfReport { get; }

        public ulong OfReporter { get; }
    }
}
