using Oops.Native;

namespace Oops.Doctor;

/// <summary>A look, or why there is none.</summary>
internal readonly record struct Looked<T>(T? Value, string Why)
    where T : class;

/// <summary>A look that may hang, on a dead file server or in a process that does not answer: a thread of its own, which is left behind when the time is over.</summary>
internal static class Bounded
{
    public static async Task<Looked<T>> LookAsync<T>(string what, Func<CancellationToken, T?> look, TimeSpan patience, CancellationToken stop)
        where T : class
    {
        var done = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var token = late.Token;
        if (!Threads.TryStart(() => Run(look, done, token), "oops-doctor")) return new(null, $"{what} was not looked at: no thread is to be had");
        try
        {
            return new(await done.Task.WaitAsync(patience, TimeProvider.System, stop).ConfigureAwait(false), "");
        }
        catch (TimeoutException)
        {
            await late.CancelAsync().ConfigureAwait(false);
            return new(null, $"{what} did not answer within {patience.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(null, $"{what}: {Reason.Of(e)}");
        }
    }

    // A thread has no other way to hand on what was thrown.
    static void Run<T>(Func<CancellationToken, T?> look, TaskCompletionSource<T?> done, CancellationToken stop)
        where T : class
    {
        try
        {
            done.TrySetResult(look(stop));
        }
        catch (Exception e)
        {
            done.TrySetException(e);
        }
    }
}
