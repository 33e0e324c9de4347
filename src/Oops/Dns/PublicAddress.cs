using System.Net;
using System.Net.Sockets;

namespace Oops.Dns;

/// <summary>
/// Addresses of which others may have us send something: those of the internet, and no loopback, none of a private network, of a group (RFC 6890 and IANA's registries of special-purpose addresses). One that only
/// wraps an IPv4 address is what that one is: a gateway sends on to it.
/// </summary>
internal static class PublicAddress
{
    static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96"); // RFC 6052
    static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16"); // RFC 3056

    static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            // 64:ff9b:1::/48 is a network's own NAT64 (RFC 8215): where in it the IPv4 address stands only that network knows.
            "::/96", "::ffff:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    public static bool Is(IPAddress address) => !NotPublic.Any(n => n.Contains(address)) && (Wrapped(address) is not { } four || Is(four));

    static IPAddress? Wrapped(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return null;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return Nat64.Contains(address) ? new(bytes[12..]) : SixToFour.Contains(address) ? new(bytes[2..6]) : null;
    }
}
