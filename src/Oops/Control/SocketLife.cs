using System.Net.Sockets;

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
            return (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable ? Life.Gone : Life.Unknown, Native.Reason.Of(e));
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
