using Oops.Native;

namespace Oops.Journal;

/// <summary>The tables.</summary>
internal static class JournalSchema
{
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

    public static SqliteSchema Of { get; } = new("a journal", 1, Tables);
}
