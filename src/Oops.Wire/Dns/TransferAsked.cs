namespace Oops.Wire.Dns;

/// <summary>A message about a transfer, as somebody sees it who stands beside the server: the query, or what the server answered.</summary>
public readonly struct TransferAsked
{
    /// <summary>Of which zone.</summary>
    public DnsName Zone { get; private init; }

    /// <summary>It is the server's answer.</summary>
    public bool IsResponse { get; private init; }

    /// <summary>The answer says that the client may not: REFUSED, or NOTAUTH as Knot says it. Others are of the server's own trouble.</summary>
    public bool IsRefusal { get; private init; }

    /// <summary>It is signed (RFC 8945). Not looked at in answers.</summary>
    public bool IsSigned { get; private init; }

    /// <summary>False: it asks for no transfer (RFC 5936, RFC 1995), or cannot be read. Allocates nothing.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out TransferAsked asked)
    {
        asked = default;
        var reader = new DnsReader(message);
        if (!DnsHeader.TryRead(message, out var header) || header.Opcode != DnsOpcode.Query || header.Questions != 1 ||
            !reader.TryReadQuestion(out var zone, out var type, out var @class) || type is not (DnsType.Axfr or DnsType.Ixfr) || @class != DnsClass.In)
            return false;
        var signed = false;
        if (!header.IsResponse)
        {
            // The query of an IXFR has the SOA that is had; the signature is the last of all.
            for (var records = header.Answers + header.Authorities + header.Additionals; records > 0; records--)
            {
                if (!reader.TryReadRecord(out var record))
                    return false;
                signed = record.Type == DnsType.Tsig;
            }
        }

        asked = new() { Zone = zone, IsResponse = header.IsResponse, IsRefusal = header.IsResponse && (DnsRcode)header.RcodeBits is (DnsRcode.Refused or DnsRcode.NotAuth), IsSigned = signed };
        return true;
    }
}
