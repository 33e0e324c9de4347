using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Sync;

/// <summary>The records of an RRset.</summary>
/// <param name="Ttl">Seconds.</param>
/// <param name="Data">Of each record, in canonical order (RFC 4034, 6.3).</param>
internal sealed record SetData(uint Ttl, byte[][] Data)
{
    /// <summary>Null: there are none.</summary>
    public static SetData? Of(in RRset rrset)
    {
        if (rrset.Count == 0)
            return null;
        var (data, at) = (new byte[rrset.Count][], 0);
        foreach (var record in rrset.Data)
            data[at++] = record.ToArray();
        return new(rrset.Ttl, data);
    }
}

/// <summary>An RRset of which the target is not as the zone.</summary>
/// <param name="Key">Its owner (<see cref="NameKey"/>).</param>
/// <param name="Type">Its type.</param>
/// <param name="Before">At the target; null: it is not there.</param>
/// <param name="After">In the zone; the same.</param>
internal sealed record SetChange(byte[] Key, DnsType Type, SetData? Before, SetData? After)
{
    /// <summary>All of it is written anew: a record has the TTL of its RRset.</summary>
    public bool IsOtherTtl => Before is { } before && After is { } after && before.Ttl != after.Ttl;

    /// <summary>Records that are there and are not wanted.</summary>
    public IEnumerable<byte[]> Deletes => Without(Before, IsOtherTtl ? null : After);

    /// <summary>Records that are wanted and are not there.</summary>
    public IEnumerable<byte[]> Adds => Without(After, IsOtherTtl ? null : Before);

    static IEnumerable<byte[]> Without(SetData? set, SetData? other)
    {
        var at = 0;
        foreach (var data in set?.Data ?? [])
        {
            while (other is not null && at < other.Data.Length && other.Data[at].AsSpan().SequenceCompareTo(data) < 0)
                at++;
            if (other is null || at == other.Data.Length || !other.Data[at].AsSpan().SequenceEqual(data))
                yield return data;
        }
    }
}
