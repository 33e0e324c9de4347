namespace Oops.Wire.Dns;

/// <summary>Builds queries for zone transfers.</summary>
public static class TransferQuery
{
    /// <summary>Octets that the longest query needs, without TSIG.</summary>
    public const int MaxSize = DnsHeader.Size + 2 * DnsName.MaxLength + 4 + 10 + 22;

    /// <summary>
    /// Writes a query for the whole zone (AXFR, RFC 5936), or for what has changed since a serial (IXFR, RFC 1995: the SOA that is had goes into the authority section, of which servers read the serial
    /// alone). Returns its length, 0 if <paramref name="buffer"/> is too small.
    /// </summary>
    /// <param name="buffer">Where to write.</param>
    /// <param name="id">Unpredictable.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="have">The serial that is had; null: nothing is.</param>
    public static int Write(Span<byte> buffer, ushort id, in DnsName zone, uint? have)
    {
        var writer = new DnsWriter(buffer, id, 0);
        writer.Question(zone, have is null ? DnsType.Axfr : DnsType.Ixfr);
        if (have is { } serial)
        {
            writer.Bytes(zone.Wire);
            writer.UInt16((ushort)DnsType.Soa);
            writer.UInt16((ushort)DnsClass.In);
            writer.UInt32(0);
            writer.UInt16(22);
            writer.Byte(0);
            writer.Byte(0);
            writer.UInt32(serial);
            for (var i = 0; i < 4; i++)
                writer.UInt32(0);
            writer.Count(8);
        }

        return writer.Length;
    }
}
