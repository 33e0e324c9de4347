using System.Buffers.Binary;

namespace Oops.Wire.Dns;

/// <summary>The TSIG record of a message, as a view on it (RFC 8945, 4.2).</summary>
internal ref struct TsigRecord
{
    /// <summary>Where the record starts: the signed part of the message ends here.</summary>
    public int Start { get; set; }

    public DnsName Key { get; set; }

    public DnsName Algorithm { get; set; }

    /// <summary>Seconds since 1970-01-01, 48 bits.</summary>
    public long Time { get; set; }

    /// <summary>Seconds.</summary>
    public ushort Fudge { get; set; }

    public ReadOnlySpan<byte> Mac { get; set; }

    public ushort OriginalId { get; set; }

    public ushort Error { get; set; }

    public ReadOnlySpan<byte> Other { get; set; }

    /// <summary>
    /// Finds the TSIG record. It must be the last record of the additional section, alone, with class ANY and TTL 0 (RFC 8945, 5.2); anything else is a format error. Other
    /// Data is 6 octets with BADTIME and empty otherwise (5.2.3).
    /// </summary>
    public static TsigStatus Find(ReadOnlySpan<byte> message, out TsigRecord tsig)
    {
        tsig = default;
        if (!DnsHeader.TryRead(message, out var header))
            return TsigStatus.FormErr;
        var reader = new DnsReader(message);
        for (var i = 0; i < header.Questions; i++)
        {
            if (!reader.TrySkipQuestion())
                return TsigStatus.FormErr;
        }

        var records = header.Answers + header.Authorities + header.Additionals;
        for (var i = 1; i <= records; i++)
        {
            if (!reader.TryReadRecord(out var record))
                return TsigStatus.FormErr;
            if (record.Type != DnsType.Tsig)
                continue;
            return i == records && header.Additionals > 0 && reader.AtEnd && tsig.TryRead(reader, record) ? TsigStatus.Valid : TsigStatus.FormErr;
        }

        return TsigStatus.Absent;
    }

    /// <summary>The variables that are signed beside the message (RFC 8945, 4.3.3).</summary>
    public readonly void WriteVariables(scoped ref DnsWriter writer)
    {
        writer.Bytes(Key.Wire);
        writer.UInt16((ushort)DnsClass.Any);
        writer.UInt32(0);
        writer.Bytes(Algorithm.Wire);
        WriteTime(ref writer, Time);
        writer.UInt16(Fudge);
        writer.UInt16(Error);
        writer.UInt16((ushort)Other.Length);
        writer.Bytes(Other);
    }

    /// <summary>Appends the record to a message and counts it.</summary>
    public readonly void WriteRecord(scoped ref DnsWriter writer)
    {
        writer.Bytes(Key.Wire);
        writer.UInt16((ushort)DnsType.Tsig);
        writer.UInt16((ushort)DnsClass.Any);
        writer.UInt32(0);
        writer.UInt16((ushort)(Algorithm.Wire.Length + 16 + Mac.Length + Other.Length));
        writer.Bytes(Algorithm.Wire);
        WriteTime(ref writer, Time);
        writer.UInt16(Fudge);
        writer.UInt16((ushort)Mac.Length);
        writer.Bytes(Mac);
        writer.UInt16(OriginalId);
        writer.UInt16(Error);
        writer.UInt16((ushort)Other.Length);
        writer.Bytes(Other);
        writer.Count(10);
    }

    public static void WriteTime(scoped ref DnsWriter writer, long time)
    {
        writer.UInt16((ushort)(time >> 32));
        writer.UInt32((uint)time);
    }

    bool TryRead(DnsReader reader, in DnsRecord record)
    {
        var message = reader.Message;
        var offset = record.DataStart;
        if (record.Class != DnsClass.Any || record.Ttl != 0 || !reader.TryReadOwner(record, out var key) || !DnsName.TryRead(message, ref offset, out var algorithm))
            return false;
        var end = record.DataStart + record.Data.Length;
        if (end - offset < 16)
            return false;
        int size = BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 8)..]);
        if (end - offset < 16 + size)
            return false;
        var rest = message[(offset + 10 + size)..end];
        var other = rest[6..];
        if (BinaryPrimitives.ReadUInt16BigEndian(rest[4..]) != other.Length || other.Length is not (0 or 6))
            return false;
        Start = record.Start;
        Key = key;
        Algorithm = algorithm;
        Time = (long)BinaryPrimitives.ReadUInt16BigEndian(message[offset..]) << 32 | BinaryPrimitives.ReadUInt32BigEndian(message[(offset + 2)..]);
        Fudge = BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 6)..]);
        Mac = message.Slice(offset + 10, size);
        OriginalId = BinaryPrimitives.ReadUInt16BigEndian(rest);
        Error = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        Other = other;
        return true;
    }
}
