namespace Oops.Wire.Dns;

/// <summary>Builds queries for any type of record, with the signatures: what a validator asks an authoritative server.</summary>
public static class RecordQuery
{
    /// <summary>Octets that the longest query needs.</summary>
    public const int MaxSize = DnsHeader.Size + DnsName.MaxLength + 4 + 11;

    /// <summary>Writes the query, without RD and with DO (RFC 4035, 3.2.1); returns its length, 0 if <paramref name="buffer"/> is too small.</summary>
    public static int Write(Span<byte> buffer, ushort id, in DnsName name, DnsType type)
    {
        var writer = new DnsWriter(buffer, id, 0);
        writer.Question(name, type);
        writer.Opt(SoaQuery.UdpSize, dnssecOk: true);
        return writer.Length;
    }
}
