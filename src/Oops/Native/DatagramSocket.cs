using System.Runtime.InteropServices;
using System.Text;

namespace Oops.Native;

/// <summary>
/// A Unix datagram socket with what .NET's does not pass on: who sent a datagram (SCM_CREDENTIALS, unix(7)) and the descriptors that came with it (SCM_RIGHTS). It never blocks.
/// Addresses are absolute paths or, with '@', abstract names.
/// </summary>
internal sealed partial class DatagramSocket : IDisposable
{
    /// <summary>Longest address, in bytes: sun_path has 108, and one is for its end or its beginning.</summary>
    public const int LongestAddress = 107;

    const int FamilyUnix = 1;
    const int SolSocket = 1;
    const int ScmRights = 1;
    const int ScmCredentials = 2;
    const int PassCred = 16;

    // SOCK_DGRAM, SOCK_NONBLOCK and SOCK_CLOEXEC.
    const int DatagramNonBlockingCloseOnExec = 0x80802;
    const int Truncated = 0x20;
    const int NoSignal = 0x4000;
    const int CloseOnExec = 0x40000000;

    // SCM_MAX_FD of the kernel: no datagram has more.
    const int MostFiles = 253;
    const int HeaderSize = 16;
    const int CredentialsSize = 12;
    const int AddressInUse = 98;
    const int Refused = 111;

    readonly byte[] control = new byte[Space(CredentialsSize) + Space(MostFiles * sizeof(int)) + 64];
    string? bound;

    public DatagramSocket()
    {
        Handle = new Descriptor(Create(FamilyUnix, DatagramNonBlockingCloseOnExec, 0));
        if (Handle.IsInvalid) throw Errno.Fatal("socket", Marshal.GetLastPInvokeError());
    }

    public Descriptor Handle { get; }

    /// <summary>
    /// Binds it so that every user may write to it, and is told of each datagram by whom. A socket's file that nobody listens at any more is removed first. Null, or why not.
    /// </summary>
    public unsafe string? Bind(string address)
    {
        var on = 1;
        if (SetOption(Handle, SolSocket, PassCred, &on, sizeof(int)) < 0) throw Errno.Fatal("SO_PASSCRED", Marshal.GetLastPInvokeError());
        var bytes = Address(address);
        var errno = Bind(bytes);
        if (errno == AddressInUse && address[0] == '/' && IsLeftBehind(address))
        {
            File.Delete(address);
            errno = Bind(bytes);
        }

        if (errno != 0) return errno == AddressInUse ? $"{address} is there already, and is somebody's" : Errno.Say($"cannot listen at {address}", errno);
        if (address[0] != '/') return null;
        bound = address;
        const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        File.SetUnixFileMode(address, Everybody);
        return null;
    }

    /// <summary>Takes a datagram. False when there is none.</summary>
    /// <param name="buffer">Where it goes; a longer one is cut off.</param>
    /// <param name="datagram">It; its descriptors are the caller's to close.</param>
    public unsafe bool TryReceive(Span<byte> buffer, out Datagram datagram)
    {
        datagram = default;
        fixed (byte* to = buffer, ancillary = control)
        {
            var vector = new IoVector { Base = (nint)to, Length = (nuint)buffer.Length };
            var message = new MessageHeader { Vectors = (nint)(&vector), VectorCount = 1, Control = (nint)ancillary, ControlLength = (nuint)control.Length };
            nint n;
            do
            {
                n = Receive(Handle, &message, CloseOnExec);
            } while (n < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);

            if (n < 0) return false;
            var (pid, files) = ReadControl(control.AsSpan(0, (int)message.ControlLength));
            datagram = new((int)n, (message.Flags & Truncated) != 0, pid, files);
            return true;
        }
    }

