using Oops.Engine;
using Oops.Tests.Sources;

namespace Oops.Lab.Systemd;

/// <summary>Sources that run until they are disposed of, and what they say, in its order.</summary>
internal sealed class RunningSources : IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    readonly List<Task> running = [];

    public RunningSources(params ISource[] sources)
    {
        foreach (var source in sources) running.Add(source.RunAsync(Engine, stop.Token));
    }

    public SpokenEngine Engine { get; } = new();

    /// <summary>Waits for these words in this order; gives all words since the last time.</summary>
    public Task<List<string>> HearAsync(params string[] words) => Engine.HearAsync(words);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        foreach (var one in running) await one.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
        foreach (var one in running)
            if (one.IsFaulted) throw one.Exception;
    }
}
