using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>
/// Many datagrams per system call (recvmmsg(2), sendmmsg(2)), each with its sender's address, in memory of its own that is taken once. A response goes to whom the request came from.
/// One thread uses it.
/// </summary>
internal sealed unsafe partial class DatagramBatch : IDisposable
{
    /// <summary>Most datagrams per call.</summary>
    public const int Size = 32;

    /// <summary>Longest datagram that is taken whole. No request in use comes near it; what is longer is known by <see cref="IsCut"/>.</summary>
    public const int LongestRequest = 4096;

    public const int LongestResponse = 4096;

    // A cache line more than the longest: at a distance of 4096 all beginnings would share one set of the processor's first cache.
    const int Stride = 4096 + 64;
    const int NameSize = 28;
    const int NameStride = 32;
    const int Truncated = 0x20;
    const int NoSignal = 0x4000;
    const int WaitForOne = 0x10000;
    const int ShutBoth = 2;

    readonly byte* requests;
    readonly byte* responses;
    readonly byte* names;
    readonly CountedMessage* incoming;
    readonly CountedMessage* outgoing;
    readonly IoVector* vectors;
    void* memory;
    int received = Size;
    int answers;

    public DatagramBatch()
    {
        var size = (nuint)(Size * (2 * Stride + NameStride + 2 * sizeof(CountedMessage) + 2 * sizeof(IoVector)));
        memory = NativeMemory.AlignedAlloc(size, 64);
        requests = (byte*)memory;
        responses = requests + Size * Stride;
        names = responses + Size * Stride;
        incoming = (CountedMessage*)(names + Size * NameStride);
        outgoing = incoming + Size;
        vectors = (IoVector*)(outgoing + Size);
        // Not the buffers: their pages are the kernel's to give when a datagram needs them.
        NativeMemory.Clear(names, (nuint)((byte*)(vectors + 2 * Size) - names));
        for (var i = 0; i < Size; i++)
        {
            vectors[i] = new IoVector { Base = (nint)(requests + i * Stride), Length = LongestRequest };
            incoming[i].Header = new MessageHeader { Name = (nint)(names + i * NameStride), Vectors = (nint)(vectors + i), VectorCount = 1 };
            outgoing[i].Header = new MessageHeader { Vectors = (nint)(vectors + Size + i), VectorCount = 1 };
        }
    }

    /// <summary>Waits for one datagram and takes what else is there, without waiting for more. How many, or an errno, negated. What was answered before and not sent is forgotten.</summary>
    public int Receive(SafeHandle socket)
    {
        for (var i = 0; i < received; i++)
            incoming[i].Header.NameLength = NameSize;
        answers = 0;
        var n = ReceiveMany(socket, incoming, Size, WaitForOne, 0);
        received = Math.Max(n, 0);
        return n < 0 ? -Marshal.GetLastPInvokeError() : n;
    }

    /// <summary>The datagram, or its beginning.</summary>
    public ReadOnlySpan<byte> Request(int i) => new(requests + i * Stride, (int)incoming[i].Length);

    /// <summary>It was longer than <see cref="LongestRequest"/>, and its end is lost.</summary>
    public bool IsCut(int i) => (incoming[i].Header.Flags & Truncated) != 0;

    /// <summary>Who sent it: a sockaddr_in or sockaddr_in6.</summary>
    public Span<byte> Name(int i) => new(names + i * NameStride, NameSize);

    /// <summary>Where the next response goes.</summary>
    public Span<byte> Response => new(responses + answers * Stride, LongestResponse);

    /// <summary>What is in <see cref="Response"/> is the answer to request <paramref name="i"/>. At most one to each.</summary>
    public void Answer(int i, int length)
    {
        ref var message = ref outgoing[answers];
        message.Header.Name = incoming[i].Header.Name;
        message.Header.NameLength = incoming[i].Header.NameLength;
        vectors[Size + answers] = new IoVector { Base = (nint)(responses + answers * Stride), Length = (nuint)length };
        answers++;
    }

    /// <summary>Sends the answers. One that the kernel refuses (ENETUNREACH, EPERM by a packet filter, ENOBUFS) is that peer's affair, and the others go. Returns how many were refused.</summary>
    public int Send(SafeHandle socket)
    {
        var refused = 0;
        for (var at = 0; at < answers;)
        {
            var n = SendMany(socket, outgoing + at, (uint)(answers - at), NoSignal);
            // An error is told only of the first one; of one behind it the next call tells.
            if (n > 0)
                at += n;
            else if (Marshal.GetLastPInvokeError() != Errno.Interrupted)
            {
                at++;
                refused++;
            }
        }

        answers = 0;
        return refused;
    }

    /// <summary>Ends a <see cref="Receive"/> of this socket that waits, and each one after it. Linux does that for a socket without a peer too, with ENOTCONN.</summary>
    public static void EndReceives(SafeHandle socket) => _ = Shutdown(socket, ShutBoth);

    public void Dispose()
    {
        NativeMemory.AlignedFree(memory);
        memory = null;
    }

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    private static partial int ReceiveMany(SafeHandle socket, CountedMessage* messages, uint count, int flags, nint timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    private static partial int SendMany(SafeHandle socket, CountedMessage* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int Shutdown(SafeHandle socket, int how);
}
