using System.Net;
using System.Net.Sockets;

namespace Oops.Lab.Harness;

/// <summary>Whether somebody listens, over TCP or at a path.</summary>
internal static class Listens
{
    public static bool At(IPEndPoint address) => At(address, ProtocolType.Tcp);

    /// <summary>The file is there a moment before somebody listens.</summary>
    public static bool AtPath(string path) => At(new UnixDomainSocketEndPoint(path), ProtocolType.Unspecified);

    static bool At(EndPoint address, ProtocolType protocol)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, protocol);
        try
        {
            socket.Connect(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
