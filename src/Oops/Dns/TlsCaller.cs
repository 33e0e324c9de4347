using System.Buffers.Binary;
using System.Net.Security;
using Oops.Native;

namespace Oops.Dns;

/// <summary>A connection with TLS (RFC 7858). Its task runs on the ear's thread only, within <see cref="PollStream"/>; it has buffers of its own only while a request is under way.</summary>
internal sealed class TlsCaller : StreamCaller
{
    const int LengthSize = 2;

    readonly TlsTerms terms;
    readonly PollStream stream;
    readonly SslStream ssl;
    byte[]? buffer;
    bool greeted;

    public TlsCaller(StreamEar ear, TlsTerms terms, int fd, in Peer peer) : base(ear, fd, peer)
    {
        this.terms = terms;
        stream = new PollStream(fd);
        ssl = new SslStream(stream, leaveInnerStreamOpen: true);
    }

    public override EpollEvents Wanted => stream.Wanted;

    public override void Start() => _ = ServeAsync(); // throws nothing, and ends when the connection is closed

    public override void Ready(EpollEvents events)
    {
        if ((events & (EpollEvents.Out | EpollEvents.Error | EpollEvents.HangUp)) != 0)
            stream.Writable();
        if (!IsClosed && (events & ~EpollEvents.Out) != 0)
            stream.Readable();
    }

    public override void Dispose()
    {
        if (!greeted)
            Interlocked.Increment(ref Ear.Counts.UngreetedCell);
        else
            SayGoodbye();
        stream.Break();
        ssl.Dispose();
        stream.Dispose();
        Ear.GiveBack(ref buffer);
    }

    /// <summary>close_notify (RFC 8446, 6.1), where it can be sent at once.</summary>
    void SayGoodbye()
    {
        if ((stream.Wanted & EpollEvents.Out) != 0)
            return;
        try
        {
            _ = ssl.ShutdownAsync(); // what it waits for, if anything, is broken off next
        }
        catch (Exception)
        {
            // The peer has gone, or OpenSSL is done with it since it sent what is no TLS; what SslStream makes of that is not told apart in ServeAsync either.
        }
    }

    async Task ServeAsync()
    {
        try
        {
            await ssl.AuthenticateAsServerAsync(terms.Certificate.Options()).ConfigureAwait(false);
            greeted = true;
            do
            {
                Ear.Heard(this);
            }
            while (await ServeOneAsync().ConfigureAwait(false));
        }
        catch (Exception e)
        {
            // What SslStream throws depends on what the peer sent, and it is the peer's affair, as a reset is. Only the handler's own faults end the ear.
            if (e is HandlerFault)
                Ear.Fail(e.InnerException!);
        }

        Ear.Close(this);
    }

    /// <summary>False when the peer has closed, also in the middle of a request, or there is no room.</summary>
    async ValueTask<bool> ServeOneAsync()
    {
        // Without a buffer: most of its life a connection waits here.
        await ssl.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
        if (!Ear.TryHold(LengthSize + StreamEar.LongestResponse, out buffer))
        {
            Ear.Shut(this);
            return false;
        }

        if (await ssl.ReadAtLeastAsync(buffer.AsMemory(0, LengthSize), LengthSize, throwOnEndOfStream: false).ConfigureAwait(false) < LengthSize)
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(buffer);
        if (length > buffer.Length)
        {
            Ear.GiveBack(ref buffer);
            if (!Ear.TryHold(length, out buffer))
            {
                Ear.Shut(this);
                return false;
            }
        }

        if (await ssl.ReadAtLeastAsync(buffer.AsMemory(0, length), length, throwOnEndOfStream: false).ConfigureAwait(false) < length)
            return false;
        Interlocked.Increment(ref Ear.Counts.RequestsCell);
        if (Answer(buffer.AsSpan(0, length)) is > 0 and var size)
            await ssl.WriteAsync(buffer.AsMemory(0, size)).ConfigureAwait(false);
        Ear.GiveBack(ref buffer);
        return true;
    }

    /// <summary>Puts the response with its length where the request was. How long they are together.</summary>
    int Answer(ReadOnlySpan<byte> request)
    {
        var response = Ear.Outgoing.AsSpan(0, LengthSize + StreamEar.LongestResponse);
        int size;
        try
        {
            size = request.IsEmpty ? 0 : Ear.Handler(request, response[LengthSize..], Sender);
        }
        catch (Exception e)
        {
            throw new HandlerFault(e);
        }

        if (size <= 0)
            return 0;
        BinaryPrimitives.WriteUInt16BigEndian(response, (ushort)size);
        response[..(LengthSize + size)].CopyTo(buffer);
        return LengthSize + size;
    }

    sealed class HandlerFault(Exception bug) : Exception(null, bug);
}
