using System.Buffers.Binary;
using System.Security.Cryptography;
using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>
/// The digest of a whole zone (RFC 8976, 3): scheme SIMPLE, by SHA-384 or SHA-512. Every record in canonical form and order but the apex ZONEMD RRset and its signatures, glue and occluded names included.
/// </summary>
internal sealed class ZoneDigest : IDisposable
{
    /// <summary>The scheme (RFC 8976, 5.2) and the hashes (5.3) that are known here.</summary>
    public const byte Simple = 1, Sha384 = 1, Sha512 = 2;

    readonly IncrementalHash hash;

    // The hash is fed in pieces that are worth a call.
    readonly byte[] buffer = new byte[64 * 1024];
    int used;

    ZoneDigest(byte algorithm) => hash = IncrementalHash.CreateHash(algorithm == Sha384 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA512);

    public void Dispose() => hash.Dispose();

    public static byte[] Of(ZoneVersion zone, byte algorithm, CancellationToken stop)
    {
        using var digest = new ZoneDigest(algorithm);
        digest.Walk(zone, stop);
        return digest.hash.GetHashAndReset();
    }

    /// <summary>Checks the apex ZONEMD RRset (RFC 8976, 4): one record that matches is enough, and of two with one scheme and hash neither counts.</summary>
    public static void Judge(ZoneVersion zone, Findings findings, CancellationToken stop)
    {
        var rrset = zone.ApexNode is { IsNone: false } apex ? apex.Get(DnsType.Zonemd) : default;
        if (rrset.Count == 0)
            return;
        var known = 0;
        var faults = new List<string>();
        foreach (var data in rrset.Data)
        {
            if (!IsKnown(data))
                continue;
            known++;
            if (Complaint(zone, rrset, data, stop) is not { } why)
                return;
            faults.Add(why);
        }

        if (known == 0)
            findings.Add(ZoneFault.ZonemdUnsupported, [], DnsType.Zonemd, $"{rrset.Count} records, none with scheme 1 and hash 1 or 2");
        foreach (var why in faults)
            findings.Add(ZoneFault.ZonemdMismatch, [], DnsType.Zonemd, why);
    }

    /// <summary>One of them at least can be checked here.</summary>
    public static bool IsAny(in RRset rrset)
    {
        foreach (var data in rrset.Data)
        {
            if (IsKnown(data))
                return true;
        }

        return false;
    }

    static bool IsKnown(ReadOnlySpan<byte> data) => data.Length >= 6 && data[4] == Simple && data[5] is Sha384 or Sha512;

    /// <summary>Null: it matches.</summary>
    static string? Complaint(ZoneVersion zone, in RRset rrset, ReadOnlySpan<byte> data, CancellationToken stop)
    {
        var serial = BinaryPrimitives.ReadUInt32BigEndian(data);
        if (zone.Soa is not { } soa || soa.Serial != serial)
            return $"its serial is {serial}, and the zone's is {zone.Soa?.Serial}";
        var alike = 0;
        foreach (var other in rrset.Data)
        {
            if (other.Length >= 6 && other[4] == data[4] && other[5] == data[5])
                alike++;
        }

        if (alike > 1)
            return $"{alike} records with scheme {data[4]} and hash {data[5]}";
        return CryptographicOperations.FixedTimeEquals(Of(zone, data[5], stop), data[6..]) ? null : $"hash {data[5]}: the digest is another one";
    }

    void Walk(ZoneVersion zone, CancellationToken stop)
    {
        var names = zone.Names.From(0);
        var hashes = zone.Hashes.From(0);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var name = names.Current;
            var hashed = hashes.Current;
            if (name.IsNone && hashed.IsNone)
                break;
            var order = name.IsNone ? 1 : hashed.IsNone ? -1 : name.Key.SequenceCompareTo(hashed.Key);
            Take(zone, order > 0 ? hashed : name, order == 0 ? hashed : default);
            if (order <= 0)
                names.Next();
            if (order >= 0)
                hashes.Next();
        }

        Flush();
    }

    /// <summary>A name's records by type; a second part of the same name is merged into them.</summary>
    void Take(ZoneVersion zone, in ZoneNode node, in ZoneNode other)
    {
        Span<byte> head = stackalloc byte[DnsName.MaxLength + 8];
        var owner = NameKey.WriteWire(node.Key, zone.Apex, head);
        var more = other.IsNone ? default : other.RRsets;
        var left = !other.IsNone && more.MoveNext();
        foreach (var rrset in node.RRsets)
        {
            for (; left && Order(more.Current) < Order(rrset); left = more.MoveNext())
                Take(head, owner, more.Current);
            if (!node.Key.IsEmpty || (rrset.Type != DnsType.Zonemd && rrset.Covered != DnsType.Zonemd))
                Take(head, owner, rrset);
        }

        for (; left; left = more.MoveNext())
            Take(head, owner, more.Current);
    }

    static uint Order(in RRset rrset) => (uint)rrset.Type << 16 | (uint)rrset.Covered;

    void Take(Span<byte> head, int owner, in RRset rrset)
    {
        BinaryPrimitives.WriteUInt16BigEndian(head[owner..], (ushort)rrset.Type);
        BinaryPrimitives.WriteUInt16BigEndian(head[(owner + 2)..], (ushort)DnsClass.In);
        BinaryPrimitives.WriteUInt32BigEndian(head[(owner + 4)..], rrset.Ttl);
        foreach (var data in rrset.Data)
        {
            if (buffer.Length - used < owner + 10 + data.Length)
                Flush();
            if (buffer.Length < owner + 10 + data.Length)
            {
                hash.AppendData(head[..(owner + 8)]);
                hash.AppendData([(byte)(data.Length >> 8), (byte)data.Length]);
                hash.AppendData(data);
                continue;
            }

            head[..(owner + 8)].CopyTo(buffer.AsSpan(used));
            used += owner + 8;
            BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(used), (ushort)data.Length);
            used += sizeof(ushort);
            data.CopyTo(buffer.AsSpan(used));
            used += data.Length;
        }
    }

    void Flush()
    {
        hash.AppendData(buffer.AsSpan(0, used));
        used = 0;
    }
}
