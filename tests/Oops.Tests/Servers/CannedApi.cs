using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Oops.Tests.Servers;

/// <summary>An HTTP server that answers as a test says, and closes each connection after its answer.</summary>
internal sealed class CannedApi : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stop = new();
    readonly Task running;

    public CannedApi()
    {
        listener.Start();
        running = RunAsync();
    }

    /// <summary>The body for a path with its query; null: 404. Bytes that begin with "HTTP/" are sent as they are.</summary>
    public Func<string, string?> Answer { get; set; } = _ => null;

    public IPEndPoint Address => (IPEndPoint)listener.LocalEndpoint;

    public int Requests { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await running;
        stop.Dispose();
    }

    async Task RunAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
                open.Add(ServeAsync(await listener.AcceptSocketAsync(stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                var request = new byte[4096];
                var got = await socket.ReceiveAsync(request, SocketFlags.None, stop.Token);
                // Who only looks whether it listens says nothing.
                if (got == 0) return;
                Requests++;
                var path = Encoding.ASCII.GetString(request, 0, got).Split(' ')[1];
                var body = Answer(path);
                if (body == "hang") await Task.Delay(Timeout.Infinite, stop.Token);
                var text = body is null ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    : body.StartsWith("HTTP/", StringComparison.Ordinal) ? body
                    : $"HTTP/1.1 200 OK\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}";
                await socket.SendAsync(Encoding.UTF8.GetBytes(text), SocketFlags.None, stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The test is over, or its peer has had enough.
            }
        }
    }
}
