using System.Globalization;
using System.Net;

namespace Oops.Doctor;

/// <summary>A bound socket, of /proc/net/tcp and its like (proc_net_tcp(5)).</summary>
internal readonly record struct BoundSocket(IPEndPoint Local, long Inode);

/// <summary>The kernel's tables of sockets, as text.</summary>
internal static class SocketTable
{
    const string Listening = "0A";
    const string UdpBound = "07";

    /// <summary>The sockets of one table that wait for whoever comes: TCP in LISTEN, UDP without a peer. Lines that are not understood are passed over.</summary>
    public static IEnumerable<BoundSocket> Parse(IEnumerable<string> lines, bool tcp)
    {
        foreach (var line in lines)
        {
            var fields = line.Split(' ', 11, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 10 || fields[3] != (tcp ? Listening : UdpBound) || !fields[2].EndsWith(":0000", StringComparison.Ordinal)) continue;
            if (TryAddress(fields[1], out var local) && long.TryParse(fields[9], NumberStyles.None, CultureInfo.InvariantCulture, out var inode)) yield return new(local, inode);
        }
    }

    /// <summary>
    /// Where a process listens for DNS: what it has bound over UDP and over TCP alike; where there is none, port 53 of either. A resolver's own questions leave from UDP ports that nothing listens on.
    /// </summary>
    public static IEnumerable<IPEndPoint> Dns(IReadOnlySet<long> inodes, IEnumerable<BoundSocket> tcp, IEnumerable<BoundSocket> udp)
    {
        var streams = tcp.Where(s => inodes.Contains(s.Inode)).Select(s => s.Local).ToHashSet();
        var packets = udp.Where(s => inodes.Contains(s.Inode)).Select(s => s.Local).ToHashSet();
        var both = streams.Intersect(packets).ToArray();
        return (both.Length > 0 ? both : streams.Concat(packets).Where(e => e.Port == 53).Distinct()).OrderBy(e => e.Port == 53 ? 0 : 1).ThenBy(e => e.ToString(), StringComparer.Ordinal);
    }

    /// <summary>`0100007F:0035`: words of 32 bits in the machine's order, then the port.</summary>
    static bool TryAddress(string text, out IPEndPoint endpoint)
    {
        endpoint = new IPEndPoint(IPAddress.None, 0);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon is not (8 or 32) || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var port)) return false;
        var bytes = new byte[colon / 2];
        for (var i = 0; i < bytes.Length; i += 4)
        {
            if (!uint.TryParse(text.AsSpan(i * 2, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var word)) return false;
            BitConverter.TryWriteBytes(bytes.AsSpan(i), word);
        }

        endpoint = new IPEndPoint(new IPAddress(bytes), port);
        return true;
    }
}
