using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Oops.Lab.Harness;

/// <summary>One BGP UPDATE about our prefix as the upstream's interface got it.</summary>
internal readonly record struct WireUpdate(long Nanoseconds, bool Withdrawn);

/// <summary>
/// Listens on the upstream's end of the veth (AF_PACKET) and keeps the kernel's time stamp of each UPDATE that announces or withdraws the prefix. CLOCK_REALTIME,
/// the same as <see cref="Now"/>.
/// </summary>
internal sealed unsafe partial class WireTap : IDisposable
{
    const int AfPacket = 17;
    const int SockRaw = 3;
    const int SolSocket = 1;
    const int SoReceiveTimeout = 20;
    const int SoTimestampNs = 35;
    const int CloneNewNet = 0x40000000;

    readonly List<WireUpdate> updates = [];
    readonly byte[] nlri;
    readonly Thread thread;
    readonly ManualResetEventSlim open = new();
    volatile bool stop;
    Exception? failure;

    /// <summary>An IPv4 prefix of /32.</summary>
    public WireTap(string address)
    {
        nlri = [32, .. System.Net.IPAddress.Parse(address).GetAddressBytes()];
        thread = new Thread(Run) { IsBackground = true, Name = "tap" };
        thread.Start();
        open.Wait();
        if (failure is not null)
            throw new InvalidOperationException("cannot listen on the upstream's interface", failure);
    }

    /// <summary>CLOCK_REALTIME in nanoseconds.</summary>
    public static long Now()
    {
        TimeSpec time;
        _ = ClockGetTime(0, &time);
        return time.Seconds * 1_000_000_000 + time.Nanoseconds;
    }

    /// <summary>The first such UPDATE after the instant; null: none yet.</summary>
    public WireUpdate? First(long after, bool withdrawn)
    {
        lock (updates)
        {
            foreach (WireUpdate update in updates)
                if (update.Nanoseconds >= after && update.Withdrawn == withdrawn)
                    return update;
            return null;
        }
    }

    public void Dispose()
    {
        stop = true;
        thread.Join();
        open.Dispose();
    }

    void Run()
    {
        int fd = -1;
        try
        {
            fd = Open();
            open.Set();
            byte[] packet = new byte[65536];
            byte[] control = new byte[256];
            while (!stop)
                Receive(fd, packet, control);
        }
        catch (Exception e)
        {
            failure = e;
            open.Set();
        }
        finally
        {
            if (fd >= 0)
                _ = Close(fd);
        }
    }

    /// <summary>The thread goes over to the upstream's namespace for good; the socket stays where it was made.</summary>
    static int Open()
    {
        using (var ns = File.OpenHandle(Lab.UpstreamNamespace))
            Check(SetNs((int)ns.DangerousGetHandle(), CloneNewNet), "setns");
        int fd = Check(Socket(AfPacket, SockRaw, BinaryPrimitives.ReverseEndianness((ushort)3)), "socket");
        byte* address = stackalloc byte[20];
        new Span<byte>(address, 20).Clear();
        *(ushort*)address = AfPacket;
        *(ushort*)(address + 2) = BinaryPrimitives.ReverseEndianness((ushort)3);
        *(int*)(address + 4) = (int)Check((int)IfNameToIndex(Lab.UpstreamInterface), "if_nametoindex");
        Check(Bind(fd, address, 20), "bind");
        int on = 1;
        Check(SetSockOpt(fd, SolSocket, SoTimestampNs, &on, sizeof(int)), "SO_TIMESTAMPNS");
        TimeSpec wait = new() { Seconds = 0, Nanoseconds = 100_000 };
        Check(SetSockOpt(fd, SolSocket, SoReceiveTimeout, &wait, (uint)sizeof(TimeSpec)), "SO_RCVTIMEO");
        return fd;
    }

    void Receive(int fd, byte[] packet, byte[] control)
    {
        fixed (byte* data = packet)
        fixed (byte* ancillary = control)
        {
            var part = new IoVec { Base = data, Length = (nuint)packet.Length };
            var header = new MsgHdr { Parts = &part, PartCount = 1, Control = ancillary, ControlLength = (nuint)control.Length };
            nint count = RecvMsg(fd, &header, 0);
            if (count <= 0 || header.ControlLength < 32)
                return;
            // One control message: length (8), level (4), type (4), timespec.
            long stamp = *(long*)(ancillary + 16) * 1_000_000_000 + *(long*)(ancillary + 24);
            Take(packet.AsSpan(0, (int)count), stamp);
        }
    }

    /// <summary>Ethernet, IPv4, TCP from port 179 or to it; BIRD sends whole BGP messages in a segment.</summary>
    void Take(ReadOnlySpan<byte> frame, long stamp)
    {
        if (frame.Length < 54 || frame[12] != 0x08 || frame[13] != 0 || frame[23] != 6 || !frame.Slice(26, 4).SequenceEqual(System.Net.IPAddress.Parse(Lab.Node4).GetAddressBytes()))
            return;
        int ip = 14 + (frame[14] & 15) * 4;
        int total = 14 + BinaryPrimitives.ReadUInt16BigEndian(frame[16..]);
        int tcp = ip + (frame[ip + 12] >> 4) * 4;
        if (BinaryPrimitives.ReadUInt16BigEndian(frame[ip..]) != 179 && BinaryPrimitives.ReadUInt16BigEndian(frame[(ip + 2)..]) != 179)
            return;
        for (ReadOnlySpan<byte> rest = frame[tcp..Math.Min(total, frame.Length)]; rest.Length >= 23;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[16..]);
            if (length < 19 || length > rest.Length)
                return;
            if (rest[18] == 2)
                Update(rest[19..length], stamp);
            rest = rest[length..];
        }
    }

    void Update(ReadOnlySpan<byte> body, long stamp)
    {
        int withdrawn = BinaryPrimitives.ReadUInt16BigEndian(body);
        if (2 + withdrawn + 2 > body.Length)
            return;
        int attributes = BinaryPrimitives.ReadUInt16BigEndian(body[(2 + withdrawn)..]);
        ReadOnlySpan<byte> announced = body[Math.Min(body.Length, 4 + withdrawn + attributes)..];
        lock (updates)
        {
            if (body.Slice(2, withdrawn).IndexOf(nlri) >= 0)
                updates.Add(new WireUpdate(stamp, true));
            if (announced.IndexOf(nlri) >= 0)
                updates.Add(new WireUpdate(stamp, false));
        }
    }

    static int Check(int result, string what) =>
        result < 0 ? throw new InvalidOperationException($"{what}: {Marshal.GetLastPInvokeErrorMessage()}") : result;

    struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    struct IoVec
    {
        public byte* Base;
        public nuint Length;
    }

    struct MsgHdr
    {
        public byte* Name;
        public uint NameLength;
        public IoVec* Parts;
        public nuint PartCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, TimeSpec* time);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNs(int fd, int type);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int fd, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSockOpt(int fd, int level, int option, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial uint IfNameToIndex(string name);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint RecvMsg(int fd, MsgHdr* header, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
