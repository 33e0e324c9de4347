using System.Net;
using Oops.Lab.Harness;
using Oops.Sources.Bind;
using Oops.Tests.Sources;

namespace Oops.Lab.Bind;

/// <summary>A bind source that runs until it is disposed of, and what it says.</summary>
internal sealed class RunningBind : IAsyncDisposable
{
    // A loaded machine takes long; a failure shows what was said.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    readonly CancellationTokenSource stop = new();
    readonly BindSource source;
    readonly Task running;

    public RunningBind(Func<BindOptions, BindOptions>? change = null)
    {
        var options = new BindOptions("ns1", IPEndPoint.Parse("127.0.0.1:8053"), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5))
        {
            Address = IPEndPoint.Parse("127.0.0.1:53"),
            ListsZones = true,
        };
        source = new BindSource(change is null ? options : change(options));
        running = source.RunAsync(Engine, stop.Token);
    }

    public SpokenEngine Engine { get; } = new();

    public long Counted(string name) => source.Counted.Single(c => c.Name == name).Value;

    /// <summary>Waits for these words in this order (`word*` is a beginning); gives all words since the last time.</summary>
    public async Task<List<string>> HearAsync(params string[] words)
    {
        List<string> said = [];
        await Wait.UntilAsync(string.Join(", then ", words), () =>
        {
            said.AddRange(Engine.Take());
            var at = 0;
            foreach (string word in said)
                if (at < words.Length && (words[at].EndsWith('*') ? word.StartsWith(words[at][..^1], StringComparison.Ordinal) : word == words[at])) at++;
            return at == words.Length;
        }, Patience, TimeSpan.FromMilliseconds(20), () => string.Join('\n', said.TakeLast(60)));
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
