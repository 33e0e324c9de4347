using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>What .NET does not tell of a path: whether a socket is there, or a file that ends.</summary>
internal static partial class FileKind
{
    const int Here = -100; // AT_FDCWD
    const int NoFollow = 0x100;
    const uint TypeWanted = 1;
    const uint StampWanted = 0x341; // STATX_TYPE, _INO, _SIZE, _MTIME
    const int ModeAt = 28, InodeAt = 32, SizeAt = 40, ModifiedAt = 112, DeviceAt = 136;
    const int TypeMask = 0xF000;
    const int Socket = 0xC000, Regular = 0x8000;

    /// <summary>True if the path itself, not what a symbolic link there points to, is a socket; false if it is anything else; null if there is nothing, or it cannot be told.</summary>
    public static unsafe bool? IsSocket(string path)
    {
        // statx(2): its struct is the same on x86-64 and arm64.
        var about = stackalloc byte[256];
        return Statx(Here, path, NoFollow, TypeWanted, about) < 0 ? null : (*(ushort*)(about + ModeAt) & TypeMask) == Socket;
    }

    /// <summary>True if a regular file is there, or what a symbolic link there points to is one; null if there is nothing, or it cannot be told.</summary>
    public static unsafe bool? IsFile(string path)
    {
        var about = stackalloc byte[256];
        return Statx(Here, path, 0, TypeWanted, about) < 0 ? null : (*(ushort*)(about + ModeAt) & TypeMask) == Regular;
    }

    /// <summary>What tells one content of a path from another; null if there is no regular file, or it cannot be told.</summary>
    public static unsafe FileStamp? Stamp(string path)
    {
        var about = stackalloc byte[256];
        if (Statx(Here, path, 0, StampWanted, about) < 0 || (*(ushort*)(about + ModeAt) & TypeMask) != Regular) return null;
        return new(*(ulong*)(about + DeviceAt), *(ulong*)(about + InodeAt), *(long*)(about + SizeAt), *(long*)(about + ModifiedAt), *(uint*)(about + ModifiedAt + sizeof(long)));
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, byte* about);
}
