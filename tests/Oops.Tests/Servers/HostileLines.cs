using Oops.Engine;
using Oops.Servers;
using Oops.Tests.Engine;
using Oops.Tests.Sources;
using Xunit;

namespace Oops.Tests.Servers;

/// <summary>A source of the NSD family before a control socket that answers as no server should. What is no answer is no complete read: no list, nothing that is "not there", nothing that is ready.</summary>
public abstract class HostileLines : IAsyncDisposable
{
    private protected HostileLines()
    {
        Engine = new(Time);
        Lines.Answer = asked => Strange?.Invoke(asked) ?? Usual(asked);
    }

    private protected FakeLines Lines { get; } = new();

    private protected FakeTime Time { get; } = new();

    private protected SpokenEngine Engine { get; }

    private protected LineCounts Counts { get; } = new();

    /// <summary>Answers first; null, or null as its answer: as usual.</summary>
    private protected Func<string, LineReply>? Strange { get; set; }

    protected CancellationTokenSource Stop { get; } = new();

    protected Task Running { get; set; } = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Stop.CancelAsync();
        await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Lines.DisposeAsync();
        Stop.Dispose();
        Assert.True(Running.IsCanceled || Running == Task.CompletedTask, Running.Exception?.ToString());
        GC.SuppressFinalize(this);
    }

    /// <summary>As the server answers.</summary>
    private protected abstract LineReply Usual(string asked);

    private protected void Run(ISource source) => Running = source.RunAsync(Engine, Stop.Token);

    // The timeout is longer than a test takes, so that only what a test makes silent is.
    private protected LineControlOptions Way(string word, string magic) => new(word, magic, Lines.Path, TimeSpan.FromSeconds(60)) { Counts = Counts };

    protected static void NothingIsMissing(IReadOnlyList<string> said) =>
        Assert.DoesNotContain(said, s => s.StartsWith("control list", StringComparison.Ordinal) || s == "control read" || s.Contains("absent (no", StringComparison.Ordinal));

    protected void Retry() => Time.Advance(TimeSpan.FromSeconds(0.25));

    protected void Second() => Time.Advance(TimeSpan.FromSeconds(1));

    protected async Task MoveAsync(TimeSpan step)
    {
        Time.Advance(step);
        await Task.Delay(5);
    }
}
