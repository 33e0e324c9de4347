namespace Oops.Native;

/// <summary>A regular file as it was: one that is written anew, or in its place, has another.</summary>
/// <param name="Device">Major and minor number.</param>
/// <param name="Inode">Of the file.</param>
/// <param name="Size">In octets.</param>
/// <param name="Seconds">Of the last write, since 1970.</param>
/// <param name="Nanoseconds">The rest of it.</param>
internal readonly record struct FileStamp(ulong Device, ulong Inode, long Size, long Seconds, uint Nanoseconds);
