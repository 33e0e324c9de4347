using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Oops.Native;

/// <summary>Opens FIFOs (fifo(7)) without ever blocking, as streams whose reads and writes wait without a thread.</summary>
internal static partial class NamedPipe
{
    const int WriteOnly = 1;
    const int ReadWrite = 2;
    const int NonBlockingCloseOnExec = 0x80800;

    /// <summary>Null with <paramref name="errno"/>: <see cref="Errno.NoDevice"/> when nobody has it open to read.</summary>
    public static PipeStream? TryOpenToWrite(string path, out int errno) => TryOpen(path, WriteOnly, PipeDirection.Out, out errno);

    /// <summary>To read what comes from whoever opens it to write, now or later: it is opened to be written, too, so that it has no end while writers come and go. Null with <paramref name="errno"/>.</summary>
    public static PipeStream? TryOpenToRead(string path, out int errno) => TryOpen(path, ReadWrite, PipeDirection.In, out errno);

    static AnonymousPipeClientStream? TryOpen(string path, int access, PipeDirection direction, out int errno)
    {
        var fd = Open(path, access | NonBlockingCloseOnExec, 0);
        errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (fd < 0) return null;
        var handle = new SafePipeHandle(fd, ownsHandle: true);
        try
        {
            return new AnonymousPipeClientStream(direction, handle);
        }
        catch (IOException)
        {
            // Something else stands there.
            handle.Dispose();
            errno = Errno.NotPipe;
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);
}
