using System.Buffers.Binary;
using Oops.Native;

namespace Oops.Dns;

/// <summary>
/// A connection without TLS. It has a buffer only while a request has come in part, or while the peer does not take a response; until it does, no more of its requests are read.
/// </summary>
internal sealed class TcpCaller(StreamEar ear, int fd, in Peer peer) : StreamCaller(ear, fd, peer)
{
    const int LengthSize = 2;

    // Requests that came and are not answered yet, the last of them in part.
    byte[]? held;
    int have;

    // Responses, or the end of one, that the peer did not take.
    byte[]? unsent;
    int unsentFrom, unsentTo;

    public override EpollEvents Wanted => unsent is null ? EpollEvents.In : EpollEvents.Out;

    public override void Start() => Read();

    public override void Ready(EpollEvents events)
    {
        if (unsent is not null)
        {
            if (!TrySendRest())
                return;
            AnswerHeld();
        }

        // One read for each time that it is ready: nobody else waits for a peer that sends without end.
        if (!IsClosed && unsent is null)
            Read();
    }

    public override void Dispose()
    {
        Ear.GiveBack(ref held);
        Ear.GiveBack(ref unsent);
    }

    void Read()
    {
        if (held is not null)
        {
            if (have == held.Length && !TryGrow())
                return;
            var more = StreamCalls.Receive(Fd, held.AsSpan(have), out var why);
            if (!IsOpen(more, why))
                return;
            have += more;
            AnswerHeld();
            return;
        }

        var into = Ear.Incoming;
        var n = StreamCalls.Receive(Fd, into, out var errno);
        if (!IsOpen(n, errno))
            return;
        var octets = into.AsSpan(0, n);
        var rest = octets[Answer(octets)..];
        if (IsClosed || rest.IsEmpty)
            return;
        if (!Ear.TryHold(rest.Length, out held))
        {
            Ear.Shut(this);
            return;
        }

        rest.CopyTo(held);
        have = rest.Length;
    }

    /// <summary>False where nothing was read: closed, or not there yet.</summary>
    bool IsOpen(int n, int errno)
    {
        if (n > 0)
            return true;
        // The peer closed, also in the middle of a request; or ECONNRESET and its kin, which are how peers hang up.
        if (n == 0 || errno != Errno.Again)
            Ear.Close(this);
        return false;
    }

    void AnswerHeld()
    {
        if (held is null)
            return;
        var used = Answer(held.AsSpan(0, have));
        if (IsClosed || used == 0)
            return;
        have -= used;
        if (have == 0)
            Ear.GiveBack(ref held);
        else
            held.AsSpan(used, have).CopyTo(held);
    }

    /// <summary>More room for what has come in part: twice as much each time, so what a peer takes of our memory it has sent.</summary>
    bool TryGrow()
    {
        if (!Ear.TryHold(2 * held!.Length, out var larger))
        {
            Ear.Shut(this);
            return false;
        }

        held.AsSpan(0, have).CopyTo(larger);
        Ear.GiveBack(ref held);
        held = larger;
        return true;
    }

    /// <summary>Answers the whole requests in there, as long as the peer takes the responses. How many octets that were.</summary>
    int Answer(ReadOnlySpan<byte> octets)
    {
        var output = Ear.Outgoing;
        var (used, filled, heard) = (0, 0, false);
        while (octets.Length - used >= LengthSize)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(octets[used..]);
            if (octets.Length - used - LengthSize < length)
                break;
            if (output.Length - filled < LengthSize + StreamEar.LongestResponse)
            {
                if (!TrySend(output.AsSpan(0, filled)))
                    return used;
                filled = 0;
            }

            if (!heard)
                Ear.Heard(this);
            heard = true;
            Interlocked.Increment(ref Ear.Counts.RequestsCell);
            // No length is a request of nothing, and nobody's: it is not answered.
            var size = length == 0 ? 0 : Ear.Handler(octets.Slice(used + LengthSize, length), output.AsSpan(filled + LengthSize, StreamEar.LongestResponse), Sender);
            used += LengthSize + length;
            if (size <= 0)
                continue;
            BinaryPrimitives.WriteUInt16BigEndian(output.AsSpan(filled), (ushort)size);
            filled += LengthSize + size;
        }

        if (filled > 0)
            TrySend(output.AsSpan(0, filled));
        return used;
    }

    /// <summary>False where the peer does not take all of it, which is kept, or has gone.</summary>
    bool TrySend(ReadOnlySpan<byte> bytes)
    {
        var n = StreamCalls.Send(Fd, bytes, out var errno);
        if (n == bytes.Length)
            return true;
        if (n < 0 && errno != Errno.Again)
        {
            Ear.Close(this);
            return false;
        }

        var rest = bytes[Math.Max(n, 0)..];
        if (!Ear.TryHold(rest.Length, out unsent))
        {
            Ear.Shut(this);
            return false;
        }

        rest.CopyTo(unsent);
        (unsentFrom, unsentTo) = (0, rest.Length);
        return false;
    }

    bool TrySendRest()
    {
        var n = StreamCalls.Send(Fd, unsent.AsSpan(unsentFrom, unsentTo - unsentFrom), out var errno);
        if (n < 0 && errno != Errno.Again)
        {
            Ear.Close(this);
            return false;
        }

        unsentFrom += Math.Max(n, 0);
        if (unsentFrom < unsentTo)
            return false;
        Ear.GiveBack(ref unsent);
        return true;
    }
}
