using Microsoft.Extensions.Logging;
using Oops.Core;

namespace Oops.Engine;

/// <summary>Calls an action within its time; whatever goes wrong becomes a value.</summary>
internal sealed partial class Guarded(IAction action, TimeProvider time, ILogger log, CancellationToken stop)
{
    static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);

    public async ValueTask<Outcome> ApplyAsync(Intent intent)
    {
        using var timeout = new CancellationTokenSource(action.ApplyTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            return await action.ApplyAsync(intent, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new Retry(stop.IsCancellationRequested ? "stopping" : $"no outcome within {action.ApplyTimeout.TotalSeconds:0.#} s");
        }
        catch (Exception e)
        {
            Failed(e, action.Name);
            return new Retry($"the action failed: {e.GetType().Name}");
        }
    }

    /// <summary>Null when there is nothing to tell, or when it was superseded.</summary>
    public async ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken superseded)
    {
        using var timeout = new CancellationTokenSource(ReadTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop, superseded);
        try
        {
            return await action.ReadAsync(intent, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return stop.IsCancellationRequested || superseded.IsCancellationRequested ? null : new RouterUnseen(action.Name, $"no answer within {ReadTimeout.TotalSeconds:0} s");
        }
        catch (Exception e)
        {
            Failed(e, action.Name);
            return new RouterUnseen(action.Name, $"the read-back failed: {e.GetType().Name}");
        }
    }

    [LoggerMessage(120, LogLevel.Error, "action {Action} failed: this is a bug, please report it")]
    partial void Failed(Exception e, string action);
}
