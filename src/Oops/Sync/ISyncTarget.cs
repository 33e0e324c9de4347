using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Sync;

/// <summary>A zone as a target has it.</summary>
/// <param name="Version">What of it can be compared.</param>
/// <param name="Own">RRsets that are the target's own, with why: they are in no version, and neither changed nor deleted.</param>
internal record TargetZone(ZoneVersion Version, IReadOnlyDictionary<(string Owner, DnsType Type), string> Own)
{
    public TargetZone(ZoneVersion version)
        : this(version, new Dictionary<(string, DnsType), string>())
    {
    }
}

/// <summary>What came of reading a target.</summary>
/// <param name="Zone">Null: see why.</param>
/// <param name="Why">In words; terminal-safe.</param>
/// <param name="ForGood">It is so until somebody changes something: trying again is of no use.</param>
internal sealed record TargetReading(TargetZone? Zone, string Why = "", bool ForGood = false)
{
    /// <summary>Not again before that long; null: when the runner likes.</summary>
    public TimeSpan? After { get; init; }
}

/// <summary>What came of writing to a target.</summary>
/// <param name="Why">In words; null: all was taken.</param>
/// <param name="ForGood">As of <see cref="TargetReading"/>.</param>
internal sealed record TargetWriting(string? Why, bool ForGood = false)
{
    /// <summary>As of <see cref="TargetReading"/>.</summary>
    public TimeSpan? After { get; init; }
}

/// <summary>Where zones are carried to. It reads and writes; what is to be written, and whether it may be, is decided in one place for all of them (<see cref="SyncRun"/>).</summary>
internal interface ISyncTarget
{
    /// <summary>A key that is not taken is put right by a person, and what has changed by then must not be lost: so it is tried again, after that long.</summary>
    static readonly TimeSpan KeyPause = TimeSpan.FromMinutes(2);

    /// <summary>In words: `192.0.2.1`, `Route 53`.</summary>
    string Where { get; }

    SyncScope Scope { get; }

    /// <summary>The target can hold RRsets of that type.</summary>
    bool Takes(DnsType type);

    /// <summary>Why the target has no place for that RRset; null: it has.</summary>
    /// <param name="owner">Its owner.</param>
    /// <param name="type">Its type.</param>
    /// <param name="wanted">As it shall be; none: it shall not be there.</param>
    string? Lacks(in DnsName owner, DnsType type, in RRset wanted) => Takes(type) ? null : $"{Where} has no such type";

    /// <summary>The whole zone as it is there now.</summary>
    Task<TargetReading> ReadAsync(DnsName zone, CancellationToken stop);

    /// <summary>Writes the changes, unless the zone there is no longer what was read.</summary>
    /// <param name="plan">What is to change.</param>
    /// <param name="unfinished">Takes what is still to be done for what was taken, as soon as it is, so that it is known whatever comes then.</param>
    /// <param name="stop">Ends it.</param>
    Task<TargetWriting> WriteAsync(SyncPlan plan, List<string> unfinished, CancellationToken stop);

    /// <summary>Does what is still to be done of a zone that was written, by this try or an earlier one; what is done need not be taken out.</summary>
    Task<TargetWriting> FinishAsync(DnsName zone, List<string> unfinished, CancellationToken stop) => Task.FromResult(new TargetWriting(null));
}
