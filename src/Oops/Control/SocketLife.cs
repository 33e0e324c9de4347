using System.Net.Sockets;
using Oops.Native;

namespace Oops.Control;

/// <summary>Whether a daemon is behind a control socket.</summary>
internal enum Life
{
    Unknown,
    Running,
    Gone,
}

/// <summary>A look at a control socket: somebody listens, or nobody can. Whoever listens is not asked anything, since one that hangs runs, too.</summary>
internal static class SocketLife
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Null: the path is free to be bound. A socket that somebody left there is removed; one where somebody listens, and anything that is no socket, is left alone: in words.</summary>
    public static async Task<string?> MakeRoomAsync(string path, CancellationToken stop)
    {
        switch (FileKind.IsSocket(path))
        {
            case null:
                return null;
            case false:
                return "there is a file that is no socket; it is left alone";
            default:
                break;
        }

        var (life, why) = await LookAsync(path, stop).ConfigureAwait(false);
        if (life == Life.Running) return "another program listens there";
        if (life == Life.Unknown) return $"it cannot be told whether another program listens there: {why}";
        try
        {
            File.Delete(path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"a socket that somebody left there cannot be removed: {Reason.Of(e)}";
        }
    }

    /// <summary>With the reason where it cannot be told.</summary>
    public static async Task<(Life Life, string Why)> LookAsync(string path, CancellationToken stop)
    {
        using var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(Patience);
        try
        {
            await unix.ConnectAsync(new UnixDomainSocketEndPoint(path), timeout.Token).ConfigureAwait(false);
            return (Life.Running, "");
        }
        catch (SocketException e)
        {
            // .NET makes AddressNotAvailable of ENOENT.
            return (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable ? Life.Gone : Life.Unknown, Reason.Of(e));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (Life.Unknown, $"no connection within {Patience.TotalSeconds:0} s");
        }
        catch (ArgumentException e)
        {
            // Longer than a socket's path can be.
            return (Life.Unknown, e.Message);
        }
    }
}
