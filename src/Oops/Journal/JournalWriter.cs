using System.Text.Json;
using Oops.Core;
using Oops.Native;

namespace Oops.Journal;

/// <summary>The open file and its statements. One thread; whatever SQLite refuses is thrown.</summary>
internal sealed class JournalWriter : IDisposable
{
    const long OnlyRow = 1;

    readonly SqliteDatabase database;
    readonly SqliteStatement input;
    readonly SqliteStatement renewal;
    readonly SqliteStatement decision;
    readonly SqliteStatement begin;
    readonly SqliteStatement end;
    readonly SqliteStatement snapshot;
    readonly SqliteStatement outboxAdd;
    readonly SqliteStatement outboxRemove;
    readonly Renewals renewals;
    readonly ClaimGroup claims = new();
    readonly Origin origin;
    bool open;
    long run;
    At flushed;
    DateTimeOffset wall;

    JournalWriter(SqliteDatabase database, Origin origin)
    {
        this.database = database;
        this.origin = origin;
        input = database.Prepare("INSERT INTO inputs(run, at, wall, data) VALUES(?1, ?2, ?3, ?4)");
        renewal = database.Prepare("INSERT INTO renewals(run, first, last, wall, count, data) VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
        decision = database.Prepare("INSERT INTO decisions(run, at, wall, kind, subject, before, after, text) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        begin = database.Prepare("INSERT INTO runs(boot, at, wall, version, config, channels, snapshot, flushed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?2)");
        end = database.Prepare("UPDATE runs SET flushed = ?2, ended = ?3 WHERE id = ?1");
        snapshot = database.Prepare("INSERT OR REPLACE INTO snapshot(id, boot, at, wall, data) VALUES(1, ?1, ?2, ?3, ?4)");
        outboxAdd = database.Prepare("INSERT OR REPLACE INTO outbox(id, action, data) VALUES(?1, ?2, ?3)");
        outboxRemove = database.Prepare("DELETE FROM outbox WHERE id = ?1");
        renewals = new(Renewed);
    }

    /// <summary>Opens or makes the file. Null with the reason where it must not be written.</summary>
    public static JournalWriter? Open(string path, Origin origin, out string? refused)
    {
        var database = JournalSchema.Of.OpenToWrite(path, out refused);
        return database is null ? null : new(database, origin);
    }

    /// <summary>Writes a batch as one transaction; the disk has it when this returns if <paramref name="durable"/>, the kernel has it otherwise.</summary>
    public void Write(IReadOnlyList<JournalItem> batch, bool durable)
    {
        if (durable) database.Execute("PRAGMA synchronous=FULL");
        try
        {
            try
            {
                foreach (var item in batch) Write(item);
                WriteClaims();
                if (open) database.Execute("COMMIT");
            }
            catch
            {
                claims.Clear();
                if (open) database.TryRollback();
                throw;
            }
            finally
            {
                open = false;
            }
        }
        finally
        {
            if (durable) database.Execute("PRAGMA synchronous=NORMAL");
        }
    }

    /// <summary>Removes what is older.</summary>
    public void Retain(DateTimeOffset oldest)
    {
        var limit = oldest.ToUnixTimeMilliseconds();
        foreach (var table in (ReadOnlySpan<string>)["inputs", "renewals", "decisions"])
        {
            using var statement = database.Prepare($"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE wall < ?1 ORDER BY id LIMIT 20000)");
            do
            {
                statement.Bind(1, limit);
                statement.Run();
            } while (database.Changes == 20_000);
        }

        using var runs = database.Prepare("DELETE FROM runs WHERE wall < ?1 AND id <> (SELECT max(id) FROM runs) AND NOT EXISTS (SELECT 1 FROM inputs WHERE inputs.run = runs.id)");
        runs.Bind(1, limit);
        runs.Run();
        database.Checkpoint(SqliteCheckpoint.Passive);
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<SqliteStatement>)[input, renewal, decision, begin, end, snapshot, outboxAdd, outboxRemove]) statement.Dispose();
        database.Dispose();
    }

