using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Oops.Native;

namespace Oops.Bench.Listener;

/// <summary>What one run of a load saw.</summary>
/// <param name="Rate">Right answers per second.</param>
/// <param name="Lost">Not answered.</param>
/// <param name="Wrong">Answers that are no good.</param>
/// <param name="Median">Microseconds from the question to its answer.</param>
/// <param name="P99">The same, 99 of a hundred.</param>
internal readonly record struct LoadResult(double Rate, long Lost, long Wrong, double Median, double P99);

/// <summary>Asks the queries in turn over UDP, at most a window of them unanswered, many per system call so that it is not the one that is measured.</summary>
internal sealed unsafe partial class UdpLoad : IDisposable
{
    const int Batch = 64;
    const int Room = 1024;
    const int WaitForOne = 0x10000;
    const int Longest = 200_000;

    readonly Socket socket;
    readonly byte[][] queries;
    readonly int window;
    readonly byte* memory;
    readonly CountedMessage* headers;
    readonly IoVector* vectors;

    // Of each ID that is out when it was sent; 0: it is not.
    readonly long[] sentAt = new long[65536];
    readonly int[] latencies = new int[Longest + 1];
    ushort id;
    int next;

    public UdpLoad(IPEndPoint to, byte[][] queries, int window)
    {
        this.queries = queries;
        this.window = window;
        socket = new(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20, SendBufferSize = 4 << 20, ReceiveTimeout = 500 };
        socket.Connect(to);
        memory = (byte*)NativeMemory.AllocZeroed((nuint)(2 * Batch * (Room + sizeof(CountedMessage) + sizeof(IoVector))));
        headers = (CountedMessage*)(memory + 2 * Batch * Room);
        vectors = (IoVector*)(headers + 2 * Batch);
        for (var i = 0; i < 2 * Batch; i++)
        {
            vectors[i] = new IoVector { Base = (nint)(memory + i * Room), Length = Room };
            headers[i].Header = new MessageHeader { Vectors = (nint)(vectors + i), VectorCount = 1 };
        }
    }

    /// <summary>Asks for so long.</summary>
    public LoadResult Run(TimeSpan span)
    {
        Array.Clear(sentAt);
        Array.Clear(latencies);
        long sent = 0, answered = 0, wrong = 0, lost = 0;
        var (began, last) = (Stopwatch.GetTimestamp(), 0L);
        while (true)
        {
            var over = Stopwatch.GetElapsedTime(began) >= span;
            // Half a batch at least: else each answer would make a call of its own.
            while (!over && window - (sent - answered - wrong - lost) >= Math.Min(window, Batch / 2))
                sent += Send((int)Math.Min(Batch, window - (sent - answered - wrong - lost)));
            if (sent == answered + wrong + lost) break;
            var got = ReceiveMany((int)socket.Handle, headers + Batch, Batch, WaitForOne, 0);
            // Silence for half a second: what is out is lost.
            if (got <= 0)
            {
                lost = sent - answered - wrong;
                Array.Clear(sentAt);
                continue;
            }

            last = Stopwatch.GetTimestamp();
            for (var i = 0; i < got; i++)
            {
                var response = new ReadOnlySpan<byte>(memory + (Batch + i) * Room, (int)headers[Batch + i].Length);
                ref var at = ref sentAt[response.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(response)];
                if (at == 0) continue; // long after it was given up
                latencies[(int)Math.Min(Longest, Stopwatch.GetElapsedTime(at, last).TotalMicroseconds)]++;
                at = 0;
                if (Queries.IsAnswer(response)) answered++;
                else wrong++;
            }
        }

        return new(answered / Stopwatch.GetElapsedTime(began, last).TotalSeconds, lost, wrong, Quantile(0.5, answered + wrong), Quantile(0.99, answered + wrong));
    }

    public void Dispose()
    {
        socket.Dispose();
        NativeMemory.Free(memory);
    }

    int Send(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var query = queries[(next + i) % queries.Length];
            query.CopyTo(new Span<byte>(memory + i * Room, Room));
            BinaryPrimitives.WriteUInt16BigEndian(new Span<byte>(memory + i * Room, 2), (ushort)(id + i));
            vectors[i].Length = (nuint)query.Length;
        }

        var now = Stopwatch.GetTimestamp();
        var sent = SendMany((int)socket.Handle, headers, (uint)count, 0);
        // ECONNREFUSED of one before it: it is asked again.
        if (sent <= 0) return 0;
        for (var i = 0; i < sent; i++) sentAt[(ushort)(id + i)] = now;
        id = (ushort)(id + sent);
        next = (next + sent) % queries.Length;
        return sent;
    }

    double Quantile(double share, long all)
    {
        var rest = (long)(all * share);
        for (var i = 0; i < latencies.Length; i++)
            if ((rest -= latencies[i]) < 0) return i;
        return Longest;
    }

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    private static partial int SendMany(int socket, CountedMessage* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    private static partial int ReceiveMany(int socket, CountedMessage* messages, uint count, int flags, nint timeout);
}
