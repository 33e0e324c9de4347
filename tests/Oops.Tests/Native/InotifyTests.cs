using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class InotifyTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Inotify _inotify = new();
    readonly Epoll _epoll = new();
    readonly List<InotifyChange> _changes = [];

    public InotifyTests() => _epoll.Add(_inotify.Handle, EpollEvents.In, 1);

    public void Dispose()
    {
        _epoll.Dispose();
        _inotify.Dispose();
        _folder.Dispose();
    }

    List<InotifyChange> Next()
    {
        _changes.Clear();
        Assert.Equal(1, _epoll.Wait(new EpollReady[4], TimeSpan.FromSeconds(5)));
        _inotify.Read(_changes);
        return _changes;
    }

    [Fact]
    public void A_written_file_and_one_renamed_into_place_are_told_by_name()
    {
        var watch = _inotify.TryWatch(_folder.Path, out _);
        Assert.True(watch > 0);
        File.WriteAllText(_folder.File("a.pid"), "1");
        Assert.Contains(Next(), c => c == new InotifyChange(watch, InotifyEvents.CloseWrite, "a.pid"));
        File.Move(_folder.File("a.pid"), _folder.File("b.pid"));
        Assert.Contains(Next(), c => c == new InotifyChange(watch, InotifyEvents.MovedTo, "b.pid"));
        File.Delete(_folder.File("b.pid"));
        Assert.Contains(Next(), c => c == new InotifyChange(watch, InotifyEvents.Delete, "b.pid"));
    }

    [Fact]
    public void A_removed_folder_ends_its_watch_and_says_so()
    {
        var inner = Directory.CreateDirectory(_folder.File("run")).FullName;
        var watch = _inotify.TryWatch(inner, out _);
        Directory.Delete(inner);
        Assert.Contains(Next(), c => c.Watch == watch && c.Events.HasFlag(InotifyEvents.Ignored));
    }

    [Fact]
    public void A_missing_folder_and_a_file_are_refused_with_the_reason()
    {
        Assert.Equal(-1, _inotify.TryWatch(_folder.File("none"), out var errno));
        Assert.Equal(Errno.NoEntry, errno);
        File.WriteAllText(_folder.File("file"), "");
        Assert.Equal(-1, _inotify.TryWatch(_folder.File("file"), out errno));
        Assert.NotEqual(0, errno);
    }

    [Fact]
    public void Reading_without_changes_gives_none()
    {
        _inotify.Read(_changes);
        Assert.Empty(_changes);
    }
}
