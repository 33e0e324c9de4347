using System.Net;

namespace Oops.Native;

/// <summary>
/// A TCP connection on <see cref="TcpThread"/>, so that the kernel closes it at once when the process is killed. Any thread may use it; one receives at a time. It never blocks: what the kernel does not take waits here, in
/// its order. What fails throws <see cref="IOException"/> with the kernel's word.
/// </summary>
internal sealed class TcpConnection
{
    /// <summary>More than a whole table of ours: who leaves that unread reads nothing.</summary>
    public const int MostWaiting = 8 * 1024 * 1024;

    // So that one peer's table does not keep the others from theirs.
    const int MostAtOnce = 256 * 1024;

    readonly TcpThread thread;
    readonly TcpSocket socket;
    readonly TimeProvider time;
    readonly Func<bool> flush;
    readonly Lock gate = new();
    byte[] waiting = [];
    int taken;
    long waitsSince;
    bool acknowledged = true;
    Task<bool>? closing;

    // Only on the thread.
    int broken;

    /// <summary>On the thread.</summary>
    internal TcpConnection(TcpThread thread, TcpSocket socket, TimeProvider time)
    {
        (this.thread, this.socket, this.time, flush) = (thread, socket, time, Flush);
        (Local, Remote) = (socket.Address(peers: false)!, socket.Address(peers: true));
    }

    public IPEndPoint Local { get; }

    /// <summary>Null: it was gone when it came.</summary>
    public IPEndPoint? Remote { get; }

    /// <summary>Octets that the kernel has not taken.</summary>
    public int Waiting
    {
        get
        {
            lock (gate) return waiting.Length - taken;
        }
    }

    /// <summary>Since when the kernel takes nothing; zero while nothing waits.</summary>
    public TimeSpan Stuck
    {
        get
        {
            lock (gate) return waiting.Length == taken ? TimeSpan.Zero : time.GetElapsedTime(waitsSince);
        }
    }

    /// <summary>All that was sent was at the peer when it was last looked.</summary>
    public bool IsAcknowledged
    {
        get
        {
            lock (gate) return acknowledged;
        }
    }

    /// <param name="thread">Where.</param>
    /// <param name="from">Our address; null: the kernel's choice.</param>
    /// <param name="to">The peer's.</param>
    /// <param name="prepare">Sets options before it connects: null, or why not. On the thread.</param>
    /// <param name="time">Measures <see cref="Stuck"/>.</param>
    /// <param name="stop">Gives it up.</param>
    public static async Task<TcpConnection> ConnectAsync(TcpThread thread, IPEndPoint? from, IPEndPoint to, Func<TcpSocket, string?> prepare, TimeProvider time, CancellationToken stop)
    {
        var socket = await thread.AskAsync(() => TcpSocket.Open(thread, to.AddressFamily)).ConfigureAwait(false);
        try
        {
            await thread.AskAsync(() => prepare(socket) is { } cannot ? throw new IOException(cannot) : from is not null && socket.Bind(from) is > 0 and var errno ? throw TcpSocket.Failure(errno) : true).ConfigureAwait(false);
            return await socket.WhenReadyAsync(EpollEvents.Out, (out TcpConnection connected) =>
            {
                var errno = socket.Connect(to);
                connected = errno == 0 ? new(thread, socket, time) : null!;
                return errno;
            }, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            thread.Do(() => socket.Close());
            throw;
        }
    }

    /// <summary>Sends it behind what waits. False: so much waits that nobody reads it, and this is not taken. Where the connection is at its end nothing is sent, which receiving says.</summary>
    public bool TrySend(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            if (closing is not null || bytes.IsEmpty) return true;
            if (waiting.Length - taken + bytes.Length > MostWaiting) return false;
            if (waiting.Length == taken) waitsSince = time.GetTimestamp();
            (waiting, taken, acknowledged) = ([.. waiting.AsSpan(taken), .. bytes], 0, false);
        }

        thread.Do(() => socket.Want(EpollEvents.Out, flush));
        return true;
    }

    /// <summary>What comes; 0: the peer has closed it. Cancelled, it takes what is there, however late that is.</summary>
    public Task<int> ReceiveAsync(Memory<byte> into, CancellationToken stop) => socket.WhenReadyAsync(EpollEvents.In, (out int n) =>
    {
        var errno = socket.Receive(into.Span, out n);
        // That sending failed says more than the end that comes behind it.
        return broken > 0 && (errno > 0 || n == 0) ? broken : errno;
    }, stop);

    /// <summary>Sends what the kernel takes now, and asks it what the peer has not acknowledged: <see cref="Waiting"/> and <see cref="IsAcknowledged"/> are true of this moment then.</summary>
    public Task LookAsync() => thread.AskAsync(() =>
    {
        lock (gate) return acknowledged = waiting.Length == taken && socket.Unacknowledged() == 0;
    });

    /// <summary>Sets options of one that stands: null, or why not.</summary>
    public Task<string?> SetAsync(Func<TcpSocket, string?> options) => thread.AskAsync(() => options(socket));

    /// <summary>Closes it, behind what the kernel takes now of what waits; or with <paramref name="reset"/> at once, by a RST. The first word counts. Completes when it is closed.</summary>
    public Task CloseAsync(bool reset = false)
    {
        lock (gate)
        {
            return closing ??= thread.AskAsync(() =>
            {
                while (!reset && Waiting is > 0 and var before && !Flush() && Waiting < before) { }
                lock (gate) (waiting, taken) = ([], 0);
                socket.Close(reset);
                return true;
            });
        }
    }

    /// <summary>True: nothing waits.</summary>
    bool Flush()
    {
        lock (gate)
        {
            var errno = 0;
            for (var most = MostAtOnce; taken < waiting.Length && most > 0;)
            {
                errno = socket.Send(waiting.AsSpan(taken, Math.Min(most, waiting.Length - taken)), out var n);
                if (errno is Errno.Again or Errno.Interrupted) return false;
                if (errno > 0) break;
                taken += n;
                most -= n;
                waitsSince = time.GetTimestamp();
            }

            if (errno == 0 && taken < waiting.Length) return false;
            (waiting, taken) = ([], 0);
            if (errno == 0) return true;
            broken = errno;
        }

        // Who receives is told.
        thread.Do(socket.Serve);

        return true;
    }
}
