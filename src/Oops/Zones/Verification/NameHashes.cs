using System.Buffers.Binary;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>The hashes of all names of a zone that NSEC3 records may be of: needed only to name records that are of none.</summary>
internal static class NameHashes
{
    /// <summary>Calls back with the first 16 octets of each hash.</summary>
    public static void Each(ZonePlan plan, Action<UInt128> take, CancellationToken stop)
    {
        var zone = plan.Zone;
        ReadOnlySpan<byte> previous = default;
        ReadOnlySpan<byte> cut = default;
        var hidden = false;
        for (var cursor = zone.Names.From(0); !cursor.Current.IsNone; cursor.Next())
        {
            stop.ThrowIfCancellationRequested();
            var node = cursor.Current;
            if (!hidden || !NameKey.IsBelow(node.Key, cut))
            {
                cut = node.Key;
                hidden = node.HidesBelow;
                foreach (var length in NameKey.Above(node.Key))
                {
                    if (!previous.StartsWith(node.Key[..length]))
                        take(Of(plan, node.Key[..length]));
                }

                take(Of(plan, node.Key));
            }

            previous = node.Key;
        }
    }

    /// <summary>The first 16 octets of the hash that an NSEC3 record's owner tells; false: it is none.</summary>
    public static bool TryOfKey(ReadOnlySpan<byte> key, out UInt128 hash)
    {
        Span<byte> octets = stackalloc byte[Nsec3.HashSize];
        hash = default;
        if (key.Length != Nsec3.LabelSize + 1 || !Nsec3.TryReadLabel(key[..^1], octets))
            return false;
        hash = BinaryPrimitives.ReadUInt128BigEndian(octets);
        return true;
    }

    static UInt128 Of(ZonePlan plan, ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[Nsec3.HashSize];
        plan.Denial.Hash(key, plan.Zone.Apex, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
