using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Oops.Bench.Listener;

/// <summary>DNS cookies (RFC 7873) on the asking side: one question for the server's, which then is in all.</summary>
internal static class Cookies
{
    const int Option = 10, Client = 8;

    /// <summary>The option's data to send from now on; with a server that has no cookies one of the same length, which it passes over.</summary>
    public static byte[] Ask(IPEndPoint to, byte[] query)
    {
        byte[] client = [1, 2, 3, 4, 5, 6, 7, 8];
        using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 2000 };
        socket.Connect(to);
        socket.Send(Add([query], client)[0]);
        var buffer = new byte[4096];
        var response = buffer.AsSpan(0, socket.Receive(buffer));
        var at = response.LastIndexOf(client);
        var length = at < 4 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(response[(at - 2)..]);
        return length > Client ? response.Slice(at, length).ToArray() : [.. client, .. new byte[16]];
    }

    /// <summary>The queries, each of which ends with an empty OPT, with the option in it.</summary>
    public static byte[][] Add(byte[][] queries, byte[] cookie) =>
        [.. queries.Select(q => (byte[])[.. q[..^2], 0, (byte)(4 + cookie.Length), 0, Option, 0, (byte)cookie.Length, .. cookie])];
}
