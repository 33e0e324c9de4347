using Xunit;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Oops.Core;
using Oops.Engine;

namespace Oops.Tests.Engine;

public sealed class SourceRunnerTests
{
    sealed class FakeSource(Func<int, CancellationToken, Task> run) : ISource
    {
        int runs;

        public string Name => "probe/ns1";

        public ImmutableArray<ChannelSpec> Covers { get; } = [new("probe/ns1/a", "ns1", Standing.Witness, [Measure.Answering], TimeSpan.FromSeconds(3))];

        public Task RunAsync(IEngine engine, CancellationToken stop) => run(++runs, stop);
    }

    readonly Recorder engine = new();

    [Fact]
    public async Task A_source_that_throws_loses_its_claims_and_is_started_again()
    {
        using var stop = new CancellationTokenSource();
        var again = new TaskCompletionSource();
        var runner = new SourceRunner(
            new FakeSource((n, token) =>
            {
                if (n == 1) throw new InvalidOperationException("bug");
                again.SetResult();
                return Task.Delay(Timeout.InfiniteTimeSpan, token);
            }),
            engine,
            NullLogger.Instance);
        var running = runner.RunAsync(stop.Token);
        Assert.Equal("probe/ns1/a", (await engine.NextAsync<ChannelLost>()).Channel);
        await engine.AdvanceAsync(TimeSpan.FromSeconds(2));
        await again.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(1, runner.Restarts);
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_source_that_is_told_to_stop_says_nothing()
    {
        using var stop = new CancellationTokenSource();
        var running = new SourceRunner(new FakeSource((_, token) => Task.Delay(Timeout.InfiniteTimeSpan, token)), engine, NullLogger.Instance).RunAsync(stop.Token);
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(engine.Sent);
    }
}
