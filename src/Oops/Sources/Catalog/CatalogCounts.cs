using Oops.Dns;
using Oops.Engine;

namespace Oops.Sources.Catalog;

/// <summary>What a catalog source has done since it was made. Written by one task, read by any.</summary>
internal sealed class CatalogCounts
{
    long looks;
    long failed;
    long primariesFailed;
    long whole;
    long differences;
    long broken;
    long members;

    /// <summary>What came to the listener.</summary>
    public NotifyRequests Notified { get; } = new();

    public void Look() => Interlocked.Increment(ref looks);

    public void Fail() => Interlocked.Increment(ref failed);

    /// <summary>So many of those that were asked in one look, whatever came of it.</summary>
    public void PrimariesFailed(int count) => Interlocked.Add(ref primariesFailed, count);

    public void Whole() => Interlocked.Increment(ref whole);

    public void Differences() => Interlocked.Increment(ref differences);

    public void Broken() => Interlocked.Increment(ref broken);

    public void Members(int count) => Volatile.Write(ref members, count);

    public IReadOnlyList<SourceCount> All() =>
    [
        new("looks", "Times that the catalog was asked for.", Volatile.Read(ref looks)),
        new("looks_failed", "Times that it could not be had.", Volatile.Read(ref failed)),
        new("primaries_failed", "Primaries that failed or had an older version when they were asked, also where another had it.", Volatile.Read(ref primariesFailed)),
        new("transfers", "Transfers of the whole catalog.", Volatile.Read(ref whole)),
        new("differences", "Transfers of what had changed.", Volatile.Read(ref differences)),
        new("broken", "Versions that must not be processed.", Volatile.Read(ref broken)),
        new("notified", "NOTIFYs that made it be asked for.", Notified[NotifyCount.Taken]),
        new("refused", "NOTIFYs that were refused: by address, key, signature or zone.", Notified[NotifyCount.Forbidden] + Notified[NotifyCount.BadSignature] + Notified[NotifyCount.NotOurs]),
        new("malformed", "Requests that are no NOTIFY, or malformed.", Notified[NotifyCount.Malformed] + Notified[NotifyCount.NotNotify]),
        new("members", "Members of the last good version.", Volatile.Read(ref members), SourceCountKind.Level),
    ];
}
