using System.Net.Sockets;
using Oops.Native;
using Oops.Wire.Dnstap;

namespace Oops.Sources.Dnstap;

/// <summary>Why a connection was closed; what is no orderly end is counted.</summary>
internal enum ConnectionEnd
{
    /// <summary>The server said STOP, or hung up.</summary>
    Closed,

    /// <summary>No handshake, or not in time.</summary>
    NoHandshake,

    /// <summary>It offers something else than dnstap.</summary>
    WrongContent,

    /// <summary>No Frame Stream any more.</summary>
    Broken,

    /// <summary>TLS failed.</summary>
    NoTls,
    Last = NoTls,
}

/// <summary>One server that dialled in: the handshake, and then its frames, as fast as they come. It never waits for anything but the socket.</summary>
/// <param name="stream">The connection; plain, or TLS after its own handshake.</param>
/// <param name="tally">What it counts into.</param>
/// <param name="target">Limits.</param>
/// <param name="time">Clock.</param>
internal sealed class DnstapConnection(Stream stream, FrameTally tally, DnstapTarget target, TimeProvider time)
{
    const int FirstBuffer = 16 * 1024;

    /// <summary>Room for two of the longest frames, so that what is received in one piece is large.</summary>
    const int MostBuffer = 2 * FrameTally.Longest;

    /// <summary>While it is behind, one buffer of so many is looked at: an estimate of what the others have.</summary>
    const int LookAtOneOf = 8;

    /// <summary>The pool's threads are few, and not ours.</summary>
    static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(10);

    byte[] buffer = new byte[FirstBuffer];
    int begin, end;
    bool full;

    /// <summary>Until it is closed. <paramref name="started"/> is called after START.</summary>
    public async Task<(ConnectionEnd End, string Why)> RunAsync(Action started, CancellationToken stop)
    {
        using (var late = CancellationTokenSource.CreateLinkedTokenSource(stop))
        using (time.CreateTimer(static l => ((CancellationTokenSource)l!).Cancel(), late, target.Patience, Timeout.InfiniteTimeSpan))
        {
            try
            {
                if (await ShakeAsync(late.Token).ConfigureAwait(false) is { } failed) return failed;
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return (ConnectionEnd.NoHandshake, $"no handshake within {target.Patience.TotalSeconds:0.#} s");
            }
        }

        started();
        return await ReadAsync(stop).ConfigureAwait(false);
    }

    /// <summary>Null: START was read.</summary>
    async ValueTask<(ConnectionEnd, string)?> ShakeAsync(CancellationToken stop)
    {
        var ready = false;
        while (true)
        {
            var kind = Control(out var control);
            switch (kind)
            {
                case FrameKind.Partial:
                    if (await FillAsync(stop).ConfigureAwait(false) == 0) return (ConnectionEnd.NoHandshake, "the server closed the connection before it said START");
                    continue;
                case FrameKind.Control when control.Type == ControlType.Ready && !ready:
                    if (control is { ContentTypes: > 0, HasDnstap: false }) return (ConnectionEnd.WrongContent, "the server offers another content type than dnstap");
                    await WriteAsync(ControlType.Accept, withDnstap: true, stop).ConfigureAwait(false);
                    ready = true;
                    continue;
                // Without READY: a sender that does not wait to be accepted (Unbound's dnstap-bidirectional: no).
                case FrameKind.Control when control.Type == ControlType.Start:
                    return control.HasDnstap ? null : (ConnectionEnd.WrongContent, "the server starts another content type than dnstap");
                default:
                    return (ConnectionEnd.NoHandshake, "what the server says is no Frame Streams handshake");
            }
        }
    }

    FrameKind Control(out ControlFrame control)
    {
        var reader = new FrameReader(buffer.AsSpan(begin, end - begin), FrameTally.Longest);
        var kind = reader.Next(out var frame);
        control = default;
        if (kind == FrameKind.Control && !ControlFrame.TryRead(frame, out control)) kind = FrameKind.Broken;
        begin += reader.Consumed;
        return kind;
    }

    async Task<(ConnectionEnd, string)> ReadAsync(CancellationToken stop)
    {
        long busy = 0, turn = 0;
        for (var round = 0; ; round++)
        {
            var behind = busy != 0 && time.GetElapsedTime(busy) > target.Behind;
            var taken = tally.Take(buffer.AsSpan(begin, end - begin), behind && round % LookAtOneOf != 0, out var how);
            begin += taken;
            if (how == StreamEnd.Stop)
            {
                await WriteAsync(ControlType.Finish, withDnstap: false, stop).ConfigureAwait(false);
                return (ConnectionEnd.Closed, "the server said STOP");
            }

            if (how == StreamEnd.Broken) return (ConnectionEnd.Broken, "what the server sends is no Frame Stream any more");
            var filling = FillAsync(stop);
            if (filling.IsCompleted)
            {
                // There was more already. Others are to be served, too.
                if (busy == 0) busy = turn = time.GetTimestamp();
                else if (time.GetElapsedTime(turn) > Turn)
                {
                    await Task.Yield();
                    turn = time.GetTimestamp();
                }
            }
            else busy = 0;

            if (await filling.ConfigureAwait(false) == 0) return (ConnectionEnd.Closed, "the server closed the connection");
        }
    }

    /// <summary>0: the peer has closed, or the connection is lost.</summary>
    async ValueTask<int> FillAsync(CancellationToken stop)
    {
        if (begin == end) begin = end = 0;
        else if (begin > 0 && (begin > buffer.Length / 2 || end == buffer.Length))
        {
            Buffer.BlockCopy(buffer, begin, buffer, 0, end - begin);
            (begin, end) = (0, end - begin);
        }

        // A whole buffer at once, or a frame that does not fit: there is more where that came from.
        if (end == buffer.Length || (full && buffer.Length < MostBuffer))
        {
            Array.Resize(ref buffer, Math.Min(buffer.Length * 4, MostBuffer));
            full = false;
        }

        try
        {
            var room = buffer.Length - end;
            var n = await stream.ReadAsync(buffer.AsMemory(end), stop).ConfigureAwait(false);
            full = n == room;
            end += n;
            return n;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return 0;
        }
    }

    async ValueTask WriteAsync(ControlType type, bool withDnstap, CancellationToken stop)
    {
        var frame = new byte[ControlFrame.MaxWritten];
        try
        {
            await stream.WriteAsync(frame.AsMemory(0, ControlFrame.Write(frame, type, withDnstap)), stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // It has gone; the next read says so.
        }
    }
}
