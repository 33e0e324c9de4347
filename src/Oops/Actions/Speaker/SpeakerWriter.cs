using System.Net.Sockets;

namespace Oops.Actions.Speaker;

/// <summary>
/// What goes out on one connection, in its order. It never blocks: what the socket does not take at once waits here, and is written as soon as there is room. The caller holds no promise but the order.
/// </summary>
internal sealed class SpeakerWriter(Socket socket, TimeProvider time, Action<string> broken)
{
    /// <summary>More than a whole table of ours: who leaves that unread reads nothing.</summary>
    const int Most = 8 * 1024 * 1024;

    readonly Lock gate = new();
    byte[] waiting = [];
    long waitsSince;
    bool closed;

    /// <summary>What writes what waits; it ends when that is written, or the socket is closed.</summary>
    public Task Draining { get; private set; } = Task.CompletedTask;

    /// <summary>Octets that the socket has not taken.</summary>
    public int Waiting
    {
        get
        {
            lock (gate) return waiting.Length;
        }
    }

    /// <summary>Since when the socket takes nothing; zero while nothing waits.</summary>
    public TimeSpan Stuck
    {
        get
        {
            lock (gate) return waiting.Length == 0 ? TimeSpan.Zero : time.GetElapsedTime(waitsSince);
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        string? why = null;
        lock (gate)
        {
            if (closed || bytes.IsEmpty) return;
            if (waiting.Length > 0)
            {
                waiting = [.. waiting, .. bytes];
                if (waiting.Length > Most) why = "it does not read";
            }
            else
            {
                var sent = Send(bytes, out why);
                if (why is null && sent < bytes.Length)
                {
                    (waiting, waitsSince) = (bytes[sent..].ToArray(), time.GetTimestamp());
                    Draining = DrainAsync();
                }
            }

            closed |= why is not null;
        }

        if (why is not null) broken(why);
    }

    /// <summary>Nothing is written any more.</summary>
    public void Close()
    {
        lock (gate) (closed, waiting) = (true, []);
    }

    /// <summary>As much as goes without waiting.</summary>
    int Send(ReadOnlySpan<byte> bytes, out string? why)
    {
        why = null;
        var sent = 0;
        try
        {
            while (sent < bytes.Length)
            {
                var n = socket.Send(bytes[sent..], SocketFlags.None, out var error);
                if (error == SocketError.WouldBlock) break;
                if (error != SocketError.Success)
                {
                    why = Native.Reason.Of(new SocketException((int)error));
                    break;
                }

                sent += n;
            }
        }
        catch (ObjectDisposedException)
        {
            why = "the connection was closed";
        }

        return sent;
    }

    // Its end is that nothing waits any more: the session's end empties what does.
    async Task DrainAsync()
    {
        string? why = null;
        try
        {
            while (true)
            {
                byte[] head;
                lock (gate)
                {
                    if (closed || waiting.Length == 0) return;
                    head = waiting;
                }

                var n = await socket.SendAsync(head, SocketFlags.None).ConfigureAwait(false);
                lock (gate)
                {
                    if (closed) return;
                    waiting = waiting[n..];
                    waitsSince = time.GetTimestamp();
                }
            }
        }
        catch (SocketException e)
        {
            why = Native.Reason.Of(e);
        }
        catch (ObjectDisposedException)
        {
            why = "the connection was closed";
        }

        broken(why);
    }
}
