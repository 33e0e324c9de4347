using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Oops.Native;

namespace Oops.Dns;

/// <summary>Bounds of a <see cref="StreamEar"/>.</summary>
/// <param name="Connections">At once; at the limit the one that was quiet longest is closed for the new one.</param>
/// <param name="PerPeer">Of them from one IPv4 address or IPv6 /64; more are closed at once.</param>
/// <param name="Room">Octets of requests that came in part and of responses that were not taken, over all connections; who needs more is closed.</param>
/// <param name="Idle">How long a connection may be quiet.</param>
internal readonly record struct StreamLimits(int Connections, int PerPeer, int Room, TimeSpan Idle);

/// <summary>
/// Serves connections (RFC 7766): each may send any number of requests, one behind the other, and is closed when it is quiet for too long. The clock of a connection is set back only by a whole
/// request, so a peer that sends an octet now and then, or does not read, gains nothing. One thread with epoll(7) does all of it: no connection has a task or takes a thread of the pool.
/// </summary>
internal sealed class StreamEar : IDisposable
{
    public const int LongestResponse = 4096;

    /// <summary>Accepted in one turn: those that are connected already are not to wait for all that would be.</summary>
    const int AcceptsPerTurn = 64;

    static readonly TimeSpan AcceptAgain = TimeSpan.FromMilliseconds(50);

    readonly Dictionary<long, StreamCaller> callers = [];
    readonly Dictionary<UInt128, int> perPeer = [];
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly IReadOnlyList<Socket> sockets;
    readonly IPEndPoint[] locals;
    readonly StreamLimits limits;
    readonly TlsTerms? tls;
    readonly QuietList quiet;
    readonly QuietList? greeting;
    readonly Epoll epoll = new();
    readonly TimeProvider time;
    volatile bool stopping;
    Exception? fault;
    long nextToken;
    long? pausedAt;
    int held;

    /// <param name="sockets">They listen; they are closed by whoever made them, after <see cref="RunAsync"/>.</param>
    /// <param name="limits">How many, how long.</param>
    /// <param name="handler">Answers, on the ear's thread.</param>
    /// <param name="counts">What it counts.</param>
    /// <param name="time">The clock of quiet connections.</param>
    /// <param name="tls">The connections begin with a handshake; null: they do not.</param>
    public StreamEar(IReadOnlyList<Socket> sockets, StreamLimits limits, DnsHandler handler, StreamCounts counts, TimeProvider time, TlsTerms? tls = null)
    {
        this.sockets = sockets;
        this.limits = limits;
        this.time = time;
        this.tls = tls;
        Handler = handler;
        Counts = counts;
        locals = [.. sockets.Select(s => (IPEndPoint)s.LocalEndPoint!)];
        quiet = new QuietList(limits.Idle, time);
        if (tls is not null)
            greeting = new QuietList(tls.HandshakeTime, time);
    }

    public DnsHandler Handler { get; }

    public Arrival Now => Arrival.Now(time);

    public StreamCounts Counts { get; }

    /// <summary>Where what comes is read, and responses are put together, for whichever connection has its turn.</summary>
    public byte[] Incoming { get; } = GC.AllocateUninitializedArray<byte>(16 * 1024);

    public byte[] Outgoing { get; } = GC.AllocateUninitializedArray<byte>(16 * 1024);

