using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>Tries something without blocking. 0: it is done; <see cref="Errno.Again"/>: not yet; else the errno.</summary>
internal delegate int TcpAttempt<T>(out T result);

/// <summary>A TCP socket in the table of <see cref="TcpThread"/>. Everything is called on that thread, but <see cref="WhenReadyAsync"/>; nothing blocks, and what fails says so by its errno.</summary>
internal sealed partial class TcpSocket
{
    const int Stream = 1;
    const int NonBlockingCloseOnExec = 0x80800;
    const int LevelSocket = 1, LevelTcp = 6, LevelIp6 = 41;
    const int ReuseAddress = 2, Linger = 13, NoDelay = 1, OnlyIp6 = 26;
    const int ShutBoth = 2;
    const int NoSignal = 0x4000;

    // SIOCOUTQ, the same number as TIOCOUTQ.
    const nuint OutQueue = 0x5411;

    // What comes while it is closed and nobody reads would make the kernel reset the connection, and drop what it has not sent: so much is read away.
    const int MostUnread = 64;

    readonly TcpThread thread;
    Func<bool>? reading, writing;
    EpollEvents armed;
    bool closed;

    TcpSocket(TcpThread thread, int fd, AddressFamily family)
    {
        (this.thread, Handle, Family) = (thread, new Descriptor(fd, ownsHandle: false), family);
        Token = thread.Add(this);
    }

    /// <summary>No finalizer closes it: elsewhere its number is another file's.</summary>
    public Descriptor Handle { get; }

    public AddressFamily Family { get; }

    public long Token { get; }

    /// <summary>A new one, of one family alone.</summary>
    public static TcpSocket Open(TcpThread thread, AddressFamily family)
    {
        var fd = Create(family == AddressFamily.InterNetwork ? 2 : 10, Stream | NonBlockingCloseOnExec, 0);
        if (fd < 0) throw Failure(Marshal.GetLastPInvokeError());
        var socket = Own(thread, fd, family);
        if (family == AddressFamily.InterNetworkV6) _ = socket.Set(LevelIp6, OnlyIp6, 1);
        _ = socket.Set(LevelTcp, NoDelay, 1);
        return socket;
    }

    /// <summary>The kernel's word, and its errno as the HResult.</summary>
    public static IOException Failure(int errno) => new(Reason.Of(errno), errno);

    /// <summary>Also where connections of a former run still linger.</summary>
    public int Bind(IPEndPoint at)
    {
        _ = Set(LevelSocket, ReuseAddress, 1);
        var address = at.Serialize();
        return Of(BindFd(Handle, ref MemoryMarshal.GetReference(address.Buffer.Span), address.Size));
    }

    public int Listen(int backlog) => Of(ListenFd(Handle, backlog));

    /// <summary>Begins to connect, and tells how far that is.</summary>
    public int Connect(IPEndPoint to)
    {
        var address = to.Serialize();
        return closed ? Errno.Canceled : Of(ConnectFd(Handle, ref MemoryMarshal.GetReference(address.Buffer.Span), address.Size)) switch
        {
            Errno.InProgress or Errno.Already => Errno.Again,
            Errno.IsConnected => 0,
            var errno => errno,
        };
    }

    public int Accept(out TcpSocket? accepted)
    {
        accepted = null;
        if (closed) return Errno.Canceled;
        var fd = AcceptFd(Handle, 0, 0, NonBlockingCloseOnExec);
        if (fd < 0) return Marshal.GetLastPInvokeError();
        try
        {
            accepted = Own(thread, fd, Family);
        }
        catch (IOException e)
        {
            return e.HResult;
        }

        _ = accepted.Set(LevelTcp, NoDelay, 1);
        return 0;
    }

    public int Receive(Span<byte> into, out int count)
    {
        count = 0;
        if (closed) return Errno.Canceled;
        var n = ReceiveFd(Handle, ref MemoryMarshal.GetReference(into), into.Length, 0);
        count = (int)Math.Max(0, n);
        return Of(n);
    }

    public int Send(ReadOnlySpan<byte> bytes, out int count)
    {
        count = 0;
        if (closed) return Errno.Canceled;
        var n = SendFd(Handle, ref MemoryMarshal.GetReference(bytes), bytes.Length, NoSignal);
        count = (int)Math.Max(0, n);
        return Of(n);
    }

    /// <summary>Octets that were sent and that the peer's kernel has not acknowledged; 0 also where it is closed.</summary>
    public int Unacknowledged()
    {
        var octets = 0;
        return !closed && IoControl(Handle, OutQueue, ref octets) == 0 ? octets : 0;
    }

