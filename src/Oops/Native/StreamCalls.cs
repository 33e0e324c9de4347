using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>
/// Connections by the numbers of their descriptors, non-blocking. For a thread that is the one owner of thousands of them: a handle for each would be most of what one takes, and guards
/// against others that are not there.
/// </summary>
internal static unsafe partial class StreamCalls
{
    /// <summary>Longest address that <see cref="Accept"/> gives: a sockaddr_in6.</summary>
    public const int NameSize = 28;

    const int NonBlockingCloseOnExec = 0x80800;
    const int NoSignal = 0x4000;

    /// <summary>The next connection, and whose it is; -1 with <paramref name="errno"/>.</summary>
    public static int Accept(SafeHandle listening, Span<byte> name, out int errno)
    {
        fixed (byte* p = name)
        {
            var size = (uint)name.Length;
            var fd = AcceptNext(listening, p, &size, NonBlockingCloseOnExec);
            errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
            return fd;
        }
    }

    /// <summary>What is there; 0 when the peer sends no more; -1 with <paramref name="errno"/>, <see cref="Errno.Again"/> where there is nothing yet.</summary>
    public static int Receive(int fd, Span<byte> into, out int errno)
    {
        fixed (byte* p = into)
        {
            nint n;
            do
            {
                n = Receive(fd, p, (nuint)into.Length, 0);
                errno = n < 0 ? Marshal.GetLastPInvokeError() : 0;
            } while (errno == Errno.Interrupted);

            return (int)n;
        }
    }

    /// <summary>Sends what the kernel takes; -1 with <paramref name="errno"/>.</summary>
    public static int Send(int fd, ReadOnlySpan<byte> bytes, out int errno)
    {
        fixed (byte* p = bytes)
        {
            nint n;
            do
            {
                n = Send(fd, p, (nuint)bytes.Length, NoSignal);
                errno = n < 0 ? Marshal.GetLastPInvokeError() : 0;
            } while (errno == Errno.Interrupted);

            return (int)n;
        }
    }

    public static void Close(int fd) => _ = CloseNumber(fd);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int AcceptNext(SafeHandle listening, byte* name, uint* size, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int fd, byte* into, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int fd, byte* bytes, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseNumber(int fd);
}