    /// <summary>Ends when <paramref name="stop"/> is cancelled, with all connections closed; throws what the handler threw.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        new Thread(Loop) { IsBackground = true, Name = tls is null ? "dns-tcp" : "dns-tls" }.Start();
        using var stopped = stop.UnsafeRegister(static e => ((StreamEar)e!).Stop(), this);
        await ended.Task.ConfigureAwait(false);
    }

    /// <summary>Not while it runs.</summary>
    public void Dispose() => epoll.Dispose();

    /// <summary>A whole request came: it was quiet less long than all others.</summary>
    public void Heard(StreamCaller caller)
    {
        if (!caller.IsClosed)
            quiet.Heard(caller);
    }

    /// <summary>Room for what a connection cannot go on without; false: there is too much of that already.</summary>
    public bool TryHold(int octets, [NotNullWhen(true)] out byte[]? buffer)
    {
        buffer = null;
        if (held + octets > limits.Room)
            return false;
        buffer = ArrayPool<byte>.Shared.Rent(octets);
        held += buffer.Length;
        return true;
    }

    public void GiveBack(ref byte[]? buffer)
    {
        if (buffer is null)
            return;
        held -= buffer.Length;
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = null;
    }

    /// <summary>Closes it because of a limit of ours.</summary>
    public void Shut(StreamCaller caller)
    {
        if (caller.IsClosed)
            return;
        Interlocked.Increment(ref Counts.ClosedCell);
        Close(caller);
    }

    /// <summary>Closes it. More than once is as good as once.</summary>
    public void Close(StreamCaller caller)
    {
        if (caller.IsClosed)
            return;
        caller.IsClosed = true;
        callers.Remove(caller.Token);
        caller.List?.Remove(caller);
        if (perPeer[caller.Party] is var others && others > 1)
            perPeer[caller.Party] = others - 1;
        else
            perPeer.Remove(caller.Party);
        caller.Dispose();
        StreamCalls.Close(caller.Fd);
    }

    /// <summary>A fault of the handler ends the ear.</summary>
    public void Fail(Exception bug) => fault ??= bug;

    void Stop()
    {
        stopping = true;
        epoll.Wake();
    }

    void Loop()
    {
        try
        {
            for (var i = 0; i < sockets.Count; i++)
                Listen(i, EpollEvents.In, begins: true);
            var ready = new EpollReady[64];
            while (!stopping && fault is null)
                Turn(ready);
        }
        catch (Exception e) // not swallowed: the task that owns this thread throws it
        {
            Fail(e);
        }

        foreach (var caller in callers.Values.ToArray())
            Close(caller);
        if (fault is null)
            ended.SetResult();
        else
            ended.SetException(fault);
    }

    void Turn(EpollReady[] ready)
    {
        var n = epoll.Wait(ready, UntilNext());
        foreach (var one in ready.AsSpan(0, n))
        {
            if (one.Token < 0)
                Accept(~(int)one.Token);
            else if (callers.TryGetValue(one.Token, out var caller)) // else closed since, in this same turn
            {
                caller.Ready(one.Events);
                Ask(caller);
            }
        }

        while (quiet.Left <= TimeSpan.Zero)
            Shut(quiet.First!);
        while (greeting?.Left <= TimeSpan.Zero)
            Shut(greeting.First!);
        if (pausedAt is { } at && time.GetElapsedTime(at) >= AcceptAgain)
        {
            pausedAt = null;
            for (var i = 0; i < sockets.Count; i++)
                Listen(i, EpollEvents.In);
        }
    }

    TimeSpan UntilNext()
    {
        var least = quiet.Left ?? Timeout.InfiniteTimeSpan;
        Earlier(ref least, greeting?.Left);
        Earlier(ref least, pausedAt is { } at ? AcceptAgain - time.GetElapsedTime(at) : null);
        return least;

        static void Earlier(ref TimeSpan least, TimeSpan? other)
        {
            if (other is { } sooner && (least == Timeout.InfiniteTimeSpan || sooner < least))
                least = sooner;
        }
    }

    void Accept(int i)
    {
        Span<byte> name = stackalloc byte[StreamCalls.NameSize];
        for (var n = 0; n < AcceptsPerTurn; n++)
        {
            var fd = StreamCalls.Accept(sockets[i].SafeHandle, name, out var errno);
            if (fd >= 0)
            {
                Interlocked.Increment(ref Counts.AcceptedCell);
                Admit(fd, PeerAddress.From(name, out var port), port, locals[i]);
            }
            else if (errno == Errno.Again)
                return;
            else if (errno is Errno.TooManyOpen or Errno.TooManyInSystem or Errno.NoBuffers or Errno.NoMemory or Errno.Invalid)
            {
                // It lasts, so nobody is accepted for a while, and what is connected goes on. All else is the peer's, as ECONNABORTED.
                pausedAt = time.GetTimestamp();
                for (var all = 0; all < sockets.Count; all++)
                    Listen(all, EpollEvents.None);
                return;
            }
        }
    }

    void Admit(int fd, PeerAddress address, ushort port, IPEndPoint local)
    {
        if (perPeer.GetValueOrDefault(StreamCaller.PartyOf(address)) >= limits.PerPeer)
        {
            Interlocked.Increment(ref Counts.ClosedCell);
            StreamCalls.Close(fd);
            return;
        }

        // A handshake that takes its time makes room first: nobody has said anything on it yet.
        if (tls is not null && greeting!.Count >= tls.Handshakes)
            Shut(greeting.First!);
        if (callers.Count >= limits.Connections)
            Shut((quiet.First ?? greeting?.First)!);
        var peer = new Peer(address, port, tls is null ? Transport.Tcp : Transport.Tls, local);
        StreamCaller caller = tls is null ? new TcpCaller(this, fd, peer) { Token = nextToken++ } : new TlsCaller(this, tls, fd, peer) { Token = nextToken++ };
        perPeer[caller.Party] = perPeer.GetValueOrDefault(caller.Party) + 1;
        callers.Add(caller.Token, caller);
        (greeting ?? quiet).Heard(caller);
        caller.Start();
        Ask(caller);
    }

    void Ask(StreamCaller caller)
    {
        if (caller.IsClosed || caller.Wanted == caller.Asked)
            return;
        if (caller.Asked == EpollEvents.None)
            epoll.Add(caller.Fd, caller.Wanted, caller.Token);
        else
            epoll.Modify(caller.Fd, caller.Wanted, caller.Token);
        caller.Asked = caller.Wanted;
    }

    void Listen(int i, EpollEvents events, bool begins = false)
    {
        var fd = (int)sockets[i].SafeHandle.DangerousGetHandle();
        if (begins)
            epoll.Add(fd, events, ~(long)i);
        else
            epoll.Modify(fd, events, ~(long)i);
    }
}