    public int Set(int level, int option, int value) => Set(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    public int Set(int level, int option, ReadOnlySpan<byte> value) => closed ? Errno.Canceled : Of(SetOption(Handle, level, option, ref MemoryMarshal.GetReference(value), value.Length));

    public int Get(int level, int option, out int value)
    {
        value = 0;
        var size = sizeof(int);
        return Of(GetOption(Handle, level, option, ref value, ref size));
    }

    /// <summary>Its own end, or the peer's; null: there is none.</summary>
    public IPEndPoint? Address(bool peers)
    {
        var address = new SocketAddress(Family);
        var size = address.Size;
        ref var to = ref MemoryMarshal.GetReference(address.Buffer.Span);
        return (peers ? PeerName(Handle, ref to, ref size) : SocketName(Handle, ref to, ref size)) == 0 ? (IPEndPoint)new IPEndPoint(Family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0).Create(address) : null;
    }

    /// <summary>Closes it. A FIN goes out behind the last octets that the kernel has, or with <paramref name="reset"/> a RST in their stead.</summary>
    public void Close(bool reset = false)
    {
        if (closed) return;
        if (reset)
        {
            // struct linger: on, and no second at all.
            _ = Set(LevelSocket, Linger, BitConverter.GetBytes(1L));
        }
        else
        {
            _ = ShutdownFd(Handle, ShutBoth);
            Span<byte> unread = stackalloc byte[4096];
            for (var i = 0; i < MostUnread && Receive(unread, out var n) == 0 && n > 0; i++) { }
        }

        thread.Remove(this);
        closed = true;
        _ = CloseFd(Handle);
        // Who still waits for it hears of it.
        _ = reading?.Invoke();
        _ = writing?.Invoke();
        (reading, writing) = (null, null);
    }

    /// <summary>Something of what was armed for is ready.</summary>
    public void Serve()
    {
        armed = EpollEvents.None;
        if (reading?.Invoke() == true) reading = null;
        if (writing?.Invoke() == true) writing = null;
        Arm();
    }

    /// <summary>Tries it now, and again whenever the socket is ready, until it returns true. One at a time for each direction.</summary>
    public void Want(EpollEvents on, Func<bool> attempt)
    {
        ref var slot = ref on == EpollEvents.In ? ref reading : ref writing;
        if (slot is not null && slot != attempt) throw new InvalidOperationException("two at once");
        slot = attempt() ? null : attempt;
        Arm();
    }

    /// <summary>The result of an attempt that is made until it comes to one. Any thread. Where it is stopped a last one is made: what is there comes, however late it is.</summary>
    public async Task<T> WhenReadyAsync<T>(EpollEvents on, TcpAttempt<T> attempt, CancellationToken stop)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Func<bool> trying = Try;
        thread.Do(() => Want(on, trying));
        using var leaving = stop.UnsafeRegister(_ => thread.Do(() => Leave(on, trying, () => done.SetCanceled(stop))), null);
        return await done.Task.ConfigureAwait(false);

        bool Try()
        {
            var errno = attempt(out var result);
            if (errno is Errno.Again or Errno.Interrupted) return false;
            if (errno == 0) thread.Tell(() => done.SetResult(result));
            else thread.Tell(() => done.SetException(Failure(errno)));
            return true;
        }
    }

    void Leave(EpollEvents on, Func<bool> attempt, Action left)
    {
        ref var slot = ref on == EpollEvents.In ? ref reading : ref writing;
        if (slot != attempt) return;
        slot = null;
        if (!attempt()) thread.Tell(left);
    }

    void Arm()
    {
        var wanted = (reading is null ? EpollEvents.None : EpollEvents.In) | (writing is null ? EpollEvents.None : EpollEvents.Out);
        if (closed || wanted == armed || wanted == EpollEvents.None) return;
        armed = wanted;
        thread.Arm(this, wanted);
    }

    static TcpSocket Own(TcpThread thread, int fd, AddressFamily family)
    {
        try
        {
            return new(thread, fd, family);
        }
        catch (IOException)
        {
            _ = CloseFd(new Descriptor(fd, ownsHandle: false));
            throw;
        }
    }

    static int Of(nint result) => result < 0 ? Marshal.GetLastPInvokeError() : 0;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Create(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int BindFd(Descriptor fd, ref byte address, int size);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int ListenFd(Descriptor fd, int backlog);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int ConnectFd(Descriptor fd, ref byte address, int size);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int AcceptFd(Descriptor fd, nint address, nint size, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint ReceiveFd(Descriptor fd, ref byte into, nint size, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint SendFd(Descriptor fd, ref byte from, nint size, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    private static partial int ShutdownFd(Descriptor fd, int how);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFd(Descriptor fd);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(Descriptor fd, int level, int option, ref byte value, int size);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetOption(Descriptor fd, int level, int option, ref int value, ref int size);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static partial int SocketName(Descriptor fd, ref byte address, ref int size);

    [LibraryImport("libc", EntryPoint = "getpeername", SetLastError = true)]
    private static partial int PeerName(Descriptor fd, ref byte address, ref int size);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoControl(Descriptor fd, nuint request, ref int value);
}
