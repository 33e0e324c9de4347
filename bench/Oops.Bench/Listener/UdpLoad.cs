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

/// <summary>
/// Asks the queries in turn over UDP, at most a window of them unanswered, many per system call so that it is not the one that is measured. Eight zeros in a query become a number that no other query has.
/// </summary>
internal sealed unsafe partial class UdpLoad : IDisposable
{
    const int Batch = 64;
    const int Room = 1024;
    const int WaitForOne = 0x10000, DoNotWait = 0x40;
    const int Longest = 200_000;

    static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);

    // struct sockaddr_in; struct cmsghdr with struct in_pktinfo, of which the second address is the sender's: ip(7).
    const int NameSize = 16, ControlSize = 32, SenderAt = 20;

    // Goes on from run to run, so that each name is new to a server that remembers.
    static uint number;

    readonly Socket socket;
    readonly byte[][] queries;
    readonly int[] stamps;
    readonly UdpOrder how;
    readonly byte* memory, names, controls;
    readonly CountedMessage* headers;
    readonly IoVector* vectors;

    // Of each ID that is out when it was sent; 0: it is not.
    readonly long[] sentAt = new long[65536];
    readonly int[] latencies = new int[Longest + 1];
    ushort id;
    int next;
    uint network;

    public UdpLoad(IPEndPoint to, byte[][] queries, UdpOrder how)
    {
        this.how = how;
        this.queries = how.Cookie ? Cookies.Add(queries, Cookies.Ask(to, queries[0])) : queries;
        stamps = [.. this.queries.Select(static q => q.AsSpan().IndexOf("00000000"u8))];
        socket = new(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20, SendBufferSize = 4 << 20, ReceiveTimeout = 500 };
        // Else each message says whom it is from, and to.
        if (how.Networks == 0) socket.Connect(to);
        memory = (byte*)NativeMemory.AllocZeroed((nuint)(2 * Batch * (Room + sizeof(CountedMessage) + sizeof(IoVector)) + Batch * (NameSize + ControlSize)));
        headers = (CountedMessage*)(memory + 2 * Batch * Room);
        vectors = (IoVector*)(headers + 2 * Batch);
        controls = (byte*)(vectors + 2 * Batch);
        names = controls + Batch * ControlSize;
        for (var i = 0; i < 2 * Batch; i++)
        {
            vectors[i] = new IoVector { Base = (nint)(memory + i * Room), Length = Room };
            headers[i].Header = new MessageHeader { Vectors = (nint)(vectors + i), VectorCount = 1 };
            if (i < Batch && how.Networks > 0) Address(i, to);
        }
    }

    /// <summary>Asks for so long.</summary>
    public LoadResult Run(TimeSpan span)
    {
        Array.Clear(sentAt);
        Array.Clear(latencies);
        long sent = 0, answered = 0, wrong = 0, lost = 0;
        var (began, last) = (Stopwatch.GetTimestamp(), 0L);
        var heard = began;
        while (true)
        {
            var over = Stopwatch.GetElapsedTime(began) >= span;
            // Half a batch at least: else each answer would make a call of its own.
            while (!over && Allowed() is var allowed && allowed >= Math.Min(how.Window, Batch / 2)) sent += Send((int)Math.Min(Batch, allowed));
            if (over && sent == answered + wrong + lost) break;
            var got = ReceiveMany((int)socket.Handle, headers + Batch, Batch, over ? WaitForOne : DoNotWait, 0);
            if (got <= 0)
            {
                // It never sleeps: a server that has to wake up who asks would pay for that.
                if (!over && (sent == answered + wrong + lost || Stopwatch.GetElapsedTime(heard) < Silence)) continue;
                // What is out after silence is lost.
                lost = sent - answered - wrong;
                Array.Clear(sentAt);
                heard = Stopwatch.GetTimestamp();
                continue;
            }

            last = heard = Stopwatch.GetTimestamp();
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

        long Allowed()
        {
            var window = how.Window - (sent - answered - wrong - lost);
            return how.Rate == 0 ? window : Math.Min(window, (long)(how.Rate * Stopwatch.GetElapsedTime(began).TotalSeconds) - sent);
        }
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
            var at = (next + i) % queries.Length;
            var query = queries[at];
            var to = new Span<byte>(memory + i * Room, Room);
            query.CopyTo(to);
            BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)(id + i));
            if (stamps[at] >= 0) (number++ % 100_000_000).TryFormat(to[stamps[at]..], out _, "00000000");
            vectors[i].Length = (nuint)query.Length;
            if (how.Networks > 0) BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(controls + i * ControlSize + SenderAt, 4), 0x7F000001 + (network++ % (uint)how.Networks << 8));
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

    void Address(int i, IPEndPoint to)
    {
        var name = new Span<byte>(names + i * NameSize, NameSize);
        BinaryPrimitives.WriteUInt16LittleEndian(name, 2);
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], (ushort)to.Port);
        to.Address.TryWriteBytes(name[4..], out _);
        var control = new Span<byte>(controls + i * ControlSize, ControlSize);
        BinaryPrimitives.WriteUInt64LittleEndian(control, 28); // cmsghdr and in_pktinfo
        BinaryPrimitives.WriteInt32LittleEndian(control[12..], 8); // IPPROTO_IP is 0, IP_PKTINFO is 8
        headers[i].Header.Name = (nint)(names + i * NameSize);
        headers[i].Header.NameLength = NameSize;
        headers[i].Header.Control = (nint)(controls + i * ControlSize);
        headers[i].Header.ControlLength = ControlSize;
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
