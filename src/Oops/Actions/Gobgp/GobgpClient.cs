using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Oops.Native;
using Oops.Wire.Gobgp;

namespace Oops.Actions.Gobgp;

/// <summary>What came of a call.</summary>
/// <param name="Why">Null, or why there is no answer.</param>
/// <param name="Status">gRPC's, of an answer: 0 is success.</param>
/// <param name="Message">What the server says to a status other than 0.</param>
/// <param name="Messages">The answer's.</param>
internal sealed record GrpcAnswer(string? Why, int Status, string Message, ImmutableArray<ReadOnlyMemory<byte>> Messages)
{
    /// <summary>The server has no such call.</summary>
    public const int Unimplemented = 12;

    public static GrpcAnswer Failed(string why) => new(why, -1, "", []);
}

/// <summary>
/// gRPC over HTTP/2, as far as it is needed: one request, one answer of one or more messages, bounded in time and size. One call at a time; the connection is kept, and made anew when gobgpd has gone in the meantime.
/// Every failure is an answer that says why; the only exception is the cancellation of <c>stop</c>.
/// </summary>
internal sealed class GobgpClient(GobgpPlace place, TimeSpan timeout, TimeProvider time) : IDisposable
{
    /// <summary>A longer answer is none: what is asked for is some hundred bytes for each prefix and some thousand for each peer.</summary>
    public const int MostBytes = 8 * 1024 * 1024;

    static readonly MediaTypeHeaderValue Grpc = new("application/grpc");

    HttpMessageInvoker? way;
    bool refused;

    public string Where => place.Where;

    /// <summary>How many connections were made.</summary>
    public int Connections { get; private set; }

    /// <summary>Who listens at the Unix socket: pid and start time, which name one incarnation. Null where it cannot be known.</summary>
    public (int Pid, long Started)? Process { get; private set; }

    /// <summary>Calls. All calls used here may be made twice: where a kept connection turns out to have ended, that is done.</summary>
    public async ValueTask<GrpcAnswer> CallAsync(string path, ReadOnlyMemory<byte> body, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        var before = Connections;
        var kept = way is not null;
        try
        {
            return Checked(await CallOnceAsync(path, body, either.Token));
        }
        catch (Exception e) when (kept && Connections == before && e is HttpRequestException or IOException)
        {
            Drop();
        }
        catch (Exception e)
        {
            return Failure(e, stop);
        }

        try
        {
            return Checked(await CallOnceAsync(path, body, either.Token));
        }
        catch (Exception e)
        {
            return Failure(e, stop);
        }
    }

    public void Dispose() => Drop();

    async ValueTask<GrpcAnswer> CallOnceAsync(string path, ReadOnlyMemory<byte> body, CancellationToken stop)
    {
        if (way is null)
        {
            (way, var why) = Open();
            if (way is null) return Fail(why);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(place.Root, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(body),
        };
        request.Content.Headers.ContentType = Grpc;
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.Add("grpc-timeout", string.Create(CultureInfo.InvariantCulture, $"{(long)timeout.TotalMilliseconds}m"));
        using var answer = await way.SendAsync(request, stop);
        if (answer.StatusCode != HttpStatusCode.OK) return Fail($"status {(int)answer.StatusCode} at {Where}: this is not GoBGP's API");
        if (answer.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.Ordinal) is not true) return Fail($"no gRPC at {Where}: this is not GoBGP's API");
        var read = new ArrayBufferWriter<byte>();
        await using var stream = await answer.Content.ReadAsStreamAsync(stop);
        while (await stream.ReadAsync(read.GetMemory(16 * 1024), stop) is > 0 and var got)
        {
            read.Advance(got);
            if (read.WrittenCount > MostBytes) return Fail($"an answer of more than {MostBytes / 1024 / 1024} MiB from {Where}");
        }

        // An answer that is only a status has it in its headers.
        var (status, message) = Status(answer.TrailingHeaders) ?? Status(answer.Headers) ?? (-1, "");
        if (status < 0) return Fail($"the answer has no status, or half of it is missing, at {Where}");
        return GrpcFrames.TryRead(read.WrittenMemory, out var messages) ? new(null, status, message, messages) : Fail($"an answer that is not whole messages, at {Where}");
    }

    (HttpMessageInvoker? Way, string Why) Open()
    {
        refused = false;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ConnectCallback = (_, stop) => ConnectAsync(stop),
        };
        if (place.Tls is not { } tls) return (new(handler), "");
        var (options, why) = tls.Open(() => refused = true);
        if (options is null)
        {
            handler.Dispose();
            return (null, why);
        }

        handler.SslOptions = options;
        return (new(handler), "");
    }

    async ValueTask<Stream> ConnectAsync(CancellationToken stop)
    {
        var socket = place.Socket is null ? new Socket(place.Address!.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true } : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(place.Socket is { } path ? new UnixDomainSocketEndPoint(path) : place.Address!, stop);
            Process = place.Socket is not null && PeerCredentials.TryReadProcess(socket, out var stat) ? (stat.Pid, stat.StartTicks) : null;
            Connections++;
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    static (int, string)? Status(HttpResponseHeaders headers)
    {
        if (!headers.TryGetValues("grpc-status", out var values) || !int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var status)) return null;
        var message = headers.TryGetValues("grpc-message", out var words) ? Uri.UnescapeDataString(words.First()) : "";
        return (status, new string([.. message.Take(300).Select(c => char.IsControl(c) ? ' ' : c)]));
    }

    // Half an answer must not be in the way of the next, and a connection on which nothing comes may be dead.
    GrpcAnswer Checked(GrpcAnswer answer)
    {
        if (answer.Why is not null) Drop();
        return answer;
    }

    GrpcAnswer Failure(Exception e, CancellationToken stop)
    {
        var refused = this.refused;
        Drop();
        if (e is OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return Fail($"no complete answer within {timeout.TotalSeconds:0.###} s at {Where}");
        }

        if (refused) return Fail($"its certificate is not that of the configured authority{(place.Tls?.ServerName is { } name ? $", or not that of {name}" : "")}, at {Where}");
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket) return Fail($"{Say(socket)} at {Where}");
            if (inner is AuthenticationException) return Fail($"no TLS, or it does not take ours, at {Where}");
        }

        return e is HttpRequestException or IOException ? Fail($"the connection broke off, or this is not gRPC over HTTP/2, at {Where}") : throw e;
    }

    void Drop()
    {
        way?.Dispose();
        way = null;
    }

    static GrpcAnswer Fail(string why) => GrpcAnswer.Failed("gobgp: " + why);

    static string Say(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused (gobgpd is not running, or its --api-hosts says otherwise)",
        SocketError.AddressNotAvailable or SocketError.HostNotFound => "no socket (gobgpd is not running, or its --api-hosts says otherwise)",
        SocketError.AccessDenied => "permission denied (oops must be able to write to the socket: gobgpd makes it with its umask and group)",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => "connection reset",
        _ => Reason.Of(e),
    };
}
