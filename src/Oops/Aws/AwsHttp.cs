using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Oops.Config;
using Oops.Servers;

namespace Oops.Aws;

/// <summary>What a service answered.</summary>
/// <param name="Status">The code.</param>
/// <param name="Body">All of it.</param>
/// <param name="Date">The time there; null: it does not say.</param>
internal sealed record AwsAnswer(int Status, byte[] Body, DateTimeOffset? Date)
{
    public bool IsOk => Status == (int)HttpStatusCode.OK;
}

/// <summary>What came of a request.</summary>
/// <param name="Answer">Null: see why.</param>
/// <param name="Why">In words; terminal-safe.</param>
internal readonly record struct AwsReply(AwsAnswer? Answer, string Why = "");

/// <summary>Requests and whole answers, bounded in silence, time and length. Never a proxy, a redirect or a cookie: a signed request is for who it is signed for.</summary>
/// <param name="silence">For connecting, for the first byte, and for each silence within an answer.</param>
/// <param name="most">Octets of the longest answer.</param>
/// <param name="connections">At once to one host.</param>
/// <param name="time">The clock of the timeouts.</param>
internal sealed class AwsHttp(TimeSpan silence, int most, int connections, TimeProvider time) : IDisposable
{
    readonly HttpClient client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxConnectionsPerServer = connections,
        MaxResponseHeadersLength = 64,
        MaxResponseDrainSize = 0,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    /// <param name="place">Scheme, host and port.</param>
    /// <param name="request">What to ask.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<AwsReply> SendAsync(Uri place, AwsRequest request, CancellationToken stop)
    {
        var where = place.IsDefaultPort ? place.Host : place.Authority;
        using var message = Message(place, request);
        using var limit = new AnswerLimit(silence, time, stop);
        try
        {
            using var answer = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            await using var stream = await answer.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            var (body, why) = await ReadAsync(stream, limit).ConfigureAwait(false);
            return body is null ? new(null, $"{where}: {why}") : new(new((int)answer.StatusCode, body, answer.Headers.Date));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(null, $"{where}: silent for {Duration.Format(silence)}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new(null, $"{where}: {Explain(e)}");
        }
    }

    public void Dispose() => client.Dispose();

    static HttpRequestMessage Message(Uri place, AwsRequest request)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(place, request.Target)) { Version = HttpVersion.Version11 };
        if (request.Body.Length > 0)
            message.Content = new ByteArrayContent(request.Body);
        foreach (var (name, value) in request.Headers)
        {
            if (name == "content-type")
                message.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else
                message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    async Task<(byte[]? Body, string Why)> ReadAsync(Stream stream, AnswerLimit limit)
    {
        using var body = new MemoryStream();
        var piece = new byte[16 * 1024];
        while (true)
        {
            if (!limit.Next())
                return (null, $"an answer that takes longer than {Duration.Format(limit.Longest)}");
            var got = await stream.ReadAsync(piece, limit.Token).ConfigureAwait(false);
            if (got == 0)
                return (body.ToArray(), "");
            if (body.Length + got > most)
                return (null, string.Create(CultureInfo.InvariantCulture, $"an answer of more than {most} octets"));
            body.Write(piece, 0, got);
        }
    }

    static string Explain(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket)
                return socket.Message;
            if (inner is AuthenticationException)
                return "no authority of this system vouches for its certificate";
        }

        return e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } ? "no TLS there" : "the answer broke off, or is no HTTP";
    }
}
