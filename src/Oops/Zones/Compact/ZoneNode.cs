using System.Buffers.Binary;
using Oops.Wire.Dns;

namespace Oops.Zones.Compact;

/// <summary>A name of a zone with its RRsets: a view on a page.</summary>
internal readonly ref struct ZoneNode(ReadOnlySpan<byte> octets)
{
    /// <summary>Octets before the key.</summary>
    public const int Head = sizeof(int) + sizeof(ushort);

    readonly ReadOnlySpan<byte> octets = octets;

    public int Size => octets.Length;

    public bool IsNone => octets.IsEmpty;

    public ReadOnlySpan<byte> Key => octets.Slice(Head, BinaryPrimitives.ReadUInt16LittleEndian(octets[sizeof(int)..]));

    /// <summary>The RRsets by type, and each type's signatures as one of type RRSIG by the type that they cover.</summary>
    public Entries RRsets => new(octets[EntriesStart..]);

    /// <summary>Octets before the first RRset.</summary>
    public int EntriesStart => Head + BinaryPrimitives.ReadUInt16LittleEndian(octets[sizeof(int)..]);

    public static ZoneNode At(ReadOnlySpan<byte> page, int offset) => new(page.Slice(offset, BinaryPrimitives.ReadInt32LittleEndian(page[offset..])));

    /// <summary>The RRset, or one without records.</summary>
    public RRset Get(DnsType type, DnsType covered = default)
    {
        foreach (var rrset in RRsets)
        {
            if (rrset.Type == type && rrset.Covered == covered)
                return rrset;
        }

        return default;
    }

    /// <summary>NS below the apex: the zone ends here.</summary>
    public bool IsDelegation => !Key.IsEmpty && Has(DnsType.Ns);

    /// <summary>What is below it is of another zone, or of nobody: a delegation, or a DNAME (RFC 6672, 2.3), also that of the apex.</summary>
    public bool HidesBelow => IsDelegation || Has(DnsType.Dname);

    public bool Has(DnsType type) => Get(type).Count > 0;

    /// <summary>Goes over RRsets.</summary>
    public ref struct Entries(ReadOnlySpan<byte> entries)
    {
        ReadOnlySpan<byte> rest = entries;

        public RRset Current { get; private set; }

        public readonly Entries GetEnumerator() => this;

        public bool MoveNext()
        {
            if (rest.IsEmpty)
                return false;
            Current = RRset.At(rest);
            rest = rest[Current.Size..];
            return true;
        }
    }
}

/// <summary>An RRset, or the signatures that cover one: a view on a page. The default value is none: its <see cref="Count"/> is 0.</summary>
internal readonly ref struct RRset(ReadOnlySpan<byte> octets)
{
    /// <summary>Octets before the data of the first record.</summary>
    public const int Head = 14;

    /// <summary>Where the fields that an edit changes are.</summary>
    public const int CountAt = 8, DataSizeAt = 10;

    readonly ReadOnlySpan<byte> octets = octets;

    public int Size => octets.Length;

    public bool IsAbsent => octets.IsEmpty;

    public DnsType Type => (DnsType)BinaryPrimitives.ReadUInt16LittleEndian(octets);

    /// <summary>Of RRSIG records: the type that they cover; 0 of others.</summary>
    public DnsType Covered => (DnsType)BinaryPrimitives.ReadUInt16LittleEndian(octets[2..]);

    /// <summary>Seconds.</summary>
    public uint Ttl => BinaryPrimitives.ReadUInt32LittleEndian(octets[4..]);

    /// <summary>Records.</summary>
    public int Count => octets.IsEmpty ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(octets[CountAt..]);

    /// <summary>The data of each record, in canonical order (RFC 4034, 6.3).</summary>
    public Records Data => new(octets.IsEmpty ? octets : octets[Head..]);

    /// <summary>Of one record: its data. Of several: that of the first.</summary>
    public ReadOnlySpan<byte> First => octets.Slice(Head + sizeof(ushort), BinaryPrimitives.ReadUInt16LittleEndian(octets[Head..]));

    /// <summary>The same records, with the same TTL.</summary>
    public bool IsSame(in RRset other) => octets.SequenceEqual(other.octets);

    public static RRset At(ReadOnlySpan<byte> entries) => new(entries[..(Head + BinaryPrimitives.ReadInt32LittleEndian(entries[DataSizeAt..]))]);

    public static void WriteHead(Span<byte> head, DnsType type, DnsType covered, uint ttl)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)type);
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], (ushort)covered);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], ttl);
        head[CountAt..Head].Clear();
    }

    /// <summary>Goes over records.</summary>
    public ref struct Records(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> rest = data;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly Records GetEnumerator() => this;

        public bool MoveNext()
        {
            if (rest.IsEmpty)
                return false;
            Current = rest.Slice(sizeof(ushort), BinaryPrimitives.ReadUInt16LittleEndian(rest));
            rest = rest[(sizeof(ushort) + Current.Length)..];
            return true;
        }
    }
}
