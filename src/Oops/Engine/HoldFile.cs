using Oops.Core;

namespace Oops.Engine;

/// <summary>The break-glass file: while it exists nothing moves. It is looked at when the folder says so, and every minute in case it did not.</summary>
internal sealed class HoldFile : IAsyncDisposable
{
    public const string DefaultPath = "/run/oops/hold";

    static readonly TimeSpan Anyway = TimeSpan.FromMinutes(1);

    readonly string path;
    readonly IEngine engine;
    readonly FileSystemWatcher? watcher;
    readonly ITimer timer;
    readonly Lock gate = new();
    bool held;

    public HoldFile(string folder, IEngine engine)
    {
        path = Path.Combine(folder, "hold");
        this.engine = engine;
        try
        {
            watcher = new(folder, "hold") { NotifyFilter = NotifyFilters.FileName };
            watcher.Created += (_, _) => Look();
            watcher.Deleted += (_, _) => Look();
            watcher.Renamed += (_, _) => Look();
            watcher.EnableRaisingEvents = true;
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            // No folder, or no inotify instance left: the timer sees it.
        }

        timer = engine.Time.CreateTimer(_ => Look(), null, Anyway, Anyway);
        Look();
    }

    public async ValueTask DisposeAsync()
    {
        watcher?.Dispose();
        await timer.DisposeAsync().ConfigureAwait(false);
    }

    void Look()
    {
        lock (gate)
        {
            var exists = File.Exists(path);
            if (exists == held) return;
            held = exists;
            engine.Send(new BreakGlass(exists, path));
        }
    }
}
