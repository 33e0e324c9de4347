using System.Diagnostics.CodeAnalysis;
using Oops.Native;

namespace Oops.Reports;

/// <summary>Questions to the store: one at a time, on a thread that is made for it, and none for longer than its patience, since the file may be long and the disk slow.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "a semaphore without a wait handle holds nothing")]
internal sealed class ReportReads(string path, TimeProvider time)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    readonly SemaphoreSlim reading = new(1, 1);

    /// <param name="question">Null: there is no store yet.</param>
    /// <param name="stop">Ends the question.</param>
    /// <exception cref="SqliteException">It cannot be read.</exception>
    /// <exception cref="IOException">There is no thread to be had.</exception>
    /// <exception cref="TimeoutException">It takes too long.</exception>
    public async Task<T> AskAsync<T>(Func<ReportReader?, T> question, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stop);
        var end = ended.Token;
        try
        {
            await reading.WaitAsync(end).ConfigureAwait(false);
            return await Begin(question, end).WaitAsync(end).ConfigureAwait(false);
        }
        catch (Exception e) when (patience.IsCancellationRequested && !stop.IsCancellationRequested && e is OperationCanceledException or SqliteException { Result: SqliteResult.Interrupt })
        {
            throw new TimeoutException("it takes too long to read so many reports: ask for fewer (since, zone, code)");
        }
        catch (SqliteException e) when (e.Result == SqliteResult.Interrupt)
        {
            throw new OperationCanceledException(stop);
        }
    }

    Task<T> Begin<T>(Func<ReportReader?, T> question, CancellationToken end)
    {
        var given = 0;
        var asked = OwnThread.RunAsync(() =>
        {
            try
            {
                using var reader = ReportReader.Open(path);
                // Ended before the reader is closed.
                using var interrupted = end.Register(() => reader?.Interrupt());
                return question(reader);
            }
            finally
            {
                GiveBack();
            }
        }, "oops-reports-read");
        // Where no thread could be made, nobody else does.
        if (asked.IsFaulted) GiveBack();
        return asked;

        void GiveBack()
        {
            if (Interlocked.Exchange(ref given, 1) == 0) reading.Release();
        }
    }
}
