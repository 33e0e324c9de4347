using Oops.Engine;

namespace Oops.Sources.Verify;

/// <summary>What a verify source has done since it was made. Written by its tasks, read by any.</summary>
internal sealed class VerifyCounts
{
    long looks, failed, whole, differences, refused, held, bad;

    public void Look() => Interlocked.Increment(ref looks);

    public void Fail() => Interlocked.Increment(ref failed);

    public void Whole() => Interlocked.Increment(ref whole);

    public void Differences() => Interlocked.Increment(ref differences);

    public void Refuse() => Interlocked.Increment(ref refused);

    /// <param name="octets">Of all versions that are held.</param>
    /// <param name="zones">Zones that do not pass.</param>
    public void Stand(long octets, long zones)
    {
        Volatile.Write(ref held, octets);
        Volatile.Write(ref bad, zones);
    }

    public IReadOnlyList<SourceCount> All() =>
    [
        new("looks", "Times that a zone was asked for.", Volatile.Read(ref looks)),
        new("looks_failed", "Times that it could not be had.", Volatile.Read(ref failed)),
        new("transfers", "Versions that came as a whole.", Volatile.Read(ref whole)),
        new("differences", "Versions that came as differences.", Volatile.Read(ref differences)),
        new("refused", "Versions that did not pass.", Volatile.Read(ref refused)),
        new("held_bytes", "Octets of the versions that are held.", Volatile.Read(ref held), SourceCountKind.Level),
        new("failing", "Zones whose version does not pass.", Volatile.Read(ref bad), SourceCountKind.Level),
    ];
}
