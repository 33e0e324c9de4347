using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Oops.Native;
using Oops.Wire.Knot;
using Oops.Wire.Nsd;

namespace Oops.Servers;

/// <summary>Takes the lines of an answer, one by one and without their ends; they are valid only during the call. Not null: it has had enough, and why.</summary>
internal delegate string? LineSink(ReadOnlySpan<byte> line);

/// <summary>One connection to a control socket of the NSD family, over a Unix socket or TLS: one command, and its answer to the end. Each wait is bounded.</summary>
internal sealed class LineControl : IAsyncDisposable
{
    /// <summary>A longer line is none of theirs: a zone's name takes at most 1,016 octets.</summary>
    public const int MostLine = 16 * 1024;

    /// <summary>Octets of an answer that is no list.</summary>
    public const long MostAnswer = 1024 * 1024;

    // A server that keeps sending a byte now and then must not hold us for ever.
    const int LongestAnswer = 24;

    // What .NET makes of ENOENT; its message would be "Cannot assign requested address".
    const SocketError NoSuchFile = SocketError.AddressNotAvailable;

    readonly LineControlOptions options;
    readonly TimeProvider time;
    readonly Socket socket;
    readonly Stream stream;
    readonly byte[] chunk = new byte[MostLine];
    bool used;

    LineControl(LineControlOptions options, TimeProvider time, Socket socket, Stream stream)
    {
        (this.options, this.time, this.socket, this.stream) = (options, time, socket, stream);
        PeerPid = options.Address is null && PeerCredentials.TryRead(socket, out var peer) && peer.Pid > 0 ? peer.Pid : null;
    }

    /// <summary>The pid of the process that listens, in our own numbering; null over TLS, or when it lives in a pid namespace that we cannot see into. NSD 4.6: the main process.</summary>
    public int? PeerPid { get; }

    /// <summary>What the server said is wrong with the command; null: nothing.</summary>
    public string? Error { get; private set; }

    /// <summary>Octets of the answer so far.</summary>
    public long Got { get; private set; }

