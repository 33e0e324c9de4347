using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Oops.Native;

/// <summary>
/// An advisory lock on a file of its own (flock(2)) that lasts as long as this process, however it ends. The descriptor is closed on exec, so that no child keeps it. The file itself stays:
/// one that is removed at the end could be removed under a process that has just locked it. Nobody else can open it, since whoever may read a file may lock it.
/// </summary>
internal sealed partial class ProcessLock : IDisposable
{
    const int ExclusiveNonBlocking = 2 | 4;

    readonly Descriptor file;
    bool signed;

    ProcessLock(Descriptor file) => this.file = file;

    /// <summary>Locks a file, made if it is not there, whose content stays as it is. Null with <paramref name="errno"/>: <see cref="Errno.Again"/> where another process has it.</summary>
    public static ProcessLock? TryTake(string path, out int errno)
    {
        if (Descriptor.TryOpenOwn(path, out errno) is not { } file) return null;
        errno = Flock(file, ExclusiveNonBlocking) < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (errno == 0) return new(file);
        file.Dispose();
        return null;
    }

    /// <summary>
    /// Who has locked a file, also one that we may not open: the kernel lists all locks (proc_locks(5)). Null: nobody, or it cannot be told (another PID namespace; a file system whose files have
    /// another device there than in stat(2), as btrfs).
    /// </summary>
    public static int? HolderOf(string path)
    {
        if (!FileFacts.TryRead(path, out var facts, out _)) return null;
        var file = string.Create(CultureInfo.InvariantCulture, $"{(uint)facts.Device:x2}:{facts.Device >> 32:x2}:{facts.Inode}");
        try
        {
            // `1: FLOCK  ADVISORY  WRITE 4711 fe:01:123 0 EOF`; who waits for it has `->` behind the number.
            foreach (var line in File.ReadLines("/proc/locks"))
                if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, "FLOCK", _, _, var holder, var locked, ..] && locked == file && int.TryParse(holder, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) return pid;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return null;
    }

    /// <summary>Writes our pid into it, for people and for the next one to say. A full disk leaves it empty, and locked all the same.</summary>
    public void Sign()
    {
        signed = true;
        _ = Truncate(file, 0);
        _ = file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")), out _);
    }

    /// <summary>Our pid is taken out of the file, so that nobody who comes between us and the next one reads it.</summary>
    public void Dispose()
    {
        if (!file.IsClosed && signed) _ = Truncate(file, 0);
        file.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(Descriptor fd, int operation);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate(Descriptor fd, long length);
}
