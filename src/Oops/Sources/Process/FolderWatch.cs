using Oops.Native;

namespace Oops.Sources.Process;

/// <summary>Tells when a file may have changed, also while its folder does not exist yet: then the nearest folder above that does is watched.</summary>
internal sealed class FolderWatch(string file) : IDisposable
{
    readonly Inotify inotify = new();
    readonly List<InotifyChange> changes = [];
    readonly string name = Path.GetFileName(file);
    int watch = -1;
    string folder = "";

    public Descriptor Handle => inotify.Handle;

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
            while ((watch = inotify.TryWatch(folder!, out _)) < 0 && Path.GetDirectoryName(folder) is { } above) (below, folder) = (folder!, above);
            if (watch < 0) return;
            if (this.watch >= 0 && watch != this.watch) inotify.Unwatch(this.watch);
            (this.watch, this.folder) = (watch, folder!);
            if (below.Length == 0 || !Directory.Exists(below)) return;
        }
    }

    /// <summary>Takes what happened. True if the file may have changed.</summary>
    public bool Read()
    {
        changes.Clear();
        inotify.Read(changes);
        var moved = false;
        var touched = false;
        foreach (var change in changes)
        {
            const InotifyEvents Folder = InotifyEvents.DeleteSelf | InotifyEvents.MoveSelf | InotifyEvents.Ignored | InotifyEvents.Overflow;
            moved |= (change.Events & Folder) != 0 && (change.Watch == watch || change.Watch < 0);
            touched |= change.Watch == watch && (folder == Path.GetDirectoryName(file) ? change.Name == name : change.Name.Length > 0);
        }

        if (!moved && !touched) return false;
        var before = folder;
        Arm();
        return moved || folder != before || folder == Path.GetDirectoryName(file);
    }

    public void Dispose() => inotify.Dispose();
}
