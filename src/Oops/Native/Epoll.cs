using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>What epoll(7) reports, and what can be asked for.</summary>
[Flags]
internal enum EpollEvents : uint
{
    /// <summary>Only errors and hang-ups, which are always reported.</summary>
    None = 0,
    In = 0x001,
    Out = 0x004,
    Error = 0x008,
    HangUp = 0x010,

    /// <summary>Reported once, then nothing at all until it is asked for again.</summary>
    OneShot = 1u << 30,
}

/// <summary>One ready descriptor, known by the token that it was added with.</summary>
internal readonly record struct EpollReady(long Token, EpollEvents Events);

/// <summary>
/// An epoll(7) set and an eventfd to wake its waiter. One thread waits; any thread may add, remove and wake. A thread that waits here
/// gets a process's exit from the kernel itself, with no thread-pool hop between.
/// </summary>
internal sealed partial class Epoll : IDisposable
{
    const int CloseOnExec = 0x80000;
    const int NonBlocking = 0x800;
    const int MaxReady = 64;
    const long WakeToken = long.MinValue;

    // The kernel's struct is packed on x86-64 only.
    static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    readonly Descriptor epoll;
    readonly Descriptor wake;
    readonly byte[] buffer = new byte[MaxReady * 16];
    readonly byte[] drained = new byte[8];

    public Epoll()
    {
        epoll = new Descriptor(Create(CloseOnExec));
        if (epoll.IsInvalid) throw Errno.Fatal("epoll_create1", Marshal.GetLastPInvokeError());
        wake = new Descriptor(EventFd(0, CloseOnExec | NonBlocking));
        if (wake.IsInvalid)
        {
            epoll.Dispose();
            throw Errno.Fatal("eventfd", Marshal.GetLastPInvokeError());
        }

        Add(wake, EpollEvents.In, WakeToken);
    }

    /// <summary>Watches a descriptor, level-triggered.</summary>
    public void Add(Descriptor fd, EpollEvents events, long token) => Control(1, fd, events, token);

    /// <summary>Changes what is asked for.</summary>
    public void Modify(Descriptor fd, EpollEvents events, long token) => Control(3, fd, events, token);

    /// <summary>Watches a descriptor by its number, of which the caller is the one owner: closing it ends the watching.</summary>
    public void Add(int fd, EpollEvents events, long token) => Control(1, fd, events, token);

    /// <summary>Changes what is asked for.</summary>
    public void Modify(int fd, EpollEvents events, long token) => Control(3, fd, events, token);

    /// <summary>Stops watching. Must come before the descriptor is closed; an unknown one is no error.</summary>
    public void Remove(Descriptor fd)
    {
        Span<byte> none = stackalloc byte[16];
        _ = Ctl(2, fd, none);
    }

    /// <summary>Ends the current or the next <see cref="Wait"/> at once. Any thread.</summary>
    public void Wake()
    {
        Span<byte> one = stackalloc byte[8];
        BitConverter.TryWriteBytes(one, 1L);
        try
        {
            wake.Write(one, out _);
        }
        catch (ObjectDisposedException)
        {
            // Woken while it is closed: there is no waiter left.
        }
    }

    /// <summary>
    /// Waits until something is ready, <see cref="Wake"/> was called or the time is over, and fills <paramref name="ready"/>. Returns how many; 0 for a wake-up, a
    /// signal or the timeout. <see cref="Timeout.InfiniteTimeSpan"/> waits for ever; parts of a millisecond are rounded up.
    /// </summary>
    public unsafe int Wait(Span<EpollReady> ready, TimeSpan timeout)
    {
        var milliseconds = timeout == Timeout.InfiniteTimeSpan ? -1 : (int)Math.Clamp(Math.Ceiling(timeout.TotalMilliseconds), 0, int.MaxValue);
        int n;
        fixed (byte* p = buffer)
            n = WaitFd(epoll, p, Math.Min(ready.Length, MaxReady), milliseconds);
        var count = 0;
        for (var i = 0; i < n; i++)
        {
            var e = buffer.AsSpan(i * EventSize, EventSize);
            var token = BitConverter.ToInt64(e[(EventSize - 8)..]);
            if (token == WakeToken)
            {
                wake.Read(drained, out _);
                continue;
            }

            ready[count++] = new(token, (EpollEvents)BitConverter.ToUInt32(e));
        }

        return count;
    }

    public void Dispose()
    {
        epoll.Dispose();
        wake.Dispose();
    }

    void Control(int operation, Descriptor fd, EpollEvents events, long token)
    {
        Span<byte> e = stackalloc byte[16];
        e.Clear();
        BitConverter.TryWriteBytes(e, (uint)events);
        BitConverter.TryWriteBytes(e[(EventSize - 8)..], token);
        if (Ctl(operation, fd, e) != 0) throw Errno.Fatal("epoll_ctl", Marshal.GetLastPInvokeError());
    }

    unsafe void Control(int operation, int fd, EpollEvents events, long token)
    {
        var e = stackalloc byte[16];
        *(uint*)e = (uint)events;
        *(long*)(e + EventSize - 8) = token;
        if (CtlNumber(epoll, operation, fd, e) != 0) throw Errno.Fatal("epoll_ctl", Marshal.GetLastPInvokeError());
    }

    unsafe int Ctl(int operation, Descriptor fd, Span<byte> e)
    {
        fixed (byte* p = e)
            return CtlFd(epoll, operation, fd, p);
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static unsafe partial int CtlFd(Descriptor epoll, int operation, Descriptor fd, void* e);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static unsafe partial int CtlNumber(Descriptor epoll, int operation, int fd, void* e);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static unsafe partial int WaitFd(Descriptor epoll, void* events, int max, int timeout);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);
}
