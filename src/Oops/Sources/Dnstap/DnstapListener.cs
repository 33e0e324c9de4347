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
        if (target.Path is { } path && await SocketLife.MakeRoomAsync(path, stop).ConfigureAwait(false) is { } taken) return (null, $"{path}: {taken}");
        var socket = target.Address is { } at ? new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp) : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (target.Address is { } address) socket.Bind(address);
            else if (BindUnix(socket, target) is { } refused)
            {
                socket.Dispose();
                return (null, $"{target.Where}: {refused}");
            }

            socket.Listen(Backlog);
            return (socket, "");
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException or SecurityException)
        {
            socket.Dispose();
            return (null, $"{target.Where}: {(e is ArgumentException ? "the path is too long for a socket" : Reason.Of(e))}");
        }
    }

    // Nobody can connect before it listens, and then it is theirs whose it shall be.
    static string? BindUnix(Socket socket, DnstapTarget target)
    {
        socket.Bind(new UnixDomainSocketEndPoint(target.Path!));
        File.SetUnixFileMode(target.Path!, target.Mode);
        if (target.Group is not { } name) return null;
        if (Accounts.GroupOf(name) is not { } group) return $"there is no group {name}";
        return Ownership.TrySetGroup(target.Path!, group) ? null : $"its group cannot be set to {name}: oops is not a member";
    }
}
