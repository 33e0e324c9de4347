using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Oops.Sources.Probe;

/// <summary>Whether an address is one of this host. If not, who asks it asks another host, and with an address that is announced elsewhere too, another site answers.</summary>
internal static class Home
{
    const string Routes6 = "/proc/net/ipv6_route";

    // RTF_LOCAL of linux/ipv6_route.h.
    const uint LocalRoute = 0x80000000;

    /// <summary>Asked of the kernel's routing, which costs some microseconds and sends nothing: what goes to an address of our own comes from that address.</summary>
    public static bool Has(IPAddress address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(new IPEndPoint(address, 53));
            return ((IPEndPoint)socket.LocalEndPoint!).Address.Equals(address) || IPAddress.IsLoopback(address) || HasNet(address);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Of a whole IPv6 network that is local (`ip route add local 2001:db8:53::/48 dev lo`); of an IPv4 one the source says it.</summary>
    static bool HasNet(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return false;
        try
        {
            return File.ReadLines(Routes6).Any(line => IsLocal(line, address));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A line of /proc/net/ipv6_route: network, length, source and its length, next hop, metric, reference count, use, flags (all hexadecimal), device.</summary>
    public static bool IsLocal(string line, IPAddress address)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 10 || fields[0].Length != 32) return false;
        if (!uint.TryParse(fields[8], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var flags) || (flags & LocalRoute) == 0) return false;
        return int.TryParse(fields[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var length) && length is > 0 and <= 128
            && new IPNetwork(new IPAddress(Convert.FromHexString(fields[0])), length).Contains(address);
    }
}
