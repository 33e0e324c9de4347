using Oops.Native;

namespace Oops.Reports;

/// <summary>Rows that were removed, and the reports that were counted in them.</summary>
internal readonly record struct Removed(long Rows, long Reports)
{
    public static Removed operator +(Removed a, Removed b) => new(a.Rows + b.Rows, a.Reports + b.Reports);

    public static Removed operator -(Removed a, Removed b) => new(a.Rows - b.Rows, a.Reports - b.Reports);
}

/// <summary>The open store and its statements. One thread at a time; whatever SQLite refuses is thrown, and then nothing of a batch was written.</summary>
internal sealed class ReportWriter : IDisposable
{
    /// <summary>The most rows that one transaction removes: so long another writer waits.</summary>
    const int Piece = 5000;

    /// <summary>Pieces of one call: what is left is removed by the next.</summary>
    const int Pieces = 20;

    /// <summary>Pages that are given back to the disk at once: 8 MiB.</summary>
    const int GivenBack = 2048;

    /// <summary>By `stored`, which rises with each change and has an index; a window of it, so that it takes no longer where all were proved.</summary>
    const string Longest = "SELECT id FROM (SELECT id, stored, verified FROM reports WHERE ?2 = ?2 ORDER BY stored LIMIT 4 * ?1) ORDER BY verified > 0, stored LIMIT ?1";

    readonly SqliteDatabase database;
    readonly SqliteStatement add, insert, state, setState, pages, check;

    ReportWriter(SqliteDatabase database)
    {
        this.database = database;
        add = database.Prepare("""
            UPDATE reports SET stored = ?1, count = count + ?8, verified = verified + ?9, first = min(first, ?10), last_from = CASE WHEN ?11 >= last THEN ?14 ELSE last_from END, last = max(last, ?11),
                paths = paths | ?12, networks = max(networks, ?13)
            WHERE hour = ?2 AND name = ?3 AND types = ?4 AND code = ?5 AND agent = ?6 AND zone = ?7
            """);
        insert = database.Prepare("""
            INSERT INTO reports(stored, hour, name, types, code, agent, zone, count, verified, first, last, paths, networks, last_from) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            """);
        state = database.Prepare("SELECT stored, rows FROM state");
        setState = database.Prepare("UPDATE state SET stored = ?1, rows = ?2");
        check = database.Prepare("INSERT INTO checks(name, types, code, at, verdict, found) VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(name, types, code) DO UPDATE SET at = excluded.at, verdict = excluded.verdict, found = excluded.found");
        pages = database.Prepare("SELECT page_count, freelist_count, page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size");
    }

    /// <summary>Rows in the file, as of the last call.</summary>
    public long Rows { get; private set; }

    /// <summary>Bytes of the file, and of these in use, as of the last call.</summary>
    public long Bytes { get; private set; }

    public long Used { get; private set; }

