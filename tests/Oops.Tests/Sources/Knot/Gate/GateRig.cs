using System.Collections.Concurrent;
using Oops.Sources.Knot.Gate;
using Oops.Tests.Engine;

namespace Oops.Tests.Sources.Knot.Gate;

/// <summary>A gate at a scripted knotd, under a clock that a test moves.</summary>
internal sealed class GateRig : IAsyncDisposable
{
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    readonly CancellationTokenSource stop = new();
    readonly ConcurrentQueue<GateOutcome> outcomes = new();
    Task running = Task.CompletedTask;

    public ScriptedKnot Knot { get; } = new ScriptedKnot().Begin();

    public FakeTime Time { get; } = new();

    /// <summary>What it was told of the channels: `control null`, `bus d-bus: ...`.</summary>
    public ConcurrentQueue<string> Channels { get; } = new();

    /// <summary>Zones and serials that were to be judged.</summary>
    public ConcurrentQueue<string> Judged { get; } = new();

    public Func<string, uint?, CancellationToken, Task<GateVerdict>> Judge { get; set; } = (_, _, _) => Task.FromResult(GateVerdict.Pass("good"));

    public KnotGate Gate { get; private set; } = null!;

    public void Run(Func<KnotGateOptions, KnotGateOptions>? with = null)
    {
        var options = new KnotGateOptions { Control = Knot.Path };
        Gate = new KnotGate(with?.Invoke(options) ?? options, JudgeAsync, Time, new(outcomes.Enqueue, why => Channels.Enqueue("control " + (why ?? "null")), why => Channels.Enqueue("bus " + (why ?? "null"))));
        running = Gate.RunAsync(stop.Token);
    }

    /// <summary>The gate has ended by itself.</summary>
    public Task Running => running;

    /// <summary>The next outcome, while the clock moves on.</summary>
    public async Task<GateOutcome> NextAsync()
    {
        GateOutcome? next = null;
        await UntilAsync(() => outcomes.TryDequeue(out next));
        return next!;
    }

    public async Task UntilAsync(Func<bool> holds)
    {
        for (var deadline = Environment.TickCount64 + 30_000; !holds();)
        {
            if (Environment.TickCount64 > deadline) throw new TimeoutException($"commands: {string.Join(", ", Knot.Commands)}; channels: {string.Join(", ", Channels)}; judged: {string.Join(", ", Judged)}; {running.Exception}");
            Time.Advance(Step);
            await Task.Delay(2);
        }
    }

    /// <summary>Some looks later nothing more has come.</summary>
    public async Task NothingMoreAsync()
    {
        for (var i = 0; i < 50; i++)
        {
            Time.Advance(Step);
            await Task.Delay(2);
        }

        Xunit.Assert.Empty(outcomes);
    }

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Knot.DisposeAsync();
        stop.Dispose();
    }

    Task<GateVerdict> JudgeAsync(string zone, uint? serial, CancellationToken late)
    {
        Judged.Enqueue($"{zone} {serial}");
        return Judge(zone, serial, late);
    }
}
