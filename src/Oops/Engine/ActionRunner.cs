using Microsoft.Extensions.Logging;
using Oops.Core;
using Oops.Journal;

namespace Oops.Engine;

/// <summary>Owns one action: its session, its read-back, its intents.</summary>
internal sealed partial class ActionRunner : IAsyncDisposable
{
    readonly IAction action;
    readonly IEngine engine;
    readonly ILogger log;
    readonly CancellationTokenSource stopping = new();
    readonly RouterRunner router;
    readonly ReactionRunner reactions;
    readonly Lock gate = new();
    Task running = Task.CompletedTask;
    RouterIntent? early;
    TaskCompletionSource reread = New();
    bool open;

    /// <param name="queued">Nothing is done before <see cref="Start"/>: the runner that this one replaces may still be at it.</param>
    public ActionRunner(IAction action, IEngine engine, IOutbox? outbox, ILogger log, bool queued = false)
    {
        open = !queued;
        this.action = action;
        this.engine = engine;
        this.log = log;
        var guarded = new Guarded(action, engine.Time, log, stopping.Token);
        router = new(action, engine, guarded, stopping.Token);
        reactions = new(action, engine, guarded, outbox, stopping.Token, queued);
    }

    public string Name => action.Name;

    public IAction Action => action;

    /// <summary>Reactions that wait or run.</summary>
    public int Depth => reactions.Depth;

    public void Start()
    {
        reactions.Resume();
        RouterIntent? waiting;
        lock (gate) (open, waiting, early) = (true, early, null);
        // Should a newer one have overtaken it by now, it is ignored there.
        if (waiting is not null) router.Take(waiting);
        running = Task.Run(() => Task.WhenAll(SessionAsync(), ReadLoopAsync()));
    }

    /// <summary>On the machine's thread.</summary>
    public void Take(Intent intent)
    {
        if (stopping.IsCancellationRequested) return;
        if (intent is not RouterIntent table)
        {
            if (intent is ReactionIntent { Shadow: false } reaction) reactions.Take(reaction);
            return;
        }

        lock (gate)
        {
            if (!open)
            {
                // Each is the whole table: the newest is all there is to tell.
                early = table;
                return;
            }
        }

        router.Take(table);
    }

    /// <summary>Reads back now, too, and from now on as often as it says now.</summary>
    public void Reread() => Interlocked.Exchange(ref reread, New()).TrySetResult();

    /// <summary>What is under way at the router is done.</summary>
    public Task SettledAsync() => router.Running;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        await router.Running.ConfigureAwait(false);
        await reactions.StoppedAsync().ConfigureAwait(false);
        (action as IDisposable)?.Dispose();
        stopping.Dispose();
    }

    async Task SessionAsync()
    {
        var backoff = new Backoff();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await action.RunAsync(engine, stopping.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                SessionFailed(e, action.Name);
            }

            if (!await WaitAsync(backoff.Next()).ConfigureAwait(false)) return;
        }
    }

    async Task ReadLoopAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            var asked = Volatile.Read(ref reread).Task;
            router.Read();
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
            await Task.WhenAny(Task.Delay(action.ReadEvery ?? Timeout.InfiniteTimeSpan, engine.Time, over.Token), asked).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
        }
    }

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    async Task<bool> WaitAsync(TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, engine.Time, stopping.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(121, LogLevel.Error, "the session of action {Action} failed: this is a bug, please report it")]
    partial void SessionFailed(Exception e, string action);
}