    /// <summary>Opens or makes the file. Null with the reason where it must not be written.</summary>
    public static ReportWriter? Open(string path, out string? refused)
    {
        if (ReportSchema.Of.OpenToWrite(path, out refused) is not { } database) return null;
        try
        {
            var writer = new ReportWriter(database);
            (_, writer.Rows) = writer.ReadState();
            writer.Measure();
            return writer;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Adds a batch to what is there, as one transaction.</summary>
    public void Write(IReadOnlyDictionary<ReportKey, ReportSum> batch)
    {
        Transact(() =>
        {
            // Not what was known of the last time: another one may write, too.
            var (stored, rows) = ReadState();
            foreach (var (key, sum) in batch)
            {
                Bind(add, ++stored, key, sum);
                add.Run();
                if (database.Changes > 0) continue;
                Bind(insert, stored, key, sum);
                insert.Run();
                rows++;
            }
            WriteState(stored, rows);
        });
        Measure();
    }

    /// <summary>Keeps what checks have found, in the place of what earlier ones did.</summary>
    public void Write(IEnumerable<CheckNews> checks) => Transact(() =>
    {
        foreach (var found in checks)
        {
            check.Bind(1, found.Name);
            check.Bind(2, found.Types);
            check.Bind(3, found.Code);
            check.Bind(4, found.At.ToUnixTimeMilliseconds());
            check.Bind(5, (long)found.Verdict);
            check.Bind(6, found.Found);
            check.Run();
        }
    });

    /// <summary>Removes what checks found before a time (milliseconds since 1970), and the oldest of what is more than <paramref name="most"/>.</summary>
    public void ExpireChecks(long before, int most)
    {
        using var old = database.Prepare("DELETE FROM checks WHERE at < ?1 OR at < (SELECT at FROM checks ORDER BY at DESC LIMIT 1 OFFSET ?2)");
        old.Bind(1, before);
        old.Bind(2, most - 1);
        Transact(old.Run);
    }

    /// <summary>What was removed because of its age, and to make room; also where a later piece failed.</summary>
    public Removed Expired { get; private set; }

    public Removed Dropped { get; private set; }

    /// <summary>Removes rows of hours before one. False: there may be more of them.</summary>
    public bool Expire(long hour)
    {
        for (var i = 0; i < Pieces; i++)
        {
            var piece = Remove("SELECT id FROM reports WHERE hour < ?2 ORDER BY hour LIMIT ?1", hour, Piece);
            Expired += piece;
            if (piece.Rows < Piece) return true;
        }
        return false;
    }

    /// <summary>
    /// Removes what came longest ago until there are no more than so many rows and bytes; of that first what nobody told whose address is proved. Those of a later hour than <paramref name="now"/> go first: a clock that was ahead must not make all that comes later give way to them. False: there are more.
    /// </summary>
    public bool MakeRoom(long most, long bytes, long now)
    {
        for (var i = 0; Rows > 0 && (Rows > most || Used > bytes); i++)
        {
            if (i == Pieces) return false;
            var many = Math.Min(Piece, Math.Max(Rows - most, (Rows / 20) + 1));
            var piece = Remove("SELECT id FROM reports WHERE hour > ?2 ORDER BY hour DESC LIMIT ?1", now, many);
            if (piece.Rows == 0) piece = Remove(Longest, now, many);
            if (piece.Rows == 0) break;
            Dropped += piece;
            Measure();
        }
        return true;
    }

    /// <summary>Gives what is free of the file back to the disk, a piece of it. False: there is more.</summary>
    public bool Shrink()
    {
        Measure();
        if (Bytes > Used) database.Execute($"PRAGMA incremental_vacuum({GivenBack})");
        database.Checkpoint(SqliteCheckpoint.Passive);
        Measure();
        return Bytes == Used;
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<SqliteStatement>)[add, insert, state, setState, pages, check]) statement.Dispose();
        database.Dispose();
    }

    Removed Remove(string which, long hour, long many)
    {
        var removed = new Removed();
        using var delete = database.Prepare($"DELETE FROM reports WHERE id IN ({which}) RETURNING count");
        delete.Bind(1, many);
        delete.Bind(2, hour);
        Transact(() =>
        {
            while (delete.Step()) removed += new Removed(1, delete.Int64(0));
            delete.Reset();
            var (stored, rows) = ReadState();
            WriteState(stored, rows - removed.Rows);
        });
        return removed;
    }

    void Transact(Action work)
    {
        database.Execute("BEGIN IMMEDIATE");
        try
        {
            work();
            database.Execute("COMMIT");
        }
        catch
        {
            database.TryRollback();
            throw;
        }
    }

    (long Stored, long Rows) ReadState()
    {
        try
        {
            return state.Step() ? (state.Int64(0), state.Int64(1)) : throw new SqliteException(SqliteResult.Corrupt, (int)SqliteResult.Corrupt, $"{database.Path}: the row of its state is missing");
        }
        finally
        {
            state.Reset();
        }
    }

    void WriteState(long stored, long rows)
    {
        setState.Bind(1, stored);
        setState.Bind(2, rows);
        setState.Run();
        Rows = rows;
    }

    void Measure()
    {
        pages.Step();
        var size = pages.Int64(2);
        (Bytes, Used) = (pages.Int64(0) * size, (pages.Int64(0) - pages.Int64(1)) * size);
        pages.Reset();
    }

    static void Bind(SqliteStatement to, long stored, in ReportKey key, in ReportSum sum)
    {
        to.Bind(1, stored);
        to.Bind(2, key.Hour);
        to.Bind(3, key.Name);
        to.Bind(4, key.Types);
        to.Bind(5, key.Code);
        to.Bind(6, key.Agent);
        to.Bind(7, key.Zone);
        to.Bind(8, sum.Count);
        to.Bind(9, sum.Verified);
        to.Bind(10, sum.First);
        to.Bind(11, sum.Last);
        to.Bind(12, sum.Paths);
        to.Bind(13, sum.Networks);
        to.Bind(14, sum.LastFrom);
    }
}
