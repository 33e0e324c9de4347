using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Oops.Bench.Notify;

/// <summary>Sends NOTIFYs for the zones in turn, at most a window of them unanswered, many per system call so that the sender is not what is measured.</summary>
internal sealed unsafe partial class NotifySender : IDisposable
{
    const int Window = 256;
    const int Batch = 64;
    const int ReplySize = 512;
    const int WaitForOne = 0x10000;

    readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    readonly byte[][] requests;
    readonly byte[] outgoing = GC.AllocateArray<byte>(Batch * ReplySize, pinned: true);
    readonly byte[] incoming = GC.AllocateArray<byte>(Batch * ReplySize, pinned: true);
    readonly MMsgHdr[] headers = GC.AllocateArray<MMsgHdr>(2 * Batch, pinned: true);
    readonly IoVec[] vectors = GC.AllocateArray<IoVec>(2 * Batch, pinned: true);
    int next;

    public NotifySender(IPEndPoint to, int zones)
    {
        socket.ReceiveBufferSize = 4 << 20;
        socket.SendBufferSize = 4 << 20;
        socket.ReceiveTimeout = 1000;
        socket.Connect(to);
        requests = [.. Enumerable.Range(0, zones).Select(Notify)];
        for (var i = 0; i < 2 * Batch; i++)
        {
            var buffer = i < Batch ? outgoing : incoming;
            vectors[i] = new IoVec { Base = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(buffer, i % Batch * ReplySize), Length = ReplySize };
            headers[i].Header = new MsgHdr { Vectors = (IoVec*)Marshal.UnsafeAddrOfPinnedArrayElement(vectors, i), VectorCount = 1 };
        }
    }

    /// <summary>Replies that were not NOERROR.</summary>
    public long Refused { get; private set; }

    /// <summary>One NOTIFY; true if it was answered.</summary>
    public bool Ping()
    {
        try
        {
            socket.Send(requests[0]);
            return socket.Receive(new byte[ReplySize]) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Sends for so long; gives what was answered and lost until the last reply, and how long that took.</summary>
    public (long Answered, long Lost, TimeSpan Took) Run(TimeSpan span)
    {
        long sent = 0, answered = 0, lost = 0;
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var over = Stopwatch.GetElapsedTime(began) >= span;
            while (!over && sent - answered - lost < Window)
                sent += Send((int)Math.Min(Batch, Window - (sent - answered - lost)));
            if (sent == answered + lost)
                return (answered, lost, Stopwatch.GetElapsedTime(began));
            var got = Receive();
            answered += got;
            if (got == 0) // silence for a second: the rest of the window is lost
                lost = sent - answered;
        }
    }

    public void Dispose() => socket.Dispose();

    int Send(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var request = requests[next];
            request.CopyTo(outgoing, i * ReplySize);
            BinaryPrimitives.WriteUInt16BigEndian(outgoing.AsSpan(i * ReplySize), (ushort)next);
            vectors[i].Length = (nuint)request.Length;
            next = (next + 1) % requests.Length;
        }

        var sent = SendMany((int)socket.Handle, (MMsgHdr*)Marshal.UnsafeAddrOfPinnedArrayElement(headers, 0), (uint)count, 0);
        return sent > 0 ? sent : throw new InvalidOperationException($"sendmmsg: errno {Marshal.GetLastPInvokeError()}");
    }

    int Receive()
    {
        var got = ReceiveMany((int)socket.Handle, (MMsgHdr*)Marshal.UnsafeAddrOfPinnedArrayElement(headers, Batch), Batch, WaitForOne, null);
        for (var i = 0; i < got; i++)
        {
            if ((incoming[i * ReplySize + 3] & 0xF) != 0 || incoming[i * ReplySize + 2] != 0xA4)
                Refused++;
        }

        return Math.Max(got, 0);
    }

    static byte[] Notify(int zone)
    {
        var label = $"z{zone}";
        return [0, 0, 0x24, 0, 0, 1, 0, 0, 0, 0, 0, 0, (byte)label.Length, .. System.Text.Encoding.ASCII.GetBytes(label), 7, .. "example"u8, 0, 0, 6, 0, 1];
    }

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    private static partial int SendMany(int socket, MMsgHdr* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    private static partial int ReceiveMany(int socket, MMsgHdr* messages, uint count, int flags, void* timeout);

    [StructLayout(LayoutKind.Sequential)]
    struct IoVec
    {
        public byte* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct MsgHdr
    {
        public void* Name;
        public uint NameLength;
        public IoVec* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct MMsgHdr
    {
        public MsgHdr Header;
        public uint Length;
    }
}
