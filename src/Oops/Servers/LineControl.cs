using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Oops.Wire.Text;

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

    readonly LineControlOptions options;
    readonly TimeProvider time;
    readonly Socket socket;
    readonly Stream stream;
    readonly byte[] chunk = new byte[MostLine];
    bool used;

    LineControl(LineControlOptions options, TimeProvider time, Socket socket, Stream stream)
    {
        (this.options, this.time, this.socket, this.stream) = (options, time, socket, stream);
        PeerPid = options.Address is null ? ControlSocket.PeerPid(socket) : null;
    }

    /// <summary>The pid of the process that listens, in our own numbering; null over TLS, or when it lives in a pid namespace that we cannot see into. NSD 4.6: the main process.</summary>
    public int? PeerPid { get; }

    /// <summary>What the server said is wrong with the command; null: nothing.</summary>
    public string? Error { get; private set; }

    /// <summary>Octets of the answer so far.</summary>
    public long Got { get; private set; }

    public static async ValueTask<LineOpened> OpenAsync(LineControlOptions options, TimeProvider time, CancellationToken stop)
    {
        Socket? socket = null;
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            if (options.Address is not { } to || options.Keys is not { } keys)
            {
                (socket, var unreached, var nobody) = await ControlSocket.ConnectAsync(options.Path, "the socket's group", both.Token);
                return socket is null ? Lost(options, LineFault.Unreached, unreached, nobody) : new(new(options, time, socket, new NetworkStream(socket, ownsSocket: false)), "");
            }

            socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(to, both.Token);
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
            socket?.Dispose();
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
        using var limit = new AnswerLimit(options.Timeout, time, stop);
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{options.Magic} {command}\n"), limit.Token);
            await stream.FlushAsync(limit.Token);
            var held = 0;
            while (true)
            {
                await limit.RoomAsync(room);
                if (!limit.Next()) return TooSlow(limit.Longest);
                var got = await stream.ReadAsync(chunk.AsMemory(held), limit.Token);
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
            return limit.IsOver ? TooSlow(limit.Longest) : Fail(LineFault.Silent, $"silent for {options.Timeout.TotalSeconds:0.#} s within an answer");
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
                Error = PrintableText.Of(what);
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
                return Lost(options, LineFault.Unreached, $"{s.Message} at {options.Where}", code == SocketError.ConnectionRefused);
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

    static string Inner(Exception e) => PrintableText.Of(Encoding.ASCII.GetBytes((e.InnerException ?? e).Message));
}
