using Oops.Engine;
using Oops.Native;

namespace Oops.Reports;

/// <summary>How much is stored, and for how long.</summary>
internal sealed record ReportStoreOptions
{
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(30);

    public long Rows { get; init; } = 1_000_000;

    /// <summary>Names may be a thousand characters long: of such there is room for fewer.</summary>
    public long Bytes { get; init; } = 512L << 20;

    /// <summary>Different rows that wait in memory while the disk cannot be written: some 8 MB.</summary>
    public int Waiting { get; init; } = 20_000;
}

/// <summary>
/// Reports on the disk: how often each came in each hour. A file of its own, so that a flood of reports can fill this one and not the journal (ADR 18). Written by a thread that is made for it. What cannot be written now
/// waits for the next time, up to a bound; what is lost is counted: all that was ever given was stored, waits, or is lost.
/// </summary>
internal sealed class ReportStore(string folder, ReportStoreOptions options, TimeProvider time) : IAsyncDisposable
{
    const long Hour = 3_600_000;

    /// <summary>Results of checks that wait for the disk, and that are kept on it: the last of each report.</summary>
    const int MostChecksWaiting = 2000, MostChecks = 20_000;

    static readonly TimeSpan Clean = TimeSpan.FromMinutes(1);

    /// <summary>The same where nothing has come since.</summary>
    static readonly TimeSpan CleanIdle = TimeSpan.FromHours(1);

    /// <summary>How long an end waits for the disk.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    readonly Lock gate = new();
    readonly WaitingReports waiting = new(options.Waiting);
    readonly Dictionary<(string, string, int), CheckNews> checks = [];
    Task<string?> running = Task.FromResult<string?>(null);
    ReportWriter? writer;
    long cleanedAt;
    TimeSpan cleanAfter;
    long stored, lost, checksLost, rows, bytes;
    Removed expired, dropped;
    volatile bool open;

    public const string FileName = "reports.db";

    public string FilePath { get; } = Path.Combine(folder, FileName);

    /// <summary>For <see cref="ISource.Counted"/>.</summary>
    public IReadOnlyList<SourceCount> Counted
    {
        get
        {
            lock (gate)
            {
                return
                [
                    new("store_up", "1: the store of reports is written.", open ? 1 : 0, SourceCountKind.Level),
                    new("store_rows", "Rows of the store: one for each different report of each hour.", rows, SourceCountKind.Level),
                    new("store_bytes", "Bytes of the store's file.", bytes, SourceCountKind.Level),
                    new("store_waiting", "Rows that wait for the disk.", waiting.Count, SourceCountKind.Level),
                    new("stored", "Reports that were stored.", stored),
                    new("store_lost", "Reports that could not be stored, and for which no more room was to wait.", lost),
                    new("store_checks_lost", "Results of checks that could not be stored, and for which no more room was to wait.", checksLost),
                    new("store_expired_rows", "Rows removed from the store because of their age.", expired.Rows),
                    new("store_dropped_rows", "Rows removed from the store to make room.", dropped.Rows),
                    new("store_dropped", "Reports that were counted in rows removed to make room.", dropped.Reports),
                ];
            }
        }
    }

    /// <summary>What a check has found; written with the next <see cref="WriteAsync"/>.</summary>
    public void Add(CheckNews found)
    {
        lock (gate)
        {
            var key = (found.Name, found.Types, found.Code);
            if (checks.Count < MostChecksWaiting || checks.ContainsKey(key)) checks[key] = found;
            else checksLost++;
        }
    }

    /// <summary>
    /// Adds news to the store, and removes what is too old or too much; to be called every few seconds, also with none. Never throws what the disk says. Null: all is on its way to the disk. Else why not, and the news wait for the next call.
    /// </summary>
    /// <param name="news">What has come since the last call.</param>
    /// <param name="stop">How long the disk is waited for; what was begun goes on.</param>
    public async Task<string?> WriteAsync(IReadOnlyList<ReportNews> news, CancellationToken stop)
    {
        Task<string?> mine;
        lock (gate)
        {
            foreach (var one in news) lost += waiting.Add(one);
            if (running.IsCompleted && (waiting.Count > 0 || checks.Count > 0 || !open || time.GetElapsedTime(cleanedAt) >= cleanAfter)) running = OwnThread.RunAsync(Write, "oops-reports");
            mine = running;
        }
        try
        {
            return await mine.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return $"{FilePath}: the disk has not answered";
        }
        catch (IOException e)
        {
            return $"{FilePath}: {e.Message}";
        }
    }

    /// <summary>Writes what waits, if the disk answers.</summary>
    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(Patience, time);
        // The first waits for one that is under way, which does not have what came since.
        for (var i = 0; i < 2; i++) await WriteAsync([], soon.Token).ConfigureAwait(false);
        // A thread that hangs has it, and is not disturbed.
        if (running.IsCompleted) writer?.Dispose();
    }

    // On a thread of its own; never two at a time.
    string? Write()
    {
        WaitingReports batch;
        List<CheckNews> found;
        lock (gate)
        {
            batch = waiting.Take();
            found = [.. checks.Values];
        }
        try
        {
            if (writer is null)
            {
                Directory.CreateDirectory(folder);
                writer = ReportWriter.Open(FilePath, out var refused);
                if (refused is not null) return Keep(batch, $"{FilePath}: {refused}");
            }
            if (batch.Count > 0) writer!.Write(batch.Rows);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            return Keep(batch, SqliteSchema.WhyNot(FilePath, e));
        }

        lock (gate)
        {
            stored += batch.Reports;
            open = true;
        }
        return WriteChecks(writer!, found) ?? Tidy(writer!, batch.Count > 0);
    }

    /// <summary>Apart from the reports, which are stored already: what was not written is so with the next call.</summary>
    string? WriteChecks(ReportWriter file, List<CheckNews> found)
    {
        if (found.Count == 0) return null;
        try
        {
            file.Write(found);
        }
        catch (SqliteException e)
        {
            return Keep(null, e.Message);
        }

        lock (gate)
        {
            // Those that came meanwhile stay.
            foreach (var one in found)
                if (checks.TryGetValue((one.Name, one.Types, one.Code), out var now) && now == one) checks.Remove((one.Name, one.Types, one.Code));
        }

        return null;
    }

    string Keep(WaitingReports? batch, string why)
    {
        writer?.Dispose();
        writer = null;
        lock (gate)
        {
            if (batch is not null) lost += waiting.Add(batch);
            open = false;
        }
        return why;
    }

    string? Tidy(ReportWriter file, bool written)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var (old, over) = (file.Expired, file.Dropped);
        try
        {
            var due = time.GetElapsedTime(cleanedAt) >= cleanAfter;
            var done = file.MakeRoom(options.Rows, options.Bytes, now / Hour);
            if (due)
            {
                file.ExpireChecks(now - (long)options.Keep.TotalMilliseconds, MostChecks);
                done &= file.Expire((now - (long)options.Keep.TotalMilliseconds) / Hour) && file.Shrink();
                lock (gate) cleanedAt = time.GetTimestamp();
            }
            lock (gate) cleanAfter = !done || written ? Clean : due ? CleanIdle : cleanAfter;
            return null;
        }
        catch (SqliteException e)
        {
            return Keep(null, e.Message);
        }
        finally
        {
            lock (gate)
            {
                expired += file.Expired - old;
                dropped += file.Dropped - over;
                (rows, bytes) = (file.Rows, file.Bytes);
            }
        }
    }
}
