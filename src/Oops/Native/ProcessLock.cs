using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Oops.Native;

/// <summary>
/// An advisory lock on a file or a folder (flock(2)) that lasts as long as this process, however it ends. The descriptor is closed on exec, so that no child keeps it. The file itself stays:
/// one that is removed at the end could be removed under a process that has just locked it.
/// </summary>
internal sealed partial class ProcessLock : IDisposable
{
    const int ExclusiveNonBlocking = 2 | 4;

    readonly Descriptor file;
    readonly bool named;

    ProcessLock(Descriptor file, bool named) => (this.file, this.named) = (file, named);

    /// <summary>Locks a file, made if it is not there, and writes our pid into it. Null with <paramref name="errno"/>: <see cref="Errno.Again"/> where another process has it.</summary>
    public static ProcessLock? TryTakeFile(string path, out int errno)
    {
        if (Descriptor.TryOpenToWrite(path, out errno) is not { } file || TryTake(file, named: true, out errno) is not { } taken) return null;
        _ = Truncate(file, 0);
        _ = file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")), out _);
        return taken;
    }

    /// <summary>Locks a folder, which needs no space and no right to write. Null with <paramref name="errno"/>, as above.</summary>
    public static ProcessLock? TryTakeFolder(string path, out int errno) => Descriptor.TryOpenToRead(path, out errno) is { } folder ? TryTake(folder, named: false, out errno) : null;

    /// <summary>Our pid is taken out of the file, so that nobody who comes between us and the next one reads it.</summary>
    public void Dispose()
    {
        if (!file.IsClosed && named) _ = Truncate(file, 0);
        file.Dispose();
    }

    static ProcessLock? TryTake(Descriptor file, bool named, out int errno)
    {
        errno = Flock(file, ExclusiveNonBlocking) < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (errno == 0) return new(file, named);
        file.Dispose();
        return null;
    }

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(Descriptor fd, int operation);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate(Descriptor fd, long length);
}
