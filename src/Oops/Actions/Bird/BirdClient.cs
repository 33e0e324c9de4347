using System.Net.Sockets;
using System.Text;

namespace Oops.Actions.Bird;

/// <summary>
/// BIRD's control socket, versions 2 and 3. One command at a time; the connection is kept between commands and made again when BIRD has gone
/// in the meantime. Every failure is an answer that says why; the only exception is the cancellation of <c>stop</c>.
/// </summary>
internal sealed class BirdClient(string path, TimeSpan timeout, TimeProvider time) : IDisposable
{
    readonly SemaphoreSlim turn = new(1, 1);
    Socket? socket;
    BirdReader reader = new();

    /// <summary>The control socket's path.</summary>
    public string Path => path;

    /// <summary>The greeting's text, "BIRD 2.0.12 ready."; empty before the first connection.</summary>
    public string Greeting { get; private set; } = "";

    /// <summary>Sends one command and waits for its whole reply, at most the timeout given.</summary>
    public async ValueTask<BirdAnswer> AskAsync(string command, CancellationToken stop)
    {
        if (command.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0)
            throw new ArgumentException("a command is one line", nameof(command));
        await turn.WaitAsync(stop);
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        bool answered = false;
        try
        {
            BirdAnswer answer = await AskOnceAsync(command, either.Token);
            answered = answer.Reply is not null;
            return answer;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return BirdAnswer.Failed($"bird: no complete answer within {timeout.TotalSeconds:0.###} s at {path}");
        }
        catch (SocketException e)
        {
            return BirdAnswer.Failed($"bird: {Say(e.SocketErrorCode)} at {path}");
        }
        finally
        {
            // Half a reply must never be taken for the next command's.
            if (!answered)
                Drop();
            turn.Release();
        }
    }

    public void Dispose()
    {
        Drop();
        turn.Dispose();
    }

    async ValueTask<BirdAnswer> AskOnceAsync(string command, CancellationToken stop)
    {
        byte[] line = Encoding.UTF8.GetBytes(command + "\n");
        if (this.socket is not null && reader.HasPartial)
            Drop();
        if (this.socket is { } kept)
        {
            // BIRD may have been restarted since: a kept connection that ends before the first byte of a reply is made anew, once.
            // All commands used here may be given twice.
            try
            {
                await SendAsync(kept, line, stop);
                BirdAnswer answer = await ReadAsync(kept, stop);
                if (answer.Reply is not null || reader.HasPartial || reader.Error is not null)
                    return answer;
            }
            catch (SocketException) when (!reader.HasPartial)
            {
            }
            Drop();
        }
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        this.socket = socket;
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
        BirdAnswer greeting = await ReadAsync(socket, stop);
        if (greeting.Reply is not { Code: 1 } hello)
            return BirdAnswer.Failed(greeting.Why ?? $"bird: greeted with {greeting.Reply} instead of 0001 at {path}");
        Greeting = hello.Text;
        await SendAsync(socket, line, stop);
        return await ReadAsync(socket, stop);
    }

    static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes, stop)..];
    }

    async ValueTask<BirdAnswer> ReadAsync(Socket socket, CancellationToken stop)
    {
        while (true)
        {
            if (reader.Next() is { } reply)
                return new BirdAnswer(reply, null);
            if (reader.Error is { } error)
                return BirdAnswer.Failed($"bird: sent {error} at {path}");
            int count = await socket.ReceiveAsync(reader.Free(), stop);
            if (count == 0)
                return BirdAnswer.Failed($"bird: closed the connection {(reader.HasPartial ? "in the middle of a reply" : "without a reply")} at {path}");
            reader.Filled(count);
        }
    }

    void Drop()
    {
        socket?.Dispose();
        socket = null;
        reader = new BirdReader();
    }

    static string Say(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused (a socket left behind: BIRD is not running)",
        SocketError.AddressNotAvailable or SocketError.HostNotFound => "no socket (BIRD is not running)",
        SocketError.AccessDenied => "permission denied (is the daemon's user in the socket's group, `bird` on Debian?)",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => "connection reset",
        _ => error.ToString(),
    };
}
