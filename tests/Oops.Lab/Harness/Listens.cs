using System.Net;
using System.Net.Sockets;

namespace Oops.Lab.Harness;

/// <summary>Whether somebody listens over TCP.</summary>
internal static class Listens
{
    public static bool At(IPEndPoint address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
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
