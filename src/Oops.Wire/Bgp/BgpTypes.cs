namespace Oops.Wire.Bgp;

/// <summary>Types of messages (RFC 4271, 4.1; RFC 2918).</summary>
public enum BgpMessageType : byte
{
    Open = 1,
    Update = 2,
    Notification = 3,
    Keepalive = 4,
    RouteRefresh = 5,
}

/// <summary>The families that we speak, by AFI; the SAFI is 1, unicast.</summary>
public enum BgpFamily : ushort
{
    Ip4 = 1,
    Ip6 = 2,
}

/// <summary>A large community (RFC 8092): who, and two numbers of its own.</summary>
public readonly record struct BgpLargeCommunity(uint Asn, uint First, uint Second);

/// <summary>Communities that everybody knows.</summary>
public static class BgpCommunity
{
    /// <summary>65535:0: this path goes soon, take another while there is time (RFC 8326).</summary>
    public const uint GracefulShutdown = 0xFFFF0000;

    public static uint Of(ushort asn, ushort value) => (uint)asn << 16 | value;
}

/// <summary>AS numbers with a meaning of their own.</summary>
public static class BgpAs
{
    /// <summary>AS_TRANS: stands for a number of four octets where only two fit (RFC 6793).</summary>
    public const ushort Trans = 23456;

    /// <summary>As a speaker that knows two octets is told of it.</summary>
    public static ushort Short(uint asn) => asn > ushort.MaxValue ? Trans : (ushort)asn;
}
