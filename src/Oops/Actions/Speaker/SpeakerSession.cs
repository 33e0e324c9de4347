using Oops.Native;
using Oops.Wire.Bgp;

namespace Oops.Actions.Speaker;

/// <summary>How far a connection is (RFC 4271, 8.2.2).</summary>
internal enum SpeakerStage
{
    OpenSent,
    OpenConfirm,
    Established,
    Ended,
}

/// <summary>
/// One connection with a peer, from the OPEN to the end. What the peer announces is not looked at: we import nothing, and no UPDATE ends a session (RFC 7606). Every wait is bounded by the hold timer,
/// and own lateness is no silence of the peer's: what came meanwhile is read before the timer counts.
/// </summary>
internal sealed class SpeakerSession : IDisposable
{
    /// <summary>Until the OPEN, whose sender may want to look us up first. RFC 4271 suggests four minutes; a peer that has connected and is silent is not worth that.</summary>
    static readonly TimeSpan OpenPatience = TimeSpan.FromSeconds(30);

    readonly SpeakerPeer peer;
    readonly TcpConnection connection;
    readonly TimeProvider time;
    readonly CancellationTokenSource over = new();
    readonly byte[] buffer = new byte[2 * BgpHeader.MaxMessage];
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int start, end;
    (int Start, int Length) body;
    string? why;
    Task keeping = Task.CompletedTask;

    public SpeakerSession(SpeakerPeer peer, TcpConnection connection, bool incoming, TimeProvider time) => (this.peer, this.connection, this.time, Incoming) = (peer, connection, time, incoming);

    /// <summary>The peer has made the connection.</summary>
    public bool Incoming { get; }

    /// <summary>The peer's lock guards it.</summary>
    public SpeakerStage Stage { get; set; }

    /// <summary>It was established at some time.</summary>
    public bool WasUp { get; private set; }

    /// <summary>It was ended by a NOTIFICATION, by either side, that says why. One that only says that there shall be no connection now does not.</summary>
    public bool Tells { get; private set; }

    /// <summary>Completes when the connection is closed.</summary>
    public Task Ended => ended.Task;

    /// <summary>What the peer said of itself.</summary>
    public BgpOpen Open { get; private set; }

    /// <summary>What it was sent; the table's lock guards it.</summary>
    public SpeakerSent Sent { get; private set; } = null!;

    /// <summary>Octets that the kernel had not taken at the last look.</summary>
    public int Waiting => connection.Waiting;

    /// <summary>All that was written was at the peer at the last look.</summary>
    public bool IsAcknowledged => connection.IsAcknowledged;

    public SpeakerPeer Peer => peer;

    /// <summary>Asks the kernel what it has taken, and what the peer has.</summary>
    public Task LookAsync() => connection.LookAsync();