    public static async ValueTask<LineOpened> OpenAsync(LineControlOptions options, TimeProvider time, CancellationToken stop)
    {
        if (options.Address is null && (options.Path.Length == 0 || Encoding.UTF8.GetByteCount(options.Path) > 107))
            return Lost(options, LineFault.Unreached, "the socket's path is empty or longer than 107 bytes");
        var socket = options.Address is { } to ? new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            await socket.ConnectAsync(options.Address as System.Net.EndPoint ?? new UnixDomainSocketEndPoint(options.Path), both.Token);
            if (options.Keys is not { } keys || options.Address is null) return new(new(options, time, socket, new NetworkStream(socket, ownsSocket: false)), "");
            var (tls, why) = keys.Load();
            if (tls is not null)
            {
                return new(new(options, time, socket, await SecureAsync(socket, tls, both.Token)), "");
            }

            socket.Dispose();
            return Lost(options, LineFault.Tls, why);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            socket.Dispose();
            stop.ThrowIfCancellationRequested();
            return Unopened(options, e);
        }
    }

    /// <summary>Sends a command and hands over each line of its answer. Null, or why it failed: then what was handed over is not all.</summary>
    /// <param name="command">Without the magic and the end of the line; printable ASCII.</param>
    /// <param name="sink">Takes the lines.</param>
    /// <param name="stop">Ends it.</param>
    public ValueTask<string?> AskAsync(string command, LineSink sink, CancellationToken stop) => AskAsync(command, sink, null, stop);

    /// <summary>The same for a command that answers with a list: of any length, or of none. The sink knows when it is no list. Between pieces of the answer <paramref name="room"/> is awaited.</summary>
    public ValueTask<string?> AskListAsync(string command, LineSink sink, Func<Task> room, CancellationToken stop) => AskAsync(command, sink, room, stop);

    async ValueTask<string?> AskAsync(string command, LineSink sink, Func<Task>? room, CancellationToken stop)
    {
        if (used) throw new InvalidOperationException("one command per connection");
        used = true;
        var began = time.GetTimestamp();
        var longest = LongestAnswer * options.Timeout;
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{options.Magic} {command}\n"), both.Token);
            await stream.FlushAsync(both.Token);
            var held = 0;
            while (true)
            {
                if (room is not null && room() is { IsCompleted: false } full)
                {
                    // This wait is ours, and not the server's.
                    limit.CancelAfter(Timeout.InfiniteTimeSpan);
                    var waited = time.GetTimestamp();
                    await full.WaitAsync(stop);
                    longest += time.GetElapsedTime(waited);
                }

                var left = longest - time.GetElapsedTime(began);
                if (left <= TimeSpan.Zero) return TooSlow(longest);
                limit.CancelAfter(left < options.Timeout ? left : options.Timeout);
                var got = await stream.ReadAsync(chunk.AsMemory(held), both.Token);
                if (got == 0) return Ended(held, mayBeEmpty: room is not null);
                Got += got;
                if (room is null && Got > MostAnswer) return Fail(LineFault.TooLong, $"an answer of more than {MostAnswer} octets to `{Verb(command)}`");
                held += got;
                if (TakeLines(sink, ref held) is { } enough) return enough;
                if (held == chunk.Length) return Fail(LineFault.TooLong, $"a line of more than {MostLine} octets in the answer to `{Verb(command)}`");
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return time.GetElapsedTime(began) >= longest ? TooSlow(longest) : Fail(LineFault.Silent, $"silent for {options.Timeout.TotalSeconds:0.#} s within an answer");
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return Broken(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Nothing is said at the end: the server has closed already, or is of no use.
        await stream.DisposeAsync();
        socket.Dispose();
    }

    static async ValueTask<SslStream> SecureAsync(Socket socket, SslClientAuthenticationOptions tls, CancellationToken stop)
    {
        var secure = new SslStream(new NetworkStream(socket, ownsSocket: false));
        try
        {
            await secure.AuthenticateAsClientAsync(tls, stop);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }

    static string Verb(string command) => command.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? command[..space] : command;

    // The lines that are whole. Not null: why it is over.
    string? TakeLines(LineSink sink, ref int held)
    {
        var from = 0;
        while (chunk.AsSpan(from, held - from).IndexOf((byte)'\n') is >= 0 and var length)
        {
            var line = chunk.AsSpan(from, length);
            if (from == 0 && Got == held && ControlText.TryError(line, out var what))
            {
                Error = KnotZoneStatusReader.Printable(what);
                return Fail(LineFault.Error, $"the server says: error {Error}");
            }

            if (sink(line) is { } enough) return Fail(LineFault.Garbled, enough);
            from += length + 1;
        }

        chunk.AsSpan(from, held - from).CopyTo(chunk);
        held -= from;
        return null;
    }

    string? Ended(int held, bool mayBeEmpty)
    {
        if (held > 0) return Fail(LineFault.Cut, "the server ended the answer within a line");
        if (Got == 0 && !mayBeEmpty) return Fail(LineFault.Cut, $"the server closed the connection without an answer: it is stopping, or does not speak {options.Magic}");
        options.Counts.Answered();
        return null;
    }

    string TooSlow(TimeSpan longest) => Fail(LineFault.Silent, $"an answer that takes longer than {longest.TotalSeconds:0.#} s");

    string Fail(LineFault fault, string why)
    {
        options.Counts.Add(fault);
        return $"{options.Word}: {why}";
    }

    string Broken(Exception e)
    {
        if (stream is SslStream && Got == 0)
        {
            options.Keys?.Forget();
            // In TLS 1.3 the server judges our certificate after the handshake.
            return Fail(LineFault.Tls, $"the server ended the TLS session: is `cert` one that its `server-cert` issued? ({Inner(e)})");
        }

        return Fail(LineFault.Cut, Got == 0 ? $"the server broke the connection without an answer ({Inner(e)}): it is stopping, or does not speak {options.Magic}" : $"the server broke the connection within an answer ({Inner(e)})");
    }

    static LineOpened Unopened(LineControlOptions options, Exception e)
    {
        switch (e)
        {
            case SocketException { SocketErrorCode: var code } s:
                var why = code switch
                {
                    NoSuchFile when options.Address is null => "no such socket",
                    SocketError.AccessDenied => "permission denied (is the daemon's user in the socket's group?)",
                    _ => s.Message,
                };
                return Lost(options, LineFault.Unreached, $"{why} at {options.Where}", code == SocketError.ConnectionRefused || (code == NoSuchFile && options.Address is null));
            case OperationCanceledException:
                return Lost(options, LineFault.Silent, $"no connection within {options.Timeout.TotalSeconds:0.#} s at {options.Where}");
            default:
                options.Keys?.Forget();
                return Lost(options, LineFault.Tls, e is AuthenticationException { InnerException: null } ? $"the certificate at {options.Where} is not the one of `server-cert`" : $"no TLS session at {options.Where}: {Inner(e)}");
        }
    }

    static LineOpened Lost(LineControlOptions options, LineFault fault, string why, bool nobody = false)
    {
        options.Counts.Add(fault);
        return new(null, $"{options.Word}: {why}", nobody);
    }

    static string Inner(Exception e) => KnotZoneStatusReader.Printable(Encoding.ASCII.GetBytes((e.InnerException ?? e).Message));
}
