using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Oops.Native;

/// <summary>What happened in a watched folder.</summary>
[Flags]
internal enum InotifyEvents : uint
{
    CloseWrite = 0x0008,
    MovedFrom = 0x0040,
    MovedTo = 0x0080,
    Create = 0x0100,
    Delete = 0x0200,
    DeleteSelf = 0x0400,
    MoveSelf = 0x0800,

    /// <summary>The queue was full and changes were lost: look at everything again.</summary>
    Overflow = 0x4000,

    /// <summary>The watch is gone: the folder was removed or unmounted.</summary>
    Ignored = 0x8000,
}

/// <summary>One change: the watch it belongs to, what, and the name inside the folder (empty for the folder itself).</summary>
internal readonly record struct InotifyChange(int Watch, InotifyEvents Events, string Name);

/// <summary>Watches folders for files that appear, are replaced, written or removed (inotify(7)). Wait for it with <see cref="Epoll"/>.</summary>
internal sealed partial class Inotify : IDisposable
{
    const int CloseOnExec = 0x80000;
    const int NonBlocking = 0x800;
    const uint OnlyFolder = 0x01000000;
    const uint Wanted = (uint)(InotifyEvents.CloseWrite | InotifyEvents.MovedFrom | InotifyEvents.MovedTo | InotifyEvents.Create
        | InotifyEvents.Delete | InotifyEvents.DeleteSelf | InotifyEvents.MoveSelf) | OnlyFolder;

    readonly byte[] buffer = new byte[16 * 1024];

    public Inotify()
    {
        Handle = new Descriptor(Init(CloseOnExec | NonBlocking));
        if (Handle.IsInvalid) throw Errno.Fatal("inotify_init1 (fs.inotify.max_user_instances?)", Marshal.GetLastPInvokeError());
    }

    /// <summary>For <see cref="Epoll"/>.</summary>
    public Descriptor Handle { get; }

    /// <summary>Watches a folder; the watch's number, the same one for the same folder. -1 with <paramref name="errno"/> when it is missing, no folder, or not to be read.</summary>
    public int TryWatch(string folder, out int errno)
    {
        var watch = AddWatch(Handle, folder, Wanted);
        errno = watch < 0 ? Marshal.GetLastPInvokeError() : 0;
        return watch;
    }

    /// <summary>Ends a watch; an unknown one is no error.</summary>
    public void Unwatch(int watch) => _ = RemoveWatch(Handle, watch);

    /// <summary>Appends every change that is waiting.</summary>
    public void Read(List<InotifyChange> into)
    {
        while (true)
        {
            var n = Handle.Read(buffer, out _);
            if (n <= 0) return;
            var rest = buffer.AsSpan(0, n);

            // struct inotify_event: s32 wd, u32 mask, u32 cookie, u32 len, then the name padded with NUL. Never partial.
            while (rest.Length >= 16)
            {
                var length = (int)BitConverter.ToUInt32(rest[12..]);
                var name = rest.Slice(16, length);
                var end = name.IndexOf((byte)0);
                into.Add(new(
                    BinaryPrimitives.ReadInt32LittleEndian(rest),
                    (InotifyEvents)BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]),
                    Encoding.UTF8.GetString(end < 0 ? name : name[..end])));
                rest = rest[(16 + length)..];
            }
        }
    }

    public void Dispose() => Handle.Dispose();

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int Init(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddWatch(Descriptor fd, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch", SetLastError = true)]
    private static partial int RemoveWatch(Descriptor fd, int watch);
}
