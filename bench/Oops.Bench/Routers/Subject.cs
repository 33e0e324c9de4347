using Oops.Lab.Harness;

namespace Oops.Bench.Routers;

/// <summary>Who watches the server and has the route withdrawn.</summary>
/// <param name="Name">As in the figures.</param>
/// <param name="StartAsync">Starts it, with its router.</param>
/// <param name="WarmUps">Rounds after each start that are not counted: they pay for what happens once.</param>
/// <param name="Phase">The longest that it sleeps between two looks, in milliseconds.</param>
internal sealed record Subject(string Name, Func<BenchRig, Task<Running>> StartAsync, int WarmUps = 2, int Phase = 300);

/// <summary>A subject that runs; it ends before its router.</summary>
internal sealed class Running(IAsyncDisposable router, IAsyncDisposable? watcher = null) : IAsyncDisposable
{
    /// <summary>The daemon, when it is ours.</summary>
    public OopsDaemon? Oops => watcher as OopsDaemon;

    /// <summary>Its router's process, when it is one of <see cref="LocalRouter"/> and has one.</summary>
    public LabProcess? Router => (router as LocalRouter)?.Process;

    public async ValueTask DisposeAsync()
    {
        if (watcher is not null) await watcher.DisposeAsync();
        await router.DisposeAsync();
    }
}
