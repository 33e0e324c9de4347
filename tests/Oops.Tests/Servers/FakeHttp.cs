using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Oops.Tests.Servers;

/// <summary>Answers one request on its stream, as the test says: also as no HTTP server would. The connection is closed when it ends.</summary>
internal delegate Task HttpAnswer(string path, Stream stream, CancellationToken stop);

/// <summary>A TCP port on 127.0.0.1 that answers requests one by one as the test says.</summary>
internal sealed class FakeHttp : IAsyncDisposable
{
    readonly TcpListener listener;
    readonly CancellationTokenSource stop = new();
    readonly ConcurrentBag<Task> sessions = [];
    readonly X509Certificate2? certificate;
    readonly Task serving;

    public FakeHttp(HttpAnswer answer, X509Certificate2? certificate = null, int port = 0)
    {
        (Answer, this.certificate, listener) = (answer, certificate, new(IPAddress.Loopback, port));
        listener.Start();
        Address = (IPEndPoint)listener.LocalEndpoint;
        serving = ServeAsync();
    }

    public IPEndPoint Address { get; }

    public HttpAnswer Answer { get; set; }

    /// <summary>The heads of the requests, from GET to the empty line.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>A 200 with this body, and its length.</summary>
    public static HttpAnswer Ok(string body) => (_, stream, stop) => SendAsync(stream, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}", stop);

    /// <summary>This text, and the end.</summary>
    public static HttpAnswer Raw(string text) => (_, stream, stop) => SendAsync(stream, text, stop);

    /// <summary>This text, and silence.</summary>
    public static HttpAnswer Hang(string text = "") => async (_, stream, stop) =>
    {
        await SendAsync(stream, text, stop);
        await Task.Delay(Timeout.Infinite, stop);
    };

    public static async Task SendAsync(Stream stream, string text, CancellationToken stop) => await stream.WriteAsync(Encoding.Latin1.GetBytes(text), stop);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await Task.WhenAll([serving, .. sessions]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    async Task ServeAsync()
    {
        while (!stop.IsCancellationRequested)
            sessions.Add(SessionAsync(await listener.AcceptTcpClientAsync(stop.Token)));
    }

    async Task SessionAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                if (certificate is not null)
                {
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(certificate);
                    stream = tls;
                }

                await using (stream)
                {
                    var head = await HeadAsync(stream);
                    if (head.Length == 0) return;
                    Asked.Enqueue(head);
                    await Answer(head.Split(' ')[1], stream, stop.Token);
                }
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
                // The client left, did not like the certificate, or the test is over.
            }
        }
    }

    async Task<string> HeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stop.Token) == 0) return "";
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
