using System.Net.Sockets;

namespace Oops.Tests.Sources.Knot;

/// <summary>A control socket that closes each session before it has said anything, and counts them.</summary>
internal sealed class ClosingSocket : IDisposable
{
    readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly string path;
    int met;

    public ClosingSocket(string path)
    {
        this.path = path;
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(16);
        _ = AcceptAsync();
    }

    public int Met => Volatile.Read(ref met);

    /// <summary>Waits until so many sessions were met.</summary>
    public async Task MeetAsync(int count)
    {
        var deadline = Environment.TickCount64 + 60_000;
        while (Met < count)
        {
            if (Environment.TickCount64 > deadline) throw new TimeoutException($"{Met} of {count} sessions");
            await Task.Delay(5);
        }
    }

    public void Dispose()
    {
        listener.Dispose();
        File.Delete(path);
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var session = await listener.AcceptAsync();
                Interlocked.Increment(ref met);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
