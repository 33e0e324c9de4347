using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Oops.Native;

/// <summary>A file descriptor that is closed once.</summary>
internal sealed partial class Descriptor : SafeHandleMinusOneIsInvalid
{
    public Descriptor() : base(ownsHandle: true)
    {
    }

    public Descriptor(int fd) : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>Opens a file to be read, without ever blocking (a FIFO, a device). Null with <paramref name="errno"/>.</summary>
    public static Descriptor? TryOpenToRead(string path, out int errno)
    {
        const int NonBlockingCloseOnExec = 0x80800;
        var fd = Open(path, NonBlockingCloseOnExec, 0);
        errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        return fd < 0 ? null : new Descriptor(fd);
    }

    /// <summary>Opens a file to be read and written, and makes it (0644) if it is not there. Null with <paramref name="errno"/>.</summary>
    public static Descriptor? TryOpenToWrite(string path, out int errno)
    {
        // O_RDWR, O_CREAT, O_NONBLOCK, O_CLOEXEC.
        const int WriteCreateNonBlockingCloseOnExec = 0x80842;
        const uint Mode = 0b110_100_100;
        var fd = Open(path, WriteCreateNonBlockingCloseOnExec, Mode);
        errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        return fd < 0 ? null : new Descriptor(fd);
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

    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static unsafe partial nint ReadFd(Descriptor fd, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteFd(Descriptor fd, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
