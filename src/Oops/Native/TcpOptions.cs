using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Oops.Native;

/// <summary>Options of a TCP socket, set on its thread: signatures (RFC 2385), and a bound on the hops that a packet came (RFC 5082). tcp(7), ip(7), ipv6(7).</summary>
internal static class TcpOptions
{
    /// <summary>TCP_MD5SIG_MAXKEYLEN.</summary>
    public const int LongestPassword = 80;

    const int LevelIp = 0, LevelTcp = 6, LevelIp6 = 41;
    const int Md5Signature = 14;
    const int Ttl = 2, MinTtl = 21;
    const int UnicastHops = 16, MinHopCount = 73;

    /// <summary>Signs what is sent to the peer, and drops what comes from it unsigned. Before the connection: on the socket that connects, or on the one that listens. Null, or why not.</summary>
    public static string? SetPassword(TcpSocket socket, IPAddress peer, string password)
    {
        // struct tcp_md5sig: the address (128), flags, prefix length, key length (2), interface (4), key (80).
        Span<byte> signature = stackalloc byte[128 + 8 + LongestPassword];
        signature.Clear();
        MemoryMarshal.Write(signature, (ushort)(peer.AddressFamily == AddressFamily.InterNetwork ? 2 : 10));
        if (peer.AddressFamily == AddressFamily.InterNetwork)
        {
            peer.TryWriteBytes(signature[4..], out _);
        }
        else
        {
            peer.TryWriteBytes(signature[8..], out _);
            MemoryMarshal.Write(signature[24..], (uint)peer.ScopeId);
        }

        var length = Encoding.ASCII.GetBytes(password, signature[136..]);
        MemoryMarshal.Write(signature[130..], (ushort)length);
        return Say(socket.Set(LevelTcp, Md5Signature, signature), "TCP MD5 signatures");
    }

    /// <summary>Sends with the highest TTL, as a peer that counts hops expects.</summary>
    public static string? SetHighestTtl(TcpSocket socket) =>
        socket.Family == AddressFamily.InterNetwork ? Set(socket, LevelIp, Ttl, 255, "the TTL") : Set(socket, LevelIp6, UnicastHops, 255, "the hop limit");

    /// <summary>Drops what came over more hops than this; 1: a neighbour on the same link.</summary>
    public static string? SetHops(TcpSocket socket, int hops) => SetHighestTtl(socket)
        ?? (socket.Family == AddressFamily.InterNetwork ? Set(socket, LevelIp, MinTtl, 256 - hops, "the least TTL") : Set(socket, LevelIp6, MinHopCount, 256 - hops, "the least hop limit"));

    static string? Set(TcpSocket socket, int level, int option, int value, string what) => Say(socket.Set(level, option, value), what);

    static string? Say(int errno, string what) => errno == 0 ? null : $"{what} cannot be set: {Reason.Of(errno)}";
}
