using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class InotifyTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly Inotify inotify = new();
    readonly Epoll epoll = new();
    readonly List<InotifyChange> changes = [];

    public InotifyTests() => epoll.Add(inotify.Handle, EpollEvents.In, 1);

    public void Dispose()
    {
        epoll.Dispose();
        inotify.Dispose();
        folder.Dispose();
    }

    List<InotifyChange> Next()
    {
        changes.Clear();
        Assert.Equal(1, epoll.Wait(new EpollReady[4], TimeSpan.FromSeconds(5)));
        inotify.Read(changes);
        return changes;
    }

    [Fact]
    public void A_written_file_and_one_renamed_into_place_are_told_by_name()
    {
        var watch = inotify.TryWatch(folder.Path, out _);
        Assert.True(watch > 0);
        File.WriteAllText(folder.File("a.pid"), "1");
        Assert.Contains(Next(), c => c == new InotifyChange(watch, InotifyEvents.CloseWrite, "a.pid"));
        File.Move(folder.File("a.pid"), folder.File("b.pid"));
        Assert.Contains(Next(), c => c == new InotifyChange(watch, InotifyEvents.MovedTo, "b.pid"));
        File.Delete(folder.File("b.pid"));
        Assert.Contains(Next(), c => c == new InotifyChange(watch, InotifyEvents.Delete, "b.pid"));
    }

    [Fact]
    public void A_removed_folder_ends_its_watch_and_says_so()
    {
        var inner = Directory.CreateDirectory(folder.File("run")).FullName;
        var watch = inotify.TryWatch(inner, out _);
        Directory.Delete(inner);
        Assert.Contains(Next(), c => c.Watch == watch && c.Events.HasFlag(InotifyEvents.Ignored));
    }

    [Fact]
    public void A_missing_folder_and_a_file_are_refused_with_the_reason()
    {
        Assert.Equal(-1, inotify.TryWatch(folder.File("none"), out var errno));
        Assert.Equal(Errno.NoEntry, errno);
        File.WriteAllText(folder.File("file"), "");
        Assert.Equal(-1, inotify.TryWatch(folder.File("file"), out errno));
        Assert.NotEqual(0, errno);
    }

    [Fact]
    public void Reading_without_changes_gives_none()
    {
        inotify.Read(changes);
        Assert.Empty(changes);
    }
}
