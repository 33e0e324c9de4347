namespace Oops.Wire.Dns;

/// <summary>A query of one question, as a client writes it.</summary>
public sealed record PlainQuery
{
    /// <summary>Octets that always suffice: header, name, type and class, OPT with one cookie.</summary>
    public const int MostSize = DnsHeader.Size + DnsName.MaxLength + 4 + 11 + 4 + ClientCookie.MostSize;

    readonly DnsName name;
    readonly byte[] wire;

    public PlainQuery(in DnsName name, DnsType type) => (this.name, wire, Type) = (name, name.Wire.ToArray(), type);

    public ref readonly DnsName Name => ref name;

    /// <summary>The name as it is sent.</summary>
    public ReadOnlySpan<byte> Wire => wire;

    public DnsType Type { get; }

    public bool RecursionDesired { get; init; }

    public bool Edns { get; init; } = true;

    public byte EdnsVersion { get; init; }

    /// <summary>DO (RFC 3225).</summary>
    public bool DnssecOk { get; init; }

    /// <summary>Each second letter of the name in upper case (draft-vixie-dnsext-dns0x20).</summary>
    public bool MixedCase
    {
        init
        {
            if (!value) return;
            wire = [.. wire];
            // The name is in lower case, and the octets of lengths are below 'a'.
            var upper = false;
            for (var i = 0; i < wire.Length; i++)
                if (wire[i] is >= (byte)'a' and <= (byte)'z' && (upper = !upper)) wire[i] -= 0x20;
        }
    }

    /// <summary>The data of the COOKIE option (RFC 7873); empty: none.</summary>
    public ReadOnlyMemory<byte> Cookie { get; init; }

    /// <summary>Writes it into <see cref="MostSize"/> octets; how many there are.</summary>
    public int Write(Span<byte> buffer, ushort id)
    {
        var writer = new DnsWriter(buffer, id, RecursionDesired ? DnsHeader.Rd : (ushort)0);
        writer.Bytes(wire);
        writer.UInt16((ushort)Type);
        writer.UInt16((ushort)DnsClass.In);
        writer.Count(4);
        if (Edns) writer.Opt(SoaQuery.UdpSize, dnssecOk: DnssecOk, version: EdnsVersion);
        if (Edns && !Cookie.IsEmpty) writer.Option(EdnsOption.Cookie, Cookie.Span);
        return writer.Length;
    }
}
