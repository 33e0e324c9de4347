using System.Net.Sockets;
using System.Security;
using Oops.Native;

namespace Oops.Control;

/// <summary>A Unix socket that listens at a path, for a group.</summary>
internal static class UnixListener
{
    public const UnixFileMode ForGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>The socket, bound and not listening yet; or null with the reason. A socket that somebody left at the path is replaced; one where somebody listens, and anything that is no socket, is left alone. The runtime removes the file when the socket is closed.</summary>
    public static async Task<(Socket? Socket, string Why)> BindAsync(string path, UnixFileMode mode, string? group, CancellationToken stop)
    {
        if (await SocketLife.MakeRoomAsync(path, stop).ConfigureAwait(false) is { } taken) return (null, taken);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string? why;
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            // Nobody can connect before it listens, and then it is theirs whose it shall be.
            File.SetUnixFileMode(path, mode);
            why = group is null ? null : Give(path, group);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException or SecurityException)
        {
            why = e is ArgumentException ? "the path is too long for a socket" : Reason.Of(e);
        }
        if (why is null) return (socket, "");
        socket.Dispose();
        return (null, why);
    }

    static string? Give(string path, string name)
    {
        if (Accounts.GroupOf(name) is not { } group) return $"there is no group {name}";
        return Ownership.TrySetGroup(path, group) ? null : $"its group cannot be set to {name}: oops is not a member";
    }
}