    void Write(JournalItem item)
    {
        if (item is not StepItem) WriteClaims();
        switch (item)
        {
            case StepItem step:
                Step(step);
                break;
            case RunItem begun:
                Begin(begun);
                break;
            case SnapshotItem s:
                snapshot.Bind(1, origin.Boot);
                snapshot.Bind(2, s.Now.At.Ticks);
                snapshot.Bind(3, s.Now.Wall.ToUnixTimeMilliseconds());
                snapshot.BindZeros(4, SnapshotText.Measure(s.Snapshot));
                Run(snapshot);
                Write(s.Snapshot, "snapshot", "data", OnlyRow);
                break;
            case OutboxAddItem add:
                outboxAdd.Bind(1, add.Id);
                outboxAdd.Bind(2, add.Intent.Action);
                outboxAdd.BindText(3, Outbox.Write(add.Intent));
                Run(outboxAdd);
                break;
            case OutboxRemoveItem remove:
                outboxRemove.Bind(1, remove.Id);
                Run(outboxRemove);
                break;
            case FlushItem flush when run != 0:
                Flush(flush.Now.At, flush.End ? flush.Now.Wall : null);
                break;
        }
    }

    // A batch of which nothing is news is no transaction.
    void Run(SqliteStatement statement)
    {
        if (!open) database.Execute("BEGIN IMMEDIATE");
        open = true;
        statement.Run();
    }

    void Begin(RunItem begun)
    {
        if (run != 0) Flush(begun.Now.At, begun.Now.Wall);
        renewals.Clear();
        begin.Bind(1, origin.Boot);
        begin.Bind(2, begun.Now.At.Ticks);
        begin.Bind(3, begun.Now.Wall.ToUnixTimeMilliseconds());
        begin.Bind(4, origin.Version);
        begin.Bind(5, begun.Config);
        begin.BindText(6, JsonSerializer.SerializeToUtf8Bytes(begun.Channels, JournalJson.Default.RecordedChannelArray));
        if (begun.Snapshot is { } s) begin.BindZeros(7, SnapshotText.Measure(s));
        Run(begin);
        run = database.LastInsertRowId;
        if (begun.Snapshot is { } same) Write(same, "runs", "snapshot", run);
        flushed = begun.Now.At;
        wall = begun.Now.Wall;
        Decided(begun.Now.At, new(begun.Now.Wall, "run", "run", null, "began", $"oops {origin.Version}, config {begun.Config}"));
    }

    void Step(StepItem step)
    {
        wall = step.Now.Wall;
        if (step.Input is not Tick && renewals.IsNews(step.Now.At, step.Input) && !claims.TryAdd(step.Now.At, step.Input))
        {
            WriteClaims();
            if (!claims.TryAdd(step.Now.At, step.Input)) Write(step.Now.At, InputCodec.Write(step.Input));
        }

        // What a source says is no line by itself.
        if (step is not { Input: Signal, Effects.Length: 0 })
            foreach (var said in Decisions.Of(step.Now, step.Input, step.Effects)) Decided(step.Now.At, said);
        if (step.Now.At - flushed >= Renewals.Every) Flush(step.Now.At, null);
    }

    void Write(Snapshot snapshot, string table, string column, long row)
    {
        using var blob = new SqliteBlob(database, table, column, row);
        SnapshotText.Write(snapshot, blob.Write);
    }

    // Before anything that is later in time.
    void WriteClaims()
    {
        if (claims.Count > 0) Write(claims.At, claims.Take());
    }

    void Write(At at, byte[] text)
    {
        input.Bind(1, run);
        input.Bind(2, at.Ticks);
        input.Bind(3, wall.ToUnixTimeMilliseconds());
        input.BindText(4, text);
        Run(input);
    }

    void Decided(At at, Decision said)
    {
        decision.Bind(1, run);
        decision.Bind(2, at.Ticks);
        decision.Bind(3, said.Wall.ToUnixTimeMilliseconds());
        decision.Bind(4, said.Kind);
        decision.Bind(5, said.Id);
        decision.Bind(6, said.From);
        decision.Bind(7, said.To);
        decision.Bind(8, said.Text);
        Run(decision);
    }

    void Flush(At at, DateTimeOffset? ended)
    {
        renewals.Flush();
        flushed = at;
        end.Bind(1, run);
        end.Bind(2, at.Ticks);
        if (ended is { } e) end.Bind(3, e.ToUnixTimeMilliseconds());
        Run(end);
    }

    void Renewed(Renewals.Same same)
    {
        renewal.Bind(1, run);
        renewal.Bind(2, same.First.Ticks);
        renewal.Bind(3, same.Last.Ticks);
        renewal.Bind(4, wall.ToUnixTimeMilliseconds());
        renewal.Bind(5, same.Count);
        renewal.BindText(6, InputCodec.Write(same.Input));
        Run(renewal);
    }
}
