using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Oops.Native;

namespace Oops.Actions.Frr;

/// <summary>
/// The VTY socket of bgpd: a command and a NUL, and an answer (<see cref="FrrReader"/>). One command at a time; the connection is kept, since it has a mode (`configure terminal`), and made again when bgpd has gone in the meantime.
/// Every failure is an answer that says why; the only exception is the cancellation of <c>stop</c>.
/// </summary>
internal sealed class FrrClient(string path, TimeSpan timeout, TimeProvider time) : IDisposable
{
    Socket? socket;
    FrrReader reader = new();

    public string Path => path;

    /// <summary>Which process is at the other end: text that changes when, and only when, bgpd was restarted. Empty before the first connection.</summary>
    public string Process { get; private set; } = "";

    /// <summary>The first command of a dialogue, which may be given twice: a kept connection that ends before the first byte of its answer is made anew.</summary>
    public async ValueTask<FrrAnswer> BeginAsync(string command, CancellationToken stop)
    {
        if (socket is { } kept && IsIdle(kept))
        {
            var (answer, gone) = await GiveAsync(command, stop);
            if (!gone) return answer;
        }

        Drop();
        return (await GiveAsync(command, stop)).Answer;
    }

    /// <summary>A command of the dialogue that was begun: it goes to the same connection or nowhere, because that has the mode.</summary>
    public async ValueTask<FrrAnswer> AskAsync(string command, CancellationToken stop) =>
        socket is null ? FrrAnswer.Failed($"frr: the connection was lost at {path}") : (await GiveAsync(command, stop)).Answer;

    /// <summary>Ends the dialogue where it is: bgpd forgets the mode with the connection, and keeps what it took.</summary>
    public void Drop()
    {
        socket?.Dispose();
        socket = null;
        reader = new();
    }

    public void Dispose() => Drop();

    /// <summary>Bytes that nobody asked for must not answer the next command; readable and empty: closed.</summary>
    static bool IsIdle(Socket socket) => !socket.Poll(0, SelectMode.SelectRead);

    /// <summary>Waits for the whole answer, at most the timeout given. Gone: the other end had left before it began to answer.</summary>
    async ValueTask<(FrrAnswer Answer, bool Gone)> GiveAsync(string command, CancellationToken stop)
    {
        if (command.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0) throw new ArgumentException("a command is one line", nameof(command));
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        var answered = false;
        try
        {
            var answer = await ExchangeAsync(command, either.Token);
            answered = answer.Reply is not null;
            return (answer, !answered && !reader.HasPartial);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (FrrAnswer.Failed($"frr: no complete answer within {timeout.TotalSeconds:0.###} s at {path}"), false);
        }
        catch (SocketException e)
        {
            return (FrrAnswer.Failed($"frr: {Say(e.SocketErrorCode)} at {path}"), !reader.HasPartial);
        }
        finally
        {
            // Half an answer must never be taken for that of the next command.
            if (!answered) Drop();
        }
    }

    async ValueTask<FrrAnswer> ExchangeAsync(string command, CancellationToken stop)
    {
        if (socket is not { } connected)
        {
            socket = connected = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connected.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
            Process = Identify(connected);
        }

        ReadOnlyMemory<byte> bytes = Encoding.UTF8.GetBytes(command + "\0");
        while (bytes.Length > 0) bytes = bytes[await connected.SendAsync(bytes, stop)..];
        while (true)
        {
            var count = await connected.ReceiveAsync(reader.Free(), stop);
            if (count == 0) return FrrAnswer.Failed($"frr: bgpd closed the connection {(reader.HasPartial ? "in the middle of an answer" : "without an answer")} at {path}");
            reader.Filled(count);
            if (reader.Next() is { } reply) return new(reply, null);
            if (reader.Error is { } error) return FrrAnswer.Failed($"frr: sent {error} at {path}");
        }
    }

    /// <summary>The pid that the kernel recorded when it began to listen, and when that process was started. In another pid namespace it has none that we know: then the socket is another file after a restart.</summary>
    string Identify(Socket connected)
    {
        if (PeerCredentials.TryReadProcess(connected, out var stat))
            return string.Create(CultureInfo.InvariantCulture, $"pid {stat.Pid}, started {(double)stat.StartTicks / Proc.TicksPerSecond:0.00} s after the machine");
        return FileFacts.TryRead(path, out var file, out _) ? string.Create(CultureInfo.InvariantCulture, $"socket with inode {file.Inode}") : "a process unknown";
    }

    static string Say(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused (a socket left behind: bgpd is not running)",
        SocketError.AddressNotAvailable or SocketError.HostNotFound => "no socket (bgpd is not running: is `bgpd=yes` in /etc/frr/daemons?)",
        SocketError.AccessDenied => "permission denied (the daemon's user must be in the socket's group, `frrvty` on Debian)",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => "connection reset",
        SocketError.WouldBlock => "bgpd takes no connection: too many are waiting",
        _ => error.ToString(),
    };
}
