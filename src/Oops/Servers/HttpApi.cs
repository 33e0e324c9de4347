using System.Net.Security;
using Oops.Wire.Json;

namespace Oops.Servers;

/// <summary>A server's HTTP API: its key, and JSON both ways.</summary>
internal sealed class HttpApi : IDisposable
{
    /// <summary>A longer answer is none: a million zones of BIND are some 300 MB.</summary>
    public const long MostBytes = 2L << 30;

    const int Ok = 200;

    readonly HttpApiOptions options;
    readonly HttpPeer peer;

    /// <param name="options">Where and how to ask.</param>
    /// <param name="time">The clock of the timeouts.</param>
    public HttpApi(HttpApiOptions options, TimeProvider time)
    {
        this.options = options;
        var root = new UriBuilder(options.Authority is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps, options.Address.Address.ToString(), options.Address.Port).Uri;
        peer = new HttpPeer(new HttpPeerOptions(options.Word, root, options.Where, options.Timeout)
        {
            MostBytes = options.MostBytes,
            ConnectTimeout = options.ConnectTimeout,
            Tls = options.Authority is not { } authority ? null : new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is not null && (errors & SslPolicyErrors.RemoteCertificateNotAvailable) == 0 && Authority.Vouches(authority, certificate),
            },
        }, time);
    }

    /// <summary>Asks for a path and hands over the body.</summary>
    /// <param name="path">From the root: `/json/v1/zones`.</param>
    /// <param name="sink">Takes the body of a 200.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="room">Awaited between pieces of the answer.</param>
    public async ValueTask<HttpResult> GetAsync(string path, HttpSink sink, CancellationToken stop, Func<Task>? room = null)
    {
        var reply = await CallAsync(new HttpCall(HttpMethod.Get, path) { Reads = static s => s == Ok }, sink, stop, room);
        return reply.Status is 0 or Ok ? reply.Result : peer.Fail(HttpFault.Status, Words(reply.Status, path));
    }

    /// <summary>Asks for a path and hands over the tokens of the JSON text that is its body. Where that is none, or ends within itself, the result says so.</summary>
    /// <param name="path">From the root.</param>
    /// <param name="sink">Takes the tokens.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="room">Awaited between pieces of the answer.</param>
    /// <param name="longest">Bytes of the longest token.</param>
    public async ValueTask<HttpResult> GetJsonAsync(string path, JsonTokenSink sink, CancellationToken stop, Func<Task>? room = null, int longest = JsonPieces.LongestToken)
    {
        var pieces = new JsonPieces(sink, longest);
        var result = await GetAsync(path, pieces.Feed, stop, room);
        return pieces.Fault is { } fault ? peer.Fail(HttpFault.Broken, $"{fault}, at {options.Where}{path}") : result;
    }

    /// <summary>Asks in any way, with the key. The body is handed over whatever the status is that the call reads.</summary>
    public async ValueTask<HttpReply> CallAsync(HttpCall call, HttpSink sink, CancellationToken stop, Func<Task>? room = null)
    {
        if (options.ReadKey is not { } readKey) return await peer.SendAsync(call, sink, stop, room);
        var (key, problem) = readKey();
        if (key is null) return new(peer.Fail(HttpFault.Key, problem));
        if (key.Any(c => c is <= ' ' or > '~')) return new(peer.Fail(HttpFault.Key, "the key has characters that no header can have: is it the key's file?"));
        return await peer.SendAsync(call with { Headers = [.. call.Headers, ("X-API-Key", key)] }, sink, stop, room);
    }

    /// <summary>A status that is no answer, in words.</summary>
    public string Words(int status, string path) => status switch
    {
        401 or 403 => $"{status}: the key is wrong, or our address is not allowed, at {options.Where}{path}",
        404 => $"404: there is no {path} at {options.Where}",
        _ => $"status {status} at {options.Where}{path}",
    };

    public void Dispose() => peer.Dispose();
}
