using System.Buffers.Binary;

namespace Oops.Wire.Bgp;

/// <summary>OPEN: who speaks, and what it can (RFC 4271, 4.2; capabilities: RFC 5492).</summary>
public readonly record struct BgpOpen
{
    /// <summary>Ours, with all capabilities.</summary>
    public const int MaxOwn = BgpHeader.Size + 10 + 2 + 64;

    const byte Version = 4;
    const byte CapabilitiesParameter = 2;
    const byte Extended = 255;
    const byte Multiprotocol = 1, RouteRefreshCapability = 2, ExtendedNextHopCapability = 5, FourOctetCapability = 65, EnhancedRefreshCapability = 70;

    /// <summary>The AS number, of four octets where the speaker knows them.</summary>
    public required uint Asn { get; init; }

    /// <summary>Seconds; 0: never.</summary>
    public required ushort HoldTime { get; init; }

    /// <summary>The BGP identifier: the router ID as a number.</summary>
    public required uint Id { get; init; }

    public bool Ip4 { get; init; }

    public bool Ip6 { get; init; }

    /// <summary>It was said which families there are. A speaker that says nothing of them means IPv4.</summary>
    public bool SaysFamilies { get; init; }

    public bool RouteRefresh { get; init; }

    /// <summary>A refresh has a beginning and an end (RFC 7313).</summary>
    public bool EnhancedRefresh { get; init; }

    /// <summary>AS numbers of four octets (RFC 6793).</summary>
    public bool FourOctet { get; init; }

    /// <summary>IPv4 prefixes may have an IPv6 next hop (RFC 8950).</summary>
    public bool ExtendedNextHop { get; init; }

    public bool Carries(BgpFamily family) => family == BgpFamily.Ip4 ? Ip4 || !SaysFamilies : Ip6;

    /// <summary>The whole message; its length.</summary>
    public int Write(Span<byte> to)
    {
        Span<byte> capabilities = stackalloc byte[64];
        var n = 0;
        if (Ip4) n = Family(capabilities, n, BgpFamily.Ip4);
        if (Ip6) n = Family(capabilities, n, BgpFamily.Ip6);
        if (RouteRefresh) n = Add(capabilities, n, RouteRefreshCapability, []);
        if (ExtendedNextHop) n = Add(capabilities, n, ExtendedNextHopCapability, [0, 1, 0, 1, 0, 2]);
        if (FourOctet) n = Add(capabilities, n, FourOctetCapability, [(byte)(Asn >> 24), (byte)(Asn >> 16), (byte)(Asn >> 8), (byte)Asn]);
        if (EnhancedRefresh) n = Add(capabilities, n, EnhancedRefreshCapability, []);
        var length = BgpHeader.Size + 10 + (n == 0 ? 0 : 2 + n);
        BgpHeader.Write(to, length, BgpMessageType.Open);
        var body = to[BgpHeader.Size..];
        body[0] = Version;
        BinaryPrimitives.WriteUInt16BigEndian(body[1..], BgpAs.Short(Asn));
        BinaryPrimitives.WriteUInt16BigEndian(body[3..], HoldTime);
        BinaryPrimitives.WriteUInt32BigEndian(body[5..], Id);
        body[9] = (byte)(n == 0 ? 0 : 2 + n);
        if (n == 0) return length;
        body[10] = CapabilitiesParameter;
        body[11] = (byte)n;
        capabilities[..n].CopyTo(body[12..]);
        return length;
    }

    /// <summary>Reads the body of one. Capabilities that we do not know are passed over; what is malformed in those we do is a fault.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out BgpOpen open, out BgpFault fault)
    {
        (open, fault) = (default, BgpFault.BadOpen);
        if (body.Length < 10)
            return false;
        if (body[0] != Version)
            return Bad(BgpFault.BadVersion, out fault);
        open = new BgpOpen { Asn = BinaryPrimitives.ReadUInt16BigEndian(body[1..]), HoldTime = BinaryPrimitives.ReadUInt16BigEndian(body[3..]), Id = BinaryPrimitives.ReadUInt32BigEndian(body[5..]) };
        int length = body[9];
        var rest = body[10..];
        // More than 255 octets of them (RFC 9072): each then has a length of two octets.
        var extended = length == Extended && rest is [Extended, _, _, ..];
        if (extended)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
            rest = rest[3..];
        }

        if (rest.Length != length)
            return false;
        var head = extended ? 3 : 2;
        while (!rest.IsEmpty)
        {
            if (rest.Length < head)
                return false;
            int size = extended ? BinaryPrimitives.ReadUInt16BigEndian(rest[1..]) : rest[1];
            if (rest.Length - head < size)
                return false;
            if (rest[0] != CapabilitiesParameter)
                return Bad(BgpFault.BadOptionalParameter, out fault);
            if (!ReadCapabilities(rest.Slice(head, size), ref open))
                return false;
            rest = rest[(head + size)..];
        }

        fault = open switch
        {
            { Asn: 0 } => BgpFault.BadPeerAs,
            { Id: 0 } => BgpFault.BadIdentifier,
            { HoldTime: 1 or 2 } => BgpFault.BadHoldTime,
            _ => default,
        };
        return fault.IsNone;
    }

    static bool ReadCapabilities(ReadOnlySpan<byte> rest, ref BgpOpen open)
    {
        while (!rest.IsEmpty)
        {
            if (rest.Length < 2 || rest.Length - 2 < rest[1])
                return false;
            var value = rest.Slice(2, rest[1]);
            switch (rest[0])
            {
                case Multiprotocol when value.Length == 4:
                    open = open with { SaysFamilies = true, Ip4 = open.Ip4 || value is [0, 1, _, 1], Ip6 = open.Ip6 || value is [0, 2, _, 1] };
                    break;
                case FourOctetCapability when value.Length == 4:
                    open = open with { FourOctet = true, Asn = BinaryPrimitives.ReadUInt32BigEndian(value) };
                    break;
                case ExtendedNextHopCapability when value.Length % 6 == 0:
                    for (; !value.IsEmpty; value = value[6..])
                    {
                        if (value is [0, 1, 0, 1, 0, 2, ..])
                            open = open with { ExtendedNextHop = true };
                    }

                    break;
                case RouteRefreshCapability:
                    open = open with { RouteRefresh = true };
                    break;
                case EnhancedRefreshCapability:
                    open = open with { EnhancedRefresh = true };
                    break;
                case Multiprotocol or FourOctetCapability or ExtendedNextHopCapability:
                    return false;
            }

            rest = rest[(2 + rest[1])..];
        }

        return true;
    }

    static int Family(Span<byte> to, int at, BgpFamily family) => Add(to, at, Multiprotocol, [0, (byte)family, 0, 1]);

    static int Add(Span<byte> to, int at, byte code, ReadOnlySpan<byte> value)
    {
        to[at] = code;
        to[at + 1] = (byte)value.Length;
        value.CopyTo(to[(at + 2)..]);
        return at + 2 + value.Length;
    }

    static bool Bad(BgpFault what, out BgpFault fault)
    {
        fault = what;
        return false;
    }
}
