namespace Oops.Wire.Dns;

/// <summary>What an SOA query asks for beside the record.</summary>
[Flags]
public enum SoaQueryOptions
{
    None = 0,

    /// <summary>RD: only for a resolver. An authoritative server is asked without.</summary>
    RecursionDesired = 1,

    /// <summary>EDNS EXPIRE (RFC 7314): how long the server may serve the zone without hearing from its primary.</summary>
    Expire = 2,

    /// <summary>EDNS NSID (RFC 5001): which node answers.</summary>
    Nsid = 4,

    /// <summary>No EDNS at all, for servers that answer FORMERR to it.</summary>
    NoEdns = 8,

    /// <summary>DO: with the signatures of the record (RFC 4035, 3.2.1).</summary>
    Dnssec = 16,
}

/// <summary>Builds SOA queries.</summary>
public static class SoaQuery
{
    /// <summary>
    /// UDP payload that we offer, octets: what passes without fragments (RFC 9715). Answers to SOA queries are far smaller.
    /// </summary>
    public const ushort UdpSize = 1232;

    /// <summary>Octets that the longest query needs, without TSIG.</summary>
    public const int MaxSize = DnsHeader.Size + DnsName.MaxLength + 4 + 11 + 8;

    /// <summary>Writes the query; returns its length, 0 if <paramref name="buffer"/> is too small.</summary>
    public static int Write(Span<byte> buffer, ushort id, in DnsName zone, SoaQueryOptions options)
    {
        var writer = new DnsWriter(buffer, id, (options & SoaQueryOptions.RecursionDesired) != 0 ? DnsHeader.Rd : (ushort)0);
        writer.Question(zone, DnsType.Soa);
        if ((options & SoaQueryOptions.NoEdns) == 0)
        {
            writer.Opt(UdpSize, dnssecOk: (options & SoaQueryOptions.Dnssec) != 0);
            if ((options & SoaQueryOptions.Expire) != 0)
                writer.Option(EdnsOption.Expire, []);
            if ((options & SoaQueryOptions.Nsid) != 0)
                writer.Option(EdnsOption.Nsid, []);
        }

        return writer.Length;
    }
}
