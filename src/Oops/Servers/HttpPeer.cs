using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

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

/// <summary>Where an HTTP server is, and what it has time for.</summary>
/// <param name="Word">What messages begin with; empty: nothing.</param>
/// <param name="Root">What paths are below.</param>
/// <param name="Where">As messages name it: without what is secret in the URL.</param>
/// <param name="Timeout">For the first byte, and for each silence within an answer.</param>
internal sealed record HttpPeerOptions(string Word, Uri Root, string Where, TimeSpan Timeout)
{
    /// <summary>How TLS begins, where the URL is one of https; null: as the runtime has it.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>What is wrong with a handshake, in words.</summary>
    public Func<Exception, string> TlsWords { get; init; } = static e => e is AuthenticationException ? "its certificate is not that of the configured authority" : "no TLS";

    /// <summary>For connecting; null: as for the first byte.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>For all of an answer; null: a multiple of the timeout.</summary>
    public TimeSpan? Longest { get; init; }

    /// <summary>At once; more wait.</summary>
    public int Connections { get; init; } = 2;

    /// <summary>How long a connection that is not used is kept. A server that was restarted is met on a new one.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A longer answer is none.</summary>
    public long MostBytes { get; init; } = HttpApi.MostBytes;
}

/// <summary>A request.</summary>
/// <param name="Method">GET, POST, PATCH, PUT.</param>
/// <param name="Path">From the root: `/json/v1/zones`; empty: the root itself.</param>
internal sealed record HttpCall(HttpMethod Method, string Path)
{
    /// <summary>Null: there is none.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>What the answer may be; null: that is not said.</summary>
    public string? Accept { get; init; } = "application/json";

    /// <summary>Of the body.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>More of them; their values are printable ASCII.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The statuses whose body is handed on.</summary>
    public Func<int, bool> Reads { get; init; } = static _ => true;
}

/// <summary>What came of a request, whatever its status.</summary>
/// <param name="Result">Why there is no answer, or its body is not whole.</param>
/// <param name="Status">0: no answer came.</param>
/// <param name="RetryAfter">When it wants to be asked again (RFC 9110, 10.2.3).</param>
/// <param name="Date">The time there; null: it does not say.</param>
internal readonly record struct HttpReply(HttpResult Result, int Status = 0, RetryConditionHeaderValue? RetryAfter = null, DateTimeOffset? Date = null);

/// <summary>
/// An HTTP server that is asked: never through a proxy, no redirect is followed, no cookie kept; the answer is handed on as it comes, and silence, length and time are bounded.
/// </summary>
internal sealed class HttpPeer : IDisposable
{
    const int ChunkSize = 64 * 1024;

    readonly HttpPeerOptions options;
    readonly TimeProvider time;
    readonly HttpClient client;
    readonly SocketsHttpHandler handler;

    /// <param name="options">Where and how to ask.</param>
    /// <param name="time">The clock of the timeouts.</param>
    public HttpPeer(HttpPeerOptions options, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = options.Connections,
            MaxResponseHeadersLength = 16,
            // What is left of an answer that was given up is not read.
            MaxResponseDrainSize = 0,
            PooledConnectionIdleTimeout = options.Idle,
        };
        if (options.Tls is { } tls) handler.SslOptions = tls;
        if (options.ConnectTimeout is { } connect) handler.ConnectTimeout = connect;
        client = new HttpClient(handler, disposeHandler: false) { BaseAddress = options.Root, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Asks, and hands over the body.</summary>
    /// <param name="call">What is asked.</param>
    /// <param name="sink">Takes the body.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="room">Awaited between pieces of the answer.</param>
    public async ValueTask<HttpReply> SendAsync(HttpCall call, HttpSink sink, CancellationToken stop, Func<Task>? room = null)
    {
        using var request = RequestOf(call);
        using var limit = new AnswerLimit(options.Timeout, time, stop, options.Longest);
        var reply = new HttpReply(default);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            reply = new(default, (int)answer.StatusCode, answer.Headers.RetryAfter, answer.Headers.Date);
            if (!call.Reads(reply.Status)) return reply;
            await using var body = await answer.Content.ReadAsStreamAsync(limit.Token);
            return reply with { Result = await ReadAsync(body, sink, limit, room) };
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return reply with { Result = Fail(HttpFault.Silent, $"silent for {options.Timeout.TotalSeconds:0.#} s at {options.Where}") };
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return reply with { Result = Explain(e) };
        }
    }

    public void Dispose()
    {
        client.Dispose();
        handler.Dispose();
    }

    /// <summary>A result that begins as all messages about this server do.</summary>
    public HttpResult Fail(HttpFault fault, string why) => new(options.Word.Length > 0 ? $"{options.Word}: {why}" : why, fault);

    static HttpRequestMessage RequestOf(HttpCall call)
    {
        var request = new HttpRequestMessage(call.Method, call.Path.Length > 0 ? call.Path : null);
        if (call.Accept is { } accept) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        foreach (var (name, value) in call.Headers) request.Headers.TryAddWithoutValidation(name, value);
        if (call.Body is { } body)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", call.ContentType);
        }

        return request;
    }

    async ValueTask<HttpResult> ReadAsync(Stream body, HttpSink sink, AnswerLimit limit, Func<Task>? room)
    {
        var total = 0L;
        var chunk = new byte[ChunkSize];
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
            if (inner is AuthenticationException) return Fail(HttpFault.Tls, $"{options.TlsWords(inner)}, at {options.Where}");
        }

        return e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } ? Fail(HttpFault.Tls, $"{options.TlsWords(e)} at {options.Where}")
            : Fail(HttpFault.Broken, $"the answer broke off, or is no HTTP, at {options.Where}");
    }
}
