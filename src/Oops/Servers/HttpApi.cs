using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Oops.Wire.Json;

namespace Oops.Servers;

/// <summary>Takes the next bytes of an answer; false: it has had enough. The last piece may be empty.</summary>
internal delegate bool HttpSink(ReadOnlySpan<byte> piece, bool last);

/// <summary>What came of a request.</summary>
/// <param name="Why">Null, or one line that says why there is no answer, or not all of it.</param>
/// <param name="Fault">What kind of reason that is.</param>
internal readonly record struct HttpResult(string? Why, HttpFault Fault = HttpFault.None)
{
    /// <summary>Nobody listens there: a fact that the kernel states.</summary>
    public bool Nobody => Fault == HttpFault.Nobody;
}

/// <summary>Why a request has no answer, or not all of it.</summary>
internal enum HttpFault
{
    /// <summary>It has.</summary>
    None,

    /// <summary>Nobody listens there.</summary>
    Nobody,

    /// <summary>No way to it, or the connection failed.</summary>
    Network,

    /// <summary>Nothing came in time, or it took too long in all.</summary>
    Silent,

    /// <summary>The connection ended within the answer or before it, or what came is no HTTP.</summary>
    Broken,

    /// <summary>TLS: none there, or another authority's certificate.</summary>
    Tls,

    /// <summary>A status other than 200.</summary>
    Status,

    /// <summary>More bytes than are taken.</summary>
    Long,

    /// <summary>Who asked did not want the rest.</summary>
    Unwanted,

    /// <summary>There is no usable key.</summary>
    Key,
}

/// <summary>
/// A server's HTTP API. Only GET, never a proxy, a redirect or a cookie; the answer is handed on as it comes, and silence, length and time are bounded.
/// </summary>
internal sealed class HttpApi : IDisposable
{
    /// <summary>A longer answer is none: a million zones of BIND are some 300 MB.</summary>
    public const long MostBytes = 2L << 30;

    readonly HttpApiOptions options;
    readonly TimeProvider time;
    readonly HttpClient client;
    readonly SocketsHttpHandler handler;
    readonly byte[] chunk = new byte[64 * 1024];

    /// <param name="options">Where and how to ask.</param>
    /// <param name="time">The clock of the timeouts.</param>
    public HttpApi(HttpApiOptions options, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = 2,
            MaxResponseHeadersLength = 16,
            // What is left of an answer that was given up is not read.
            MaxResponseDrainSize = 0,
            // A server that was restarted is met on a new connection.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1),
        };
        if (options.Authority is { } authority) handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is not null && (errors & SslPolicyErrors.RemoteCertificateNotAvailable) == 0 && Authority.Vouches(authority, certificate);
        client = new HttpClient(handler, disposeHandler: false)
        {
            BaseAddress = new UriBuilder(options.Authority is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps, options.Address.Address.ToString(), options.Address.Port).Uri,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Asks for a path and hands over the body.</summary>
    /// <param name="path">From the root: `/json/v1/zones`.</param>
    /// <param name="sink">Takes the body of a 200.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="room">Awaited between pieces of the answer.</param>
    public async ValueTask<HttpResult> GetAsync(string path, HttpSink sink, CancellationToken stop, Func<Task>? room = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (options.ReadKey is { } readKey)
        {
            var (key, problem) = readKey();
            if (key is null) return Fail(HttpFault.Key, problem);
            if (key.Any(c => c is <= ' ' or > '~')) return Fail(HttpFault.Key, "the key has characters that no header can have: is it the key's file?");
            request.Headers.Add("X-API-Key", key);
        }

        using var limit = new AnswerLimit(options.Timeout, time, stop);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (answer.StatusCode != HttpStatusCode.OK) return Fail(HttpFault.Status, Words(answer.StatusCode, path));
            await using var body = await answer.Content.ReadAsStreamAsync(limit.Token);
            return await ReadAsync(body, sink, limit, room);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Fail(HttpFault.Silent, $"silent for {options.Timeout.TotalSeconds:0.#} s at {options.Where}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return Explain(e);
        }
    }

    /// <summary>Asks for a path and hands over the tokens of the JSON text that is its body. Where that is none, or ends within itself, the result says so.</summary>
    /// <param name="path">From the root.</param>
    /// <param name="sink">Takes the tokens.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="room">Awaited between pieces of the answer.</param>
    public async ValueTask<HttpResult> GetJsonAsync(string path, JsonTokenSink sink, CancellationToken stop, Func<Task>? room = null)
    {
        var pieces = new JsonPieces(sink);
        var result = await GetAsync(path, pieces.Feed, stop, room);
        return pieces.Fault is { } fault ? Fail(HttpFault.Broken, $"{fault}, at {options.Where}{path}") : result;
    }

    public void Dispose()
    {
        client.Dispose();
        handler.Dispose();
    }

    async ValueTask<HttpResult> ReadAsync(Stream body, HttpSink sink, AnswerLimit limit, Func<Task>? room)
    {
        var total = 0L;
        while (true)
        {
            if (!limit.Next()) return Fail(HttpFault.Silent, $"an answer that takes longer than {limit.Longest.TotalSeconds:0.#} s");
            var got = await body.ReadAsync(chunk, limit.Token);
            total += got;
            if (total > options.MostBytes) return Fail(HttpFault.Long, $"an answer of more than {options.MostBytes} bytes");
            if (!sink(chunk.AsSpan(0, got), got == 0)) return Fail(HttpFault.Unwanted, "not the answer that was asked for");
            if (got == 0) return default;
            await limit.RoomAsync(room);
        }
    }

    HttpResult Explain(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket)
                return Fail(socket.SocketErrorCode == SocketError.ConnectionRefused ? HttpFault.Nobody : HttpFault.Network, $"{socket.Message} at {options.Where}");
            if (inner is System.Security.Authentication.AuthenticationException) return Fail(HttpFault.Tls, $"its certificate is not that of the configured authority, at {options.Where}");
        }

        return e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } ? Fail(HttpFault.Tls, $"no TLS at {options.Where}")
            : Fail(HttpFault.Broken, $"the answer broke off, or is no HTTP, at {options.Where}");
    }

    HttpResult Fail(HttpFault fault, string why) => new($"{options.Word}: {why}", fault);

    string Words(HttpStatusCode status, string path) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => $"{(int)status}: the key is wrong, or our address is not allowed, at {options.Where}{path}",
        HttpStatusCode.NotFound => $"404: there is no {path} at {options.Where}",
        _ => $"status {(int)status} at {options.Where}{path}",
    };
}
