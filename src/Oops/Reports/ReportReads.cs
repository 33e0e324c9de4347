using Oops.Native;

namespace Oops.Reports;

/// <summary>Questions to the store: one at a time, on a thread that is made for it, and none for longer than its patience, since the file may be long and the disk slow.</summary>
internal sealed class ReportReads(string path, TimeProvider time)
{
    readonly BlockingTurns turns = new("oops-reports-read", TimeSpan.FromSeconds(8), time);

    /// <param name="question">Null: there is no store yet.</param>
    /// <param name="stop">Ends the question.</param>
    /// <exception cref="SqliteException">It cannot be read.</exception>
    /// <exception cref="IOException">There is no thread to be had.</exception>
    /// <exception cref="TimeoutException">It takes too long.</exception>
    public Task<T> AskAsync<T>(Func<ReportReader?, T> question, CancellationToken stop) => turns.RunAsync(end =>
    {
        using var reader = ReportReader.Open(path);
        // Ended before the reader is closed.
        using var interrupted = end.Register(() => reader?.Interrupt());
        return question(reader);
    }, "it takes too long to read so many reports: ask for fewer (since, zone, code)", stop);
}
