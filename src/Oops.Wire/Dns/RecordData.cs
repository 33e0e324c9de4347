namespace Oops.Wire.Dns;

/// <summary>The data of records without the message that they came in.</summary>
public static class RecordData
{
    /// <summary>Octets of the longest data.</summary>
    public const int MaxSize = ushort.MaxValue;

    /// <summary>
    /// Writes the data with its names uncompressed and lower case, the canonical form of RFC 4034 (6.2), for the types of RFC 1035 whose names may be compressed and those that RFC 3597 (4) and RFC 6840 (5.1) add; of other types as it is.
    /// False if the data does not hold exactly what its type asks for, or does not fit.
    /// </summary>
    /// <param name="message">What the record is a view on.</param>
    /// <param name="record">The record.</param>
    /// <param name="into">Takes <see cref="MaxSize"/> octets at most.</param>
    /// <param name="length">Octets written.</param>
    public static bool TryExpand(ReadOnlySpan<byte> message, in DnsRecord record, Span<byte> into, out int length)
    {
        length = 0;
        var (fixedBefore, texts, names, fixedAfter) = Shape(record.Type);
        var end = record.DataStart + record.Data.Length;
        var at = record.DataStart;
        if (names == 0)
            return Copy(message[at..end], into, ref length);
        if (end - at < fixedBefore || !Copy(message.Slice(at, fixedBefore), into, ref length))
            return false;
        at += fixedBefore;
        for (; texts > 0; texts--)
        {
            if (at >= end || end - at < 1 + message[at] || !Copy(message.Slice(at, 1 + message[at]), into, ref length))
                return false;
            at += 1 + message[at];
        }

        for (; names > 0; names--)
        {
            if (!DnsName.TryRead(message, ref at, out var name) || at > end || !Copy(name.Wire, into, ref length))
                return false;
        }

        // A negative number: whatever is left.
        return (fixedAfter < 0 || end - at == fixedAfter) && Copy(message[at..end], into, ref length);
    }

    /// <summary>Octets, character strings, names, octets (-1: any number), in this order.</summary>
    static (int Before, int Texts, int Names, int After) Shape(DnsType type) => (ushort)type switch
    {
        2 or 3 or 4 or 5 or 7 or 8 or 9 or 12 or 39 => (0, 0, 1, 0), // NS MD MF CNAME MB MG MR PTR DNAME
        6 => (0, 0, 2, 20), // SOA
        14 or 17 => (0, 0, 2, 0), // MINFO RP
        15 or 18 or 21 or 36 => (2, 0, 1, 0), // MX AFSDB RT KX
        24 or 46 => (18, 0, 1, -1), // SIG RRSIG
        26 => (2, 0, 2, 0), // PX
        30 => (0, 0, 1, -1), // NXT
        33 => (6, 0, 1, 0), // SRV
        35 => (4, 3, 1, 0), // NAPTR
        _ => default,
    };

    static bool Copy(ReadOnlySpan<byte> from, Span<byte> into, ref int length)
    {
        if (into.Length - length < from.Length)
            return false;
        from.CopyTo(into[length..]);
        length += from.Length;
        return true;
    }
}
