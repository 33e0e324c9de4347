using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Oops.Dns;

/// <summary>One connection to a server, over TCP or TLS: messages out of a buffer that is filled with all that has come, so that many messages cost one system call.</summary>
internal sealed class MessageStream : IDisposable
{
    const int LengthSize = 2;
    const int BufferSize = 256 * 1024;

    readonly byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    Socket? socket;
    SslStream? tls;
    int from, held;

    /// <summary>A message has come in part.</summary>
    public bool IsWithinMessage => held > from;

    /// <summary>A message has come whole.</summary>
    public bool HasMessage => held - from >= LengthSize && held - from >= LengthSize + BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(from));

    /// <summary>Comes before all else. That there is no socket to be had (no such address family on this host, no descriptor left) is a failure like any other.</summary>
    public ValueTask ConnectAsync(IPEndPoint server, CancellationToken stop)
    {
        socket = new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        return socket.ConnectAsync(server, stop);
    }

    /// <summary>Begins TLS. Null: done; else why a file of ours is not usable.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<string?> SecureAsync(TlsJudge judge, TimeProvider time, CancellationToken stop)
    {
        (tls, var why) = await judge.BeginAsync(new NetworkStream(socket!, ownsSocket: false), time, stop).ConfigureAwait(false);
        return tls is null ? why : null;
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        if (tls is not null)
        {
            await tls.WriteAsync(data, stop).ConfigureAwait(false);
            return;
        }

        while (!data.IsEmpty)
            data = data[await socket!.SendAsync(data, SocketFlags.None, stop).ConfigureAwait(false)..];
    }

    /// <summary>The next message that has come whole; it is valid until the next is asked for. False: more must come.</summary>
    public bool TryNext(out ReadOnlySpan<byte> message)
    {
        message = default;
        if (!HasMessage)
            return false;
        int size = BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(from));
        message = buffer.AsSpan(from + LengthSize, size);
        from += LengthSize + size;
        return true;
    }

    /// <summary>Waits for more; false: the peer has closed.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken stop)
    {
        buffer.AsSpan(from, held - from).CopyTo(buffer);
        (from, held) = (0, held - from);
        var room = buffer.AsMemory(held);
        var got = tls is null ? await socket!.ReceiveAsync(room, SocketFlags.None, stop).ConfigureAwait(false) : await tls.ReadAsync(room, stop).ConfigureAwait(false);
        held += got;
        return got > 0;
    }

    public void Dispose()
    {
        tls?.Dispose();
        socket?.Dispose();
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
