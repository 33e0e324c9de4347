using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>Files that are there whole or not at all, also after a power loss.</summary>
internal static partial class Durable
{
    /// <summary>
    /// Replaces a file: a hidden temporary file beside it (a glob like `*.conf` does not match it), fsync, rename(2), fsync of the folder. A reader sees the old or the
    /// new content, never a part. The mode is set exactly, whatever the umask. False with the reason; the old file is then untouched, except that after a failed fsync
    /// of the *folder* the new one stands and a power loss could bring the old one back. One writer per path.
    /// </summary>
    public static bool TryWrite(string path, ReadOnlySpan<byte> content, UnixFileMode mode, out string why) => TryPrepare(path, content, mode, out why) && TryPut(path, out why);

    /// <summary>The same of a content that is made while it is written, which need not be in memory as a whole.</summary>
    /// <exception cref="OperationCanceledException">Thrown by <paramref name="write"/>; the old file is untouched.</exception>
    public static bool TryWrite(string path, Action<Stream> write, UnixFileMode mode, out string why) => TryPrepare(path, write, mode, out why) && TryPut(path, out why);

    /// <summary>The first half of <see cref="TryWrite(string, ReadOnlySpan{byte}, UnixFileMode, out string)"/>, which takes the room on the disk: the temporary file. False with the reason; the file itself is untouched.</summary>
    public static bool TryPrepare(string path, ReadOnlySpan<byte> content, UnixFileMode mode, out string why)
    {
        var octets = content.ToArray();
        return TryPrepare(path, file => file.Write(octets), mode, out why);
    }

    static bool TryPrepare(string path, Action<Stream> write, UnixFileMode mode, out string why)
    {
        var full = Path.GetFullPath(path);
        var temporary = Temporary(full);
        try
        {
            File.Delete(temporary);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0, UnixCreateMode = mode };
            using (var file = new FileStream(temporary, options))
            {
                File.SetUnixFileMode(file.SafeFileHandle, mode);
                write(file);
                file.Flush(flushToDisk: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"cannot write {full}: {Reason.Of(e)}";
            TryDelete(temporary);
            return false;
        }
        catch (OperationCanceledException)
        {
            TryDelete(temporary);
            throw;
        }

        why = "";
        return true;
    }

    /// <summary>The second half: what was prepared takes the file's place.</summary>
    public static bool TryPut(string path, out string why)
    {
        var full = Path.GetFullPath(path);
        try
        {
            File.Move(Temporary(full), full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"cannot write {full}: {Reason.Of(e)}";
            TryDelete(Temporary(full));
            return false;
        }

        return TrySyncFolder(Path.GetDirectoryName(full) ?? "/", out why);
    }

    /// <summary>Makes renames and removals in a folder survive a power loss.</summary>
    public static bool TrySyncFolder(string folder, out string why)
    {
        using var handle = Descriptor.TryOpenToRead(folder, out var errno);
        if (handle is not null && Sync(handle) != 0) errno = Marshal.GetLastPInvokeError();
        why = errno == 0 ? "" : Errno.Say($"cannot sync the folder {folder}", errno);
        return errno == 0;
    }

    static string Temporary(string full) => Path.Combine(Path.GetDirectoryName(full) ?? "/", $".{Path.GetFileName(full)}.tmp");

    static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reason for the failure is told already; the next write removes it.
        }
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(Descriptor fd);
}