    /// <summary>Sends a datagram, as from another process and with descriptors; 0, or the errno.</summary>
    /// <param name="bytes">What.</param>
    /// <param name="to">To whom.</param>
    /// <param name="pid">Whose it is said to be: another process than this one needs CAP_SYS_ADMIN, else EPERM.</param>
    /// <param name="files">What goes with it; they stay open here.</param>
    public unsafe int Send(ReadOnlySpan<byte> bytes, string to, int pid, ReadOnlySpan<Descriptor> files)
    {
        var address = Address(to);
        var ancillary = new byte[Space(CredentialsSize) + (files.Length > 0 ? Space(files.Length * sizeof(int)) : 0)];
        WriteHeader(ancillary, CredentialsSize, ScmCredentials);
        BitConverter.TryWriteBytes(ancillary.AsSpan(HeaderSize), pid);
        BitConverter.TryWriteBytes(ancillary.AsSpan(HeaderSize + 4), EffectiveUser());
        BitConverter.TryWriteBytes(ancillary.AsSpan(HeaderSize + 8), EffectiveGroup());
        if (files.Length > 0)
        {
            var rights = ancillary.AsSpan(Space(CredentialsSize));
            WriteHeader(rights, files.Length * sizeof(int), ScmRights);
            for (var i = 0; i < files.Length; i++) BitConverter.TryWriteBytes(rights[(HeaderSize + i * sizeof(int))..], (int)files[i].DangerousGetHandle());
        }

        fixed (byte* from = bytes, name = address, extra = ancillary)
        {
            var vector = new IoVector { Base = (nint)from, Length = (nuint)bytes.Length };
            var message = new MessageHeader { Name = (nint)name, NameLength = (uint)address.Length, Vectors = (nint)(&vector), VectorCount = 1, Control = (nint)extra, ControlLength = (nuint)ancillary.Length };
            nint n;
            do
            {
                n = Send(Handle, &message, NoSignal);
            } while (n < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);

            return n < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
    }

    /// <summary>Ends it, and removes its file.</summary>
    public void Dispose()
    {
        if (bound is not null) File.Delete(bound);
        bound = null;
        Handle.Dispose();
    }

    unsafe int Bind(byte[] address)
    {
        fixed (byte* name = address)
            return Bind(Handle, name, (uint)address.Length) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    // A socket (nothing else that is there cannot be opened so), at which nobody listens.
    static unsafe bool IsLeftBehind(string path)
    {
        using var file = Descriptor.TryOpenToRead(path, out var errno);
        if (file is not null || errno != Errno.NoDevice) return false;
        using var asking = new DatagramSocket();
        var address = Address(path);
        fixed (byte* name = address)
            return Connect(asking.Handle, name, (uint)address.Length) < 0 && Marshal.GetLastPInvokeError() == Refused;
    }

    static byte[] Address(string address)
    {
        var size = Encoding.UTF8.GetByteCount(address);
        if (size is 0 or > LongestAddress) throw new ArgumentException($"not an address of a Unix socket: {address}", nameof(address));
        // A path ends with a NUL, an abstract name begins with one and ends with the address.
        var bytes = new byte[2 + size + (address[0] == '/' ? 1 : 0)];
        BitConverter.TryWriteBytes(bytes, (ushort)FamilyUnix);
        Encoding.UTF8.GetBytes(address, bytes.AsSpan(2));
        if (address[0] == '@') bytes[2] = 0;
        return bytes;
    }

    static (int Pid, Descriptor[] Files) ReadControl(ReadOnlySpan<byte> ancillary)
    {
        var pid = 0;
        Descriptor[] files = [];
        while (ancillary.Length >= HeaderSize)
        {
            var length = (int)Math.Min(BitConverter.ToUInt64(ancillary), (ulong)ancillary.Length);
            if (length < HeaderSize) break;
            var (level, type) = (BitConverter.ToInt32(ancillary[8..]), BitConverter.ToInt32(ancillary[12..]));
            var data = ancillary[HeaderSize..length];
            if (level == SolSocket && type == ScmCredentials && data.Length >= CredentialsSize) pid = BitConverter.ToInt32(data);
            if (level == SolSocket && type == ScmRights)
            {
                files = new Descriptor[data.Length / sizeof(int)];
                for (var i = 0; i < files.Length; i++) files[i] = new Descriptor(BitConverter.ToInt32(data[(i * sizeof(int))..]));
            }

            ancillary = ancillary[Math.Min(Space(length - HeaderSize), ancillary.Length)..];
        }

        return (pid, files);
    }

    static void WriteHeader(Span<byte> at, int size, int type)
    {
        BitConverter.TryWriteBytes(at, (ulong)(HeaderSize + size));
        BitConverter.TryWriteBytes(at[8..], SolSocket);
        BitConverter.TryWriteBytes(at[12..], type);
    }

    static int Space(int size) => HeaderSize + ((size + 7) & ~7);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Create(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static unsafe partial int SetOption(Descriptor socket, int level, int option, int* value, uint size);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static unsafe partial int Bind(Descriptor socket, byte* address, uint size);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static unsafe partial int Connect(Descriptor socket, byte* address, uint size);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static unsafe partial nint Receive(Descriptor socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static unsafe partial nint Send(Descriptor socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint EffectiveGroup();
}

/// <summary>A datagram that was taken.</summary>
/// <param name="Length">Its bytes in the buffer.</param>
/// <param name="IsCut">It was longer than the buffer.</param>
/// <param name="Pid">Who sent it, as the kernel says; 0 when that is outside our pid namespace.</param>
/// <param name="Files">The descriptors that came with it.</param>
internal readonly record struct Datagram(int Length, bool IsCut, int Pid, Descriptor[] Files);
