using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>What a path leads to.</summary>
internal enum FileSort
{
    Other,
    Regular,
    Folder,
    Socket,
}

/// <summary>Whose a file is and who may do what with it (statx(2), which is the same struct on x86-64 and arm64). Links are followed.</summary>
/// <param name="Mode">The permission bits, set-uid, set-gid and sticky included.</param>
/// <param name="Device">With the inode, which file it is, whatever it is called.</param>
internal readonly partial record struct FileFacts(FileSort Sort, uint User, uint Group, int Mode, ulong Device, ulong Inode)
{
    const int CurrentFolder = -100;
    const uint Wanted = 0x11b;
    const int UserAt = 20;
    const int GroupAt = 24;
    const int ModeAt = 28;
    const int InodeAt = 32;
    const int DeviceAt = 136;

    public bool IsSameFile(in FileFacts other) => Device == other.Device && Inode == other.Inode;

    /// <summary>Only root can have put this here or changed it, as far as this file alone goes.</summary>
    public bool IsRootsAlone => User == 0 && (Mode & 0b010_010) == 0;

    /// <summary>False with <paramref name="errno"/>: nothing there, or we may not look.</summary>
    public static unsafe bool TryRead(string path, out FileFacts facts, out int errno)
    {
        var about = stackalloc byte[256];
        errno = Statx(CurrentFolder, path, 0, Wanted, about) < 0 ? Marshal.GetLastPInvokeError() : 0;
        facts = default;
        if (errno != 0) return false;
        var mode = *(ushort*)(about + ModeAt);
        var sort = (mode & 0xF000) switch { 0x8000 => FileSort.Regular, 0x4000 => FileSort.Folder, 0xC000 => FileSort.Socket, _ => FileSort.Other };
        facts = new(sort, *(uint*)(about + UserAt), *(uint*)(about + GroupAt), mode & 0xFFF, *(ulong*)(about + DeviceAt), *(ulong*)(about + InodeAt));
        return true;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, byte* about);
}
