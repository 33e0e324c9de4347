using Oops.Engine;

namespace Oops.Sources.Keys;

/// <summary>What a source of keys has done since it was made. Written by one task, read by any.</summary>
internal sealed class KeysCounts
{
    long looks, failed, changes, zones, left, mismatches, stored;

    public void Look() => Interlocked.Increment(ref looks);

    public void Fail() => Interlocked.Increment(ref failed);

    public void Change() => Interlocked.Increment(ref changes);

    public void Zones(int watched, int leftOut)
    {
        Volatile.Write(ref zones, watched);
        Volatile.Write(ref left, leftOut);
    }

    public void Mismatches(int count) => Volatile.Write(ref mismatches, count);

    public void Stored(bool well) => Volatile.Write(ref stored, well ? 1 : 0);

    public IReadOnlyList<SourceCount> All() =>
    [
        new("looks", "Looks at the keys of a zone.", Volatile.Read(ref looks)),
        new("looks_failed", "Looks at which somebody did not answer.", Volatile.Read(ref failed)),
        new("changes", "Changes of the keys of a zone.", Volatile.Read(ref changes)),
        new("zones", "Zones that are watched.", Volatile.Read(ref zones), SourceCountKind.Level),
        new("zones_left_out", "Zones that are too many to be watched.", Volatile.Read(ref left), SourceCountKind.Level),
        new("mismatches", "Zones whose DS and keys do not fit.", Volatile.Read(ref mismatches), SourceCountKind.Level),
        new("store_up", "1: the store of keys is written.", Volatile.Read(ref stored), SourceCountKind.Level),
    ];
}
