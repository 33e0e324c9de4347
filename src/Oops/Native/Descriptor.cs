using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Oops.Native;

/// <summary>A file descriptor that is closed once.</summary>
internal sealed partial class Descriptor : SafeHandleMinusOneIsInvalid
{
    public Descriptor() : base(ownsHandle: true)
    {
    }

    /// <param name="fd">Its number.</param>
    /// <param name="ownsHandle">False: another closes it.</param>
    public Descriptor(int fd, bool ownsHandle = true) : base(ownsHandle) => SetHandle(fd);

    /// <summary>Opens a file to be read, without ever blocking (a FIFO, a device). Null with <paramref name="errno"/>.</summary>
    public static Descriptor? TryOpenToRead(string path, out int errno)
    {
        const int NonBlockingCloseOnExec = 0x80800;
        var fd = Open(path, NonBlockingCloseOnExec, 0);
        errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        return fd < 0 ? null : new Descriptor(fd);
    }

    /// <summary>
    /// Opens a regular file to be read and written that is for this user alone: made (0600) if it is not there, narrowed to that if it is wider, content untouched. Nothing else that somebody
    /// put there is opened: null with <paramref name="errno"/>, <see cref="Errno.Loop"/> for a symbolic link, <see cref="Errno.IsFolder"/>, <see cref="Errno.NoDevice"/> for a FIFO, a socket, a device.
    /// </summary>
    public static Descriptor? TryOpenOwn(string path, out int errno)
    {
        // O_RDWR, O_CREAT, O_NONBLOCK, O_CLOEXEC: the same everywhere. O_NOFOLLOW is not.
        const int WriteCreateNonBlockingCloseOnExec = 0x80842;
        var noFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;
        const uint Mode = 0b110_000_000;
        var fd = Open(path, WriteCreateNonBlockingCloseOnExec | noFollow, Mode);
        errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (fd < 0) return null;
        var file = new Descriptor(fd);
        errno = file.TypeAndMode(out var now);
        const int TypeMask = 0xF000;
        const int Regular = 0x8000;
        const int Others = 0b111_111;
        if (errno == 0 && (now & TypeMask) != Regular) errno = Errno.NoDevice;
        // Where it is another user's, it stays as wide as that one wants it.
        if (errno == 0 && (now & Others) != 0) _ = ChangeMode(file, Mode);
        if (errno == 0) return file;
        file.Dispose();
        return null;
    }

    /// <summary>Reads what is there. -1 with <paramref name="errno"/> set when nothing could be read (<see cref="Errno.Again"/> on a non-blocking descriptor without data).</summary>
    public unsafe int Read(Span<byte> into, out int errno)
    {
        fixed (byte* p = into)
        {
            nint n;
            do
            {
                n = ReadFd(this, p, (nuint)into.Length);
                errno = n < 0 ? Marshal.GetLastPInvokeError() : 0;
            } while (errno == Errno.Interrupted);

            return (int)n;
        }
    }

    /// <summary>Writes once; the count written, or -1 with <paramref name="errno"/> set.</summary>
    public unsafe int Write(ReadOnlySpan<byte> bytes, out int errno)
    {
        fixed (byte* p = bytes)
        {
            nint n;
            do
            {
                n = WriteFd(this, p, (nuint)bytes.Length);
                errno = n < 0 ? Marshal.GetLastPInvokeError() : 0;
            } while (errno == Errno.Interrupted);

            return (int)n;
        }
    }

    // statx(2): its struct, unlike fstat's, is the same on x86-64 and arm64.
    unsafe int TypeAndMode(out ushort mode)
    {
        const int EmptyPath = 0x1000;
        const uint TypeAndModeWanted = 3;
        const int ModeAt = 28;
        var about = stackalloc byte[256];
        var errno = Statx(this, "", EmptyPath, TypeAndModeWanted, about) < 0 ? Marshal.GetLastPInvokeError() : 0;
        mode = errno == 0 ? *(ushort*)(about + ModeAt) : (ushort)0;
        return errno;
    }

    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static unsafe partial nint ReadFd(Descriptor fd, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteFd(Descriptor fd, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(Descriptor folder, string path, int flags, uint mask, byte* about);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int ChangeMode(Descriptor fd, uint mode);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
