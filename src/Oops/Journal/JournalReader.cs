using System.Text.Json;
using Oops.Core;
using Oops.Native;

namespace Oops.Journal;

/// <summary>One stretch of the journal under one policy.</summary>
internal sealed record Run(long Id, string Boot, At At, DateTimeOffset Wall, string Version, string Config, RecordedChannel[] Channels, Snapshot? Snapshot, At Flushed, bool Ended);

/// <summary>Reads a journal, also while it is written.</summary>
internal sealed partial class JournalReader : IDisposable
{
    readonly SqliteDatabase database;

    JournalReader(SqliteDatabase database) => this.database = database;

    /// <exception cref="SqliteException">It cannot be opened, or is no journal of a version that we know.</exception>
    public static JournalReader Open(string path) => new(JournalSchema.Of.OpenToRead(path));

    /// <summary>The last snapshot and the boot that it is of.</summary>
    public (string Boot, DateTimeOffset Wall, Snapshot Snapshot)? Snapshot()
    {
        using var statement = database.Prepare("SELECT boot, wall, data FROM snapshot WHERE id = 1");
        if (!statement.Step()) return null;
        return ReadSnapshot(statement.Utf8(2)) is { } snapshot ? (statement.Text(0)!, Wall(statement.Int64(1)), snapshot) : null;
    }

    public IReadOnlyList<(long Id, ReactionIntent Intent)> Outbox(out long last)
    {
        last = 0;
        var rows = new List<(long, ReactionIntent)>();
        using var statement = database.Prepare("SELECT id, action, data FROM outbox ORDER BY id");
        while (statement.Step())
        {
            last = statement.Int64(0);
            if (Waiting(statement) is { } intent) rows.Add((last, intent));
        }

        return rows;
    }

    /// <summary>The newest lines, oldest first.</summary>
    public IReadOnlyList<Decision> History(Subject of, DateTimeOffset? since, int limit)
    {
        // After `condition/NAME/` comes the server, and its zone; '0' is what follows '/'.
        using var statement = database.Prepare("""
            WITH named AS (SELECT *, CASE WHEN ?4 IS NOT NULL AND subject >= 'condition/' AND subject < 'condition0' THEN substr(subject, 11 + instr(substr(subject, 11), '/')) END AS about FROM decisions)
            SELECT wall, kind, subject, before, after, text FROM named
            WHERE (?1 IS NULL OR subject = ?1 OR (subject >= ?1 || '/' AND subject < ?1 || '0') OR about = ?4 OR (about >= ?4 || '/' AND about < ?4 || '0')) AND wall >= ?2 ORDER BY id DESC LIMIT ?3
            """);
        statement.Bind(1, of.Id);
        statement.Bind(4, of.About);
        statement.Bind(2, since?.ToUnixTimeMilliseconds() ?? 0);
        statement.Bind(3, limit);
        var lines = new List<Decision>();
        while (statement.Step()) lines.Add(ReadDecision(statement));
        lines.Reverse();
        return lines;
    }

    public IReadOnlyList<Run> Runs()
    {
        using var statement = database.Prepare("SELECT id, boot, at, wall, version, config, channels, snapshot, flushed, ended FROM runs ORDER BY id");
        var runs = new List<Run>();
        while (statement.Step())
        {
            var channels = JsonSerializer.Deserialize(statement.Utf8(6), JournalJson.Default.RecordedChannelArray) ?? [];
            runs.Add(new(
                statement.Int64(0), statement.Text(1)!, new(statement.Int64(2)), Wall(statement.Int64(3)), statement.Text(4)!, statement.Text(5)!, channels,
                statement.IsNull(7) ? null : ReadSnapshot(statement.Utf8(7)), new(statement.Int64(8)), !statement.IsNull(9)));
        }

        return runs;
    }

    /// <summary>All inputs of a run in the order of their time, renewals spread evenly over theirs.</summary>
    public IEnumerable<(At At, Input Input)> Inputs(long run)
    {
        var renewals = new PriorityQueue<(Input Input, long Step, long Left), long>();
        foreach (var (first, last, count, input) in RenewalsOf(run))
            renewals.Enqueue((input, count > 1 ? (last - first) / (count - 1) : 0, count), first);

        using var statement = database.Prepare("SELECT at, data FROM inputs WHERE run = ?1 ORDER BY at, id");
        statement.Bind(1, run);
        while (statement.Step())
        {
            foreach (var (at, input) in InputCodec.ReadAll(statement.Utf8(1), new(statement.Int64(0))))
            {
                foreach (var renewed in Due(renewals, at.Ticks)) yield return renewed;
                yield return (at, input);
            }
        }

        foreach (var renewed in Due(renewals, long.MaxValue)) yield return renewed;
    }

    /// <summary>What a run decided, in order.</summary>
    public IEnumerable<(At At, Decision Decision)> DecisionsOf(long run)
    {
        using var statement = database.Prepare("SELECT wall, kind, subject, before, after, text, at FROM decisions WHERE run = ?1 ORDER BY id");
        statement.Bind(1, run);
        while (statement.Step()) yield return (new(statement.Int64(6)), ReadDecision(statement));
    }

    public void Dispose() => database.Dispose();

    static IEnumerable<(At, Input)> Due(PriorityQueue<(Input Input, long Step, long Left), long> renewals, long until)
    {
        while (renewals.TryPeek(out _, out var at) && at < until)
        {
            var (input, step, left) = renewals.Dequeue();
            yield return (new(at), input);
            if (left > 1) renewals.Enqueue((Countdown.After(input, TimeSpan.FromTicks(step)), step, left - 1), at + step);
        }
    }

    IEnumerable<(long First, long Last, long Count, Input Input)> RenewalsOf(long run)
    {
        using var statement = database.Prepare("SELECT first, last, count, data FROM renewals WHERE run = ?1");
        statement.Bind(1, run);
        while (statement.Step())
            if (InputCodec.Read(statement.Utf8(3)) is { } input) yield return (statement.Int64(0), statement.Int64(1), statement.Int64(2), input);
    }

    static ReactionIntent? Waiting(SqliteStatement statement) => Oops.Journal.Outbox.Read(statement.Text(1)!, statement.Utf8(2));

    static Decision ReadDecision(SqliteStatement s) => new(Wall(s.Int64(0)), s.Text(1)!, s.Text(2)!, s.Text(3), s.Text(4)!, s.Text(5)!);

    static DateTimeOffset Wall(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    static Snapshot? ReadSnapshot(ReadOnlySpan<byte> data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, JournalJson.Default.Snapshot);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
