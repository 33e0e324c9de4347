using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>chown(2), which .NET does not have.</summary>
internal static partial class Ownership
{
    const uint Unchanged = uint.MaxValue;

    /// <summary>Gives a file to a group; possible for root, and for a member of that group.</summary>
    public static bool TrySetGroup(string path, uint group) => Chown(path, Unchanged, group) == 0;

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint owner, uint group);
}