    /// <summary>Writes it behind what was written, and never waits. Nothing comes behind the reason of an end.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (Volatile.Read(ref why) is null && !connection.TrySend(bytes)) End([], "it does not read");
    }

    /// <summary>Ends it: the last octets, and why. The first reason stands. It never blocks, and nothing runs on the caller's thread.</summary>
    public void End(ReadOnlySpan<byte> notification, string reason, bool reset = false, bool tells = false)
    {
        if (Interlocked.CompareExchange(ref why, reason, null) is not null) return;
        Tells = tells;
        _ = connection.TrySend(notification);
        // Its end is awaited where all of the session is.
        if (reset) _ = connection.CloseAsync(reset);
        try
        {
            over.CancelAfter(TimeSpan.Zero);
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    /// <summary>To the end; why it ended, in words.</summary>
    /// <param name="prepare">Options to be set before a word is said; null, or why not.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<string> RunAsync(Func<TcpSocket, string?>? prepare, CancellationToken stop)
    {
        using var stopping = stop.UnsafeRegister(static s => ((SpeakerSession)s!).Stop(), this);
        try
        {
            if (prepare is not null && await connection.SetAsync(prepare).ConfigureAwait(false) is { } cannot) End([], cannot);
            else await ConverseAsync().ConfigureAwait(false);
        }
        catch (IOException e)
        {
            End([], e.Message);
        }
        catch (OperationCanceledException)
        {
            // End has said why.
        }
        finally
        {
            peer.Leave(this);
            await over.CancelAsync().ConfigureAwait(false);
            await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await connection.CloseAsync().ConfigureAwait(false);
            ended.TrySetResult();
        }

        return why ?? "it ended";
    }

    public void Dispose() => over.Dispose();

    async Task ConverseAsync()
    {
        Write(peer.Opening());
        if (await NextAsync(OpenPatience).ConfigureAwait(false) is not { } first) return;
        if (first != BgpMessageType.Open)
        {
            Fail(BgpFault.Unexpected(1));
            return;
        }

        if (!BgpOpen.TryRead(Body, out var open, out var fault))
        {
            Fail(fault);
            return;
        }

        Open = open;
        if (peer.Judge(open) is { } bad)
        {
            End(BgpNotification.Write(bad.Fault), $"we refused it: {bad.Why}", tells: true);
            return;
        }

        if (!peer.Confirm(this)) return;
        var hold = TimeSpan.FromSeconds(Math.Min(open.HoldTime, peer.HoldTime.TotalSeconds));
        Write(BgpHeader.Keepalive());
        keeping = KeepAsync(hold, over.Token);
        if (await NextAsync(hold == TimeSpan.Zero ? OpenPatience : hold).ConfigureAwait(false) is not { } second) return;
        if (second != BgpMessageType.Keepalive)
        {
            Fail(BgpFault.Unexpected(2));
            return;
        }

        Sent = new(peer.Tongue(open, connection.Local.Address));
        if (!await peer.EstablishAsync(this).ConfigureAwait(false)) return;
        WasUp = true;
        await ListenAsync(hold).ConfigureAwait(false);
    }

    async Task ListenAsync(TimeSpan hold)
    {
        while (await NextAsync(hold).ConfigureAwait(false) is { } type)
        {
            if (type == BgpMessageType.Open)
            {
                Fail(BgpFault.Unexpected(3));
                return;
            }

            if (type == BgpMessageType.RouteRefresh && BgpRefresh.TryRead(Body, out var refresh) && refresh is { Kind: BgpRefreshKind.Request, Family: { } family })
                peer.Refresh(this, family);
        }
    }

    ReadOnlySpan<byte> Body => buffer.AsSpan(body.Start, body.Length);

    /// <summary>The next message; null: the session has ended.</summary>
    async ValueTask<BgpMessageType?> NextAsync(TimeSpan patience)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            switch (Take(out var type, out var fault))
            {
                case BgpReading.Message when type == BgpMessageType.Notification:
                    End([], $"it ended the session: {SpeakerPeer.Say(Body)}", tells: Body is not [BgpFault.Cease, BgpNotification.Rejected or BgpNotification.Collision, ..]);
                    return null;
                case BgpReading.Message:
                    return type;
                case BgpReading.Broken:
                    Fail(fault);
                    return null;
            }

            if (!await MoreAsync(since, patience).ConfigureAwait(false)) return null;
        }
    }

    BgpReading Take(out BgpMessageType type, out BgpFault fault)
    {
        var reading = BgpHeader.TryRead(buffer.AsSpan(start, end - start), out type, out var read, out fault);
        if (reading == BgpReading.Message)
        {
            body = (start + BgpHeader.Size, read.Length);
            start += BgpHeader.Size + read.Length;
        }

        return reading;
    }

    /// <summary>Receives; false: the session has ended.</summary>
    async ValueTask<bool> MoreAsync(long since, TimeSpan patience)
    {
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        (start, end) = (0, end - start);
        var left = patience == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : patience - time.GetElapsedTime(since);
        using var late = new CancellationTokenSource(left <= TimeSpan.Zero && patience > TimeSpan.Zero ? TimeSpan.Zero : left, time);
        using var ending = over.Token.UnsafeRegister(static l => ((CancellationTokenSource)l!).Cancel(), late);
        int n;
        try
        {
            // What is there is read, however late it is.
            n = await connection.ReceiveAsync(buffer.AsMemory(end), late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!over.IsCancellationRequested)
        {
            Fail(BgpFault.HoldExpired);
            return false;
        }

        if (n == 0)
        {
            End([], "it closed the connection");
            return false;
        }

        end += n;
        return why is null;
    }

    /// <summary>Says that we live; and leaves a peer that does not take what it is told, however lively it is itself (RFC 9687).</summary>
    async Task KeepAsync(TimeSpan hold, CancellationToken stop)
    {
        if (hold == TimeSpan.Zero) return;
        while (true)
        {
            // A third, less a jitter of up to a quarter (RFC 4271, 10).
            await Task.Delay(hold / 3 * (1 - (Unpredictable.Fraction() / 4)), time, stop).ConfigureAwait(false);
            if (connection.Stuck > hold)
            {
                // Not a FIN behind all that it does not read: a reset, which its kernel tells it at once.
                End([], "it does not read what it is sent", reset: true);
                return;
            }

            Write(BgpHeader.Keepalive());
        }
    }

    void Stop() => End(BgpNotification.WriteShutdown(peer.Farewell), peer.Farewell);

    void Fail(BgpFault fault) => End(BgpNotification.Write(fault), $"we ended the session: {BgpNotification.Words(fault)}", tells: true);
}
