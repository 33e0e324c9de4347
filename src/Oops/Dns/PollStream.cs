using System.Threading.Tasks.Sources;
using Oops.Native;

namespace Oops.Dns;

/// <summary>
/// A connection of a <see cref="StreamEar"/> as a stream, for SslStream. What waits for the peer goes on within <see cref="Readable"/> and <see cref="Writable"/>, on the ear's thread: nothing
/// that a peer sends makes work for the pool, and all that SslStream computes is done by the one thread. At most one read and one write at a time.
/// </summary>
internal sealed class PollStream(int fd) : Stream, IValueTaskSource<int>, IValueTaskSource
{
    // Not on the pool: the continuation runs where the result is set.
    ManualResetValueTaskSourceCore<int> read = new() { RunContinuationsAsynchronously = false };
    ManualResetValueTaskSourceCore<bool> write = new() { RunContinuationsAsynchronously = false };
    Memory<byte> into;
    ReadOnlyMemory<byte> from;
    bool reads, writes, mayRead, broken;

    public EpollEvents Wanted => (reads ? EpollEvents.In : EpollEvents.None) | (writes ? EpollEvents.Out : EpollEvents.None);

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>There is something to be read: once, and then the others have their turn.</summary>
    public void Readable()
    {
        mayRead = true;
        if (!reads)
            return;
        // A read of nothing asks to be told; the one that follows it reads.
        if (into.IsEmpty)
            EndRead(0);
        else if (TryRead(out var n, out var errno))
            EndRead(n, errno);
    }

    /// <summary>The peer takes more.</summary>
    public void Writable()
    {
        if (!writes || !TryWrite(out var errno))
            return;
        writes = false;
        if (errno == 0)
            write.SetResult(true);
        else
            write.SetException(Hangup(errno));
    }

    /// <summary>What waits fails, and whatever is tried from now on.</summary>
    public void Break()
    {
        broken = true;
        if (reads)
            EndRead(-1, Errno.Canceled);
        if (!writes)
            return;
        writes = false;
        write.SetException(Hangup(Errno.Canceled));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (broken)
            return ValueTask.FromException<int>(Hangup(Errno.Canceled));
        if (!buffer.IsEmpty && TryRead(buffer, out var n, out var errno))
            return errno == 0 ? ValueTask.FromResult(n) : ValueTask.FromException<int>(Hangup(errno));
        into = buffer;
        read.Reset();
        reads = true;
        return new ValueTask<int>(this, read.Version);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (broken)
            return ValueTask.FromException(Hangup(Errno.Canceled));
        from = buffer;
        if (TryWrite(out var errno))
            return errno == 0 ? ValueTask.CompletedTask : ValueTask.FromException(Hangup(errno));
        write.Reset();
        writes = true;
        return new ValueTask(this, write.Version);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => read.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token) => write.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => write.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => write.OnCompleted(continuation, state, token, flags);

    void EndRead(int n, int errno = 0)
    {
        reads = false;
        into = default;
        if (errno == 0)
            read.SetResult(n);
        else
            read.SetException(Hangup(errno));
    }

    bool TryRead(out int n, out int errno) => TryRead(into, out n, out errno);

    /// <summary>False: it has to wait for its turn, or for the peer.</summary>
    bool TryRead(Memory<byte> buffer, out int n, out int errno)
    {
        (n, errno) = (0, Errno.Again);
        if (!mayRead)
            return false;
        mayRead = false;
        n = StreamCalls.Receive(fd, buffer.Span, out errno);
        return errno != Errno.Again;
    }

    bool TryWrite(out int errno)
    {
        errno = 0;
        while (!from.IsEmpty)
        {
            var n = StreamCalls.Send(fd, from.Span, out errno);
            if (n < 0)
                return errno != Errno.Again;
            from = from[n..];
        }

        return true;
    }

    static IOException Hangup(int errno) => Errno.Fatal("the connection ended", errno);
}
