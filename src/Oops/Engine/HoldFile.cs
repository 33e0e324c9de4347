using Oops.Core;

namespace Oops.Engine;

/// <summary>The break-glass file, at one of several places: while it exists nothing moves. It is looked at when the folder says so, and every minute in case it did not.</summary>
internal sealed class HoldFile : IAsyncDisposable
{
    /// <summary>Where `oops hold` leaves it when nobody answers, and so cannot say where its runtime directory is: every daemon looks here.</summary>
    public const string DefaultPath = "/run/oops/hold";

    /// <summary>Its name in a runtime directory.</summary>
    public const string FileName = "hold";

    /// <summary>In the folder of a control socket.</summary>
    public static string Beside(string socket) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(socket)) ?? "/", FileName);

    static readonly TimeSpan Anyway = TimeSpan.FromMinutes(1);

    readonly string[] paths;
    readonly FileSystemWatcher?[] watchers;
    readonly IEngine engine;
    readonly ITimer timer;
    readonly Lock gate = new();
    string? held;
    bool over;

    public HoldFile(IEngine engine, params ReadOnlySpan<string> paths)
    {
        this.engine = engine;
        this.paths = [.. paths.ToArray().Select(Path.GetFullPath).Distinct(StringComparer.Ordinal)];
        watchers = new FileSystemWatcher?[this.paths.Length];
        timer = engine.Time.CreateTimer(_ => Look(), null, Anyway, Anyway);
        Look();
    }

    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync().ConfigureAwait(false);
        lock (gate) over = true;
        foreach (var watcher in watchers) watcher?.Dispose();
    }

    void Look()
    {
        lock (gate)
        {
            if (over) return;
            for (var i = 0; i < paths.Length; i++) watchers[i] ??= Watch(paths[i]);
            var found = Array.Find(paths, File.Exists);
            if ((found is null) == (held is null)) return;
            engine.Send(new BreakGlass(found is not null, found ?? held!));
            held = found;
        }
    }

    // Before the first look, so that nothing is missed between the two. A folder that does not exist yet is tried again at the next look.
    FileSystemWatcher? Watch(string path)
    {
        try
        {
            var watcher = new FileSystemWatcher(Path.GetDirectoryName(path) ?? "/", Path.GetFileName(path)) { NotifyFilter = NotifyFilters.FileName };
            watcher.Created += (_, _) => Look();
            watcher.Deleted += (_, _) => Look();
            watcher.Renamed += (_, _) => Look();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            // No folder, or no inotify instance left: the timer sees it.
            return null;
        }
    }
}
