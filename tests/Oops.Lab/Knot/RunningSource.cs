using Oops.Engine;
using Oops.Sources.Knot;
using Oops.Tests.Sources;

namespace Oops.Lab.Knot;

/// <summary>A source that runs until it is disposed of, and what it says.</summary>
internal sealed class RunningSource : IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    readonly Task running;

    public RunningSource(string control, string? bus, int? pid = null, TimeSpan? interval = null)
        : this(new KnotSource(new KnotOptions("ns1", control, bus, ListsZones: true, interval ?? TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5))), pid)
    {
    }

    public RunningSource(ISource source, int? pid = null)
    {
        Engine.Pid = pid;
        running = source.RunAsync(Engine, stop.Token);
    }

    public SpokenEngine Engine { get; } = new();

    /// <summary>Waits for these words in this order; gives all words since the last time.</summary>
    public Task<List<string>> HearAsync(params string[] words) => Engine.HearAsync(words);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
            // How a source ends when it is told to.
        }

        stop.Dispose();
    }
}
