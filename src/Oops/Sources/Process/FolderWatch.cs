using Oops.Native;

namespace Oops.Sources.Process;

/// <summary>Tells when a file may have changed, also while its folder does not exist yet: then the nearest folder above that does is watched.</summary>
internal sealed class FolderWatch(string file) : IDisposable
{
    readonly Inotify _inotify = new();
    readonly List<InotifyChange> _changes = [];
    readonly string _name = Path.GetFileName(file);
    int _watch = -1;
    string _folder = "";

    public Descriptor Handle => _inotify.Handle;

    /// <summary>Watches what is there now. Cheap to repeat: the same folder keeps its watch.</summary>
    public void Arm()
    {
        // A folder may appear between the refusal of its own watch and the watch of its parent; one that we may not read stays refused.
        const int Attempts = 8;
        for (var i = 0; i < Attempts; i++)
        {
            var below = "";
            var folder = Path.GetDirectoryName(file);
            int watch;
            while ((watch = _inotify.TryWatch(folder!, out _)) < 0 && Path.GetDirectoryName(folder) is { } above) (below, folder) = (folder!, above);
            if (watch < 0) return;
            if (_watch >= 0 && watch != _watch) _inotify.Unwatch(_watch);
            (_watch, _folder) = (watch, folder!);
            if (below.Length == 0 || !Directory.Exists(below)) return;
        }
    }

    /// <summary>Takes what happened. True if the file may have changed.</summary>
    public bool Read()
    {
        _changes.Clear();
        _inotify.Read(_changes);
        var moved = false;
        var touched = false;
        foreach (var change in _changes)
        {
            const InotifyEvents Folder = InotifyEvents.DeleteSelf | InotifyEvents.MoveSelf | InotifyEvents.Ignored | InotifyEvents.Overflow;
            moved |= (change.Events & Folder) != 0 && (change.Watch == _watch || change.Watch < 0);
            touched |= change.Watch == _watch && (_folder == Path.GetDirectoryName(file) ? change.Name == _name : change.Name.Length > 0);
        }

        if (!moved && !touched) return false;
        var before = _folder;
        Arm();
        return moved || _folder != before || _folder == Path.GetDirectoryName(file);
    }

    public void Dispose() => _inotify.Dispose();
}
