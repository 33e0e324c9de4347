using System.Net.Sockets;
using System.Security;
using Oops.Control;
using Oops.Native;

namespace Oops.Sources.Dnstap;

/// <summary>Makes the socket where servers dial in.</summary>
internal static class DnstapListener
{
    const int Backlog = 512;

    /// <summary>The socket, listening; or null with the reason. A socket that somebody left at the path is replaced; one where somebody listens, and anything that is no socket, is left alone.</summary>
    public static async Task<(Socket? Socket, string Why)> ListenAsync(DnstapTarget target, CancellationToken stop)
    {
        Socket? socket = null;
        try
        {
            if (target.Address is { } address)
            {
                socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(address);
            }
            else
            {
                (socket, var refused) = await UnixListener.BindAsync(target.Path!, target.Mode, target.Group, stop).ConfigureAwait(false);
                if (socket is null) return (null, $"{target.Where}: {refused}");
            }

            socket.Listen(Backlog);
            return (socket, "");
        }
        catch (Exception e) when (e is SocketException or SecurityException)
        {
            socket?.Dispose();
            return (null, $"{target.Where}: {Reason.Of(e)}");
        }
    }
}
