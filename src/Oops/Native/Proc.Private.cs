using System.Text;

namespace Oops.Native;

/// <summary>What the kernel shows of a process only to its own user and to CAP_SYS_PTRACE: null says that we may not look, or that it is gone.</summary>
internal static partial class Proc
{
    const int MostDescriptors = 100_000;

    /// <summary>The inode numbers of its sockets.</summary>
    public static HashSet<long>? ReadSocketInodes(int pid)
    {
        const string Prefix = "socket:[";
        var inodes = new HashSet<long>();
        try
        {
            foreach (var fd in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Take(MostDescriptors))
                if (ReadLinkOf(fd) is { } target && target.StartsWith(Prefix, StringComparison.Ordinal) && long.TryParse(target.AsSpan(Prefix.Length).TrimEnd(']'), out var inode))
                    inodes.Add(inode);
            return inodes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether the variable is in the environment that it was started with.</summary>
    public static bool? HasVariable(int pid, string name)
    {
        var buffer = new byte[256 * 1024];
        var n = TryReadFile($"/proc/{pid}/environ", buffer);
        if (n < 0) return null;
        return Encoding.UTF8.GetString(buffer, 0, n).Split('\0').Any(v => v.StartsWith(name + "=", StringComparison.Ordinal));
    }

    /// <summary>Its working directory.</summary>
    public static string? ReadFolder(int pid) => ReadLinkOf($"/proc/{pid}/cwd");

    /// <summary>
    /// Whether its files are ours. A unit's sandbox has mounts of its own and the same root; a container has another root. One that only changed its root (chroot) was started from our files.
    /// </summary>
    public static bool? SharesOurFiles(int pid)
    {
        if (ReadLinkOf($"/proc/{pid}/ns/mnt") is not { } mounts) return null;
        if (mounts == ReadLinkOf("/proc/self/ns/mnt")) return true;
        return FileFacts.TryRead($"/proc/{pid}/root", out var theirs, out _) && FileFacts.TryRead("/", out var ours, out _) ? theirs.IsSameFile(ours) : null;
    }

    static string? ReadLinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
