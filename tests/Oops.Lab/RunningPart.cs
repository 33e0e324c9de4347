using Oops.Engine;
using Oops.Lab.Harness;
using Oops.Tests.Sources;

namespace Oops.Lab;

/// <summary>A source that runs until it is disposed of, and what it says.</summary>
internal sealed class RunningPart : IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    readonly Task running;

    public RunningPart(ISource source)
    {
        Source = source;
        running = source.RunAsync(Engine, stop.Token);
    }

    public SpokenEngine Engine { get; } = new();

    public ISource Source { get; }

    /// <summary>Waits for these words in this order; gives all words since the last time.</summary>
    public Task<List<string>> HearAsync(params string[] words) => Engine.HearAsync(words);

    /// <summary>Collects what is said until it is enough.</summary>
    public async Task<List<string>> UntilAsync(string what, Func<List<string>, bool> enough, int seconds = 60)
    {
        List<string> said = [];
        await Wait.UntilAsync(what, () =>
        {
            said.AddRange(Engine.Take());
            return enough(said);
        }, TimeSpan.FromSeconds(seconds), state: () => string.Join('\n', said.Where(w => !w.StartsWith("rate ", StringComparison.Ordinal) && w is not ("api read" or "api Answering 1")).TakeLast(60)));
        return said;
    }

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
