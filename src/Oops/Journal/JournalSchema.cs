using Oops.Native;

namespace Oops.Journal;

/// <summary>The tables. A change adds a step and raises the version; a file of a newer version is never written.</summary>
internal static class JournalSchema
{
    public const int Version = 1;

    const string Tables = """
        CREATE TABLE runs(
            id INTEGER PRIMARY KEY, boot TEXT NOT NULL, at INTEGER NOT NULL, wall INTEGER NOT NULL, version TEXT NOT NULL,
            config TEXT NOT NULL, channels TEXT NOT NULL, snapshot TEXT, flushed INTEGER NOT NULL, ended INTEGER);
        CREATE TABLE inputs(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, at INTEGER NOT NULL, wall INTEGER NOT NULL, data TEXT NOT NULL);
        CREATE INDEX inputs_run ON inputs(run, at);
        CREATE TABLE renewals(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, wall INTEGER NOT NULL, count INTEGER NOT NULL, data TEXT NOT NULL);
        CREATE INDEX renewals_run ON renewals(run, first);
        CREATE TABLE decisions(
            id INTEGER PRIMARY KEY, run INTEGER NOT NULL, at INTEGER NOT NULL, wall INTEGER NOT NULL, kind TEXT NOT NULL,
            subject TEXT NOT NULL, before TEXT, after TEXT NOT NULL, text TEXT NOT NULL);
        CREATE INDEX decisions_subject ON decisions(subject, id);
        CREATE INDEX decisions_run ON decisions(run, at);
        CREATE INDEX decisions_wall ON decisions(wall);
        CREATE TABLE snapshot(id INTEGER PRIMARY KEY CHECK (id = 1), boot TEXT NOT NULL, at INTEGER NOT NULL, wall INTEGER NOT NULL, data TEXT NOT NULL);
        CREATE TABLE outbox(id INTEGER PRIMARY KEY, action TEXT NOT NULL, data TEXT NOT NULL);
        """;

    public static int Read(SqliteDatabase database)
    {
        using var statement = database.Prepare("PRAGMA user_version");
        return statement.Step() ? (int)statement.Int64(0) : 0;
    }

    /// <summary>Makes the tables in a new file. Returns null, or why the file must not be written.</summary>
    public static string? Prepare(SqliteDatabase database)
    {
        var found = Read(database);
        if (found > Version) return $"it is of schema {found}, this version writes {Version}: it is left alone";
        if (found == Version) return null;
        database.Execute("BEGIN IMMEDIATE");
        database.Execute(Tables);
        database.Execute($"PRAGMA user_version = {Version}");
        database.Execute("COMMIT");
        return null;
    }
}
