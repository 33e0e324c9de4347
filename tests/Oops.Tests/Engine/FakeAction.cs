using Xunit;
using System.Collections.Concurrent;
using Oops.Core;
using Oops.Engine;

namespace Oops.Tests.Engine;

/// <summary>An action whose outcomes a test decides, one per application.</summary>
internal sealed class FakeAction(string name, int parallel = 1) : IAction
{
    readonly SemaphoreSlim applied = new(0);

    public string Name => name;

    public int Parallel => parallel;

    public TimeSpan? ReadEvery { get; set; }

    public bool CarriesZones { get; init; }

    public IReadOnlyList<SessionReport> Sessions { get; set; } = [];

    public IReadOnlyList<ListenReport> Listening { get; set; } = [];

    /// <summary>What a reload would take from its peers.</summary>
    public IReadOnlyList<string> Lost { get; set; } = [];

    public IReadOnlyList<string> Losses(Oops.Actions.IActionConfig? own, Oops.Config.OopsConfig config) => Lost;

    public ConcurrentQueue<Intent> Applied { get; } = new();

    public int AtOnce;

    public int MostAtOnce;

    public int FirstThread;

    public Func<Intent, CancellationToken, ValueTask<Outcome>> Answer { get; set; } = (_, _) => new(Outcome.Done);

    public Func<Input?> Observe { get; set; } = () => null;

    public Task RunAsync(IEngine engine, CancellationToken stop) => Task.CompletedTask;

    /// <summary>What a read waits for before it observes.</summary>
    public Func<CancellationToken, Task> BeforeRead { get; set; } = _ => Task.CompletedTask;

    public async ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop)
    {
        await BeforeRead(stop);
        return Observe();
    }

    public async ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (FirstThread == 0) FirstThread = Environment.CurrentManagedThreadId;
        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref AtOnce));
        Applied.Enqueue(intent);
        applied.Release();
        try
        {
            return await Answer(intent, stop);
        }
        finally
        {
            Interlocked.Decrement(ref AtOnce);
        }
    }

    public async Task AppliedAsync() => Assert.True(await applied.WaitAsync(TimeSpan.FromSeconds(10)), "nothing was applied");
}
