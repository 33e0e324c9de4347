using System.Diagnostics.CodeAnalysis;

namespace Oops.Native;

/// <summary>Work that may block, as reading a file on a disk that hangs: one at a time, each on a thread that is made for it, and nobody waits for longer than his patience. So there is one such thread, however many ask.</summary>
/// <param name="name">Of the thread.</param>
/// <param name="patience">For a turn, and the work.</param>
/// <param name="time">By which clock.</param>
[SuppressMessage("Reliability", "CA1001", Justification = "a semaphore without a wait handle holds nothing")]
internal sealed class BlockingTurns(string name, TimeSpan patience, TimeProvider time)
{
    readonly SemaphoreSlim turn = new(1, 1);

    /// <param name="work">It is given what tells it to end early.</param>
    /// <param name="late">What to say where it takes too long.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <exception cref="IOException">There is no thread to be had.</exception>
    /// <exception cref="TimeoutException">It takes too long.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, T> work, string late, CancellationToken stop)
    {
        using var over = new CancellationTokenSource(patience, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(over.Token, stop);
        var end = ended.Token;
        try
        {
            await turn.WaitAsync(end).ConfigureAwait(false);
            return await Begin(work, end).WaitAsync(end).ConfigureAwait(false);
        }
        catch (Exception e) when (over.IsCancellationRequested && !stop.IsCancellationRequested && e is OperationCanceledException or SqliteException { Result: SqliteResult.Interrupt })
        {
            throw new TimeoutException(late);
        }
        catch (SqliteException e) when (e.Result == SqliteResult.Interrupt)
        {
            throw new OperationCanceledException(stop);
        }
    }

    Task<T> Begin<T>(Func<CancellationToken, T> work, CancellationToken end)
    {
        var given = 0;
        var begun = OwnThread.RunAsync(() =>
        {
            try
            {
                return work(end);
            }
            finally
            {
                GiveBack();
            }
        }, name);
        // Where no thread could be made, nobody else does.
        if (begun.IsFaulted) GiveBack();
        return begun;

        void GiveBack()
        {
            if (Interlocked.Exchange(ref given, 1) == 0) turn.Release();
        }
    }
}
