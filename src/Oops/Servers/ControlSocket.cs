using System.Net.Sockets;
using System.Text;
using Oops.Native;

namespace Oops.Servers;

/// <summary>A server's control socket in the file system: the way to it, and why there is none, in words that say what to do.</summary>
internal static class ControlSocket
{
    const int LongestPath = 107;

    // What .NET makes of ENOENT; its message would be "Cannot assign requested address".
    const SocketError NoSuchFile = SocketError.AddressNotAvailable;

    /// <summary>A connection, or why there is none; nobody listens there: a fact that the kernel states, not a silence.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="group">Whose members may connect, as the reason names it: `the socket's group`.</param>
    /// <param name="stop">Ends it, by an <see cref="OperationCanceledException"/>.</param>
    public static async ValueTask<(Socket? Socket, string Why, bool Nobody)> ConnectAsync(string path, string group, CancellationToken stop)
    {
        if (Encoding.UTF8.GetByteCount(path) is 0 or > LongestPath) return (null, "the socket's path is empty or longer than 107 bytes", false);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
            return (socket, "", false);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            var why = e.SocketErrorCode switch
            {
                NoSuchFile => "no such socket",
                SocketError.AccessDenied => $"permission denied (is the daemon's user in {group}?)",
                _ => e.Message,
            };
            return (null, $"{why} at {path}", e.SocketErrorCode is SocketError.ConnectionRefused or NoSuchFile);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The pid of the process that listens, in our own numbering; null when it lives in a pid namespace that we cannot see into.</summary>
    public static int? PeerPid(Socket socket) => PeerCredentials.TryRead(socket, out var peer) && peer.Pid > 0 ? peer.Pid : null;
}
