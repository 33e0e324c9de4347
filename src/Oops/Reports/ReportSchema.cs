using Oops.Native;

namespace Oops.Reports;

/// <summary>The tables of the store of reports.</summary>
internal static class ReportSchema
{
    // `hour`: whole hours since 1970; `first`, `last`: milliseconds; `zone`: empty where none is known; `stored`: rises with each change of a row, so that who has read up to one finds the later ones.
    const string Tables = """
        CREATE TABLE reports(
            id INTEGER PRIMARY KEY, stored INTEGER NOT NULL, hour INTEGER NOT NULL, agent TEXT NOT NULL, zone TEXT NOT NULL, name TEXT NOT NULL, types TEXT NOT NULL, code INTEGER NOT NULL,
            count INTEGER NOT NULL, verified INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, paths INTEGER NOT NULL, networks INTEGER NOT NULL, last_from TEXT NOT NULL);
        CREATE UNIQUE INDEX reports_what ON reports(hour, name, types, code, agent, zone);
        CREATE INDEX reports_stored ON reports(stored);
        CREATE TABLE state(id INTEGER PRIMARY KEY CHECK (id = 1), stored INTEGER NOT NULL, rows INTEGER NOT NULL);
        INSERT INTO state VALUES (1, 0, 0);
        """;

    // From version 2 on: what the last check of a report found; `at`: milliseconds.
    const string Checks = """
        CREATE TABLE checks(name TEXT NOT NULL, types TEXT NOT NULL, code INTEGER NOT NULL, at INTEGER NOT NULL, verdict INTEGER NOT NULL, found TEXT NOT NULL, PRIMARY KEY(name, types, code)) WITHOUT ROWID;
        CREATE INDEX checks_at ON checks(at);
        """;

    /// <summary>The first version with the table of checks.</summary>
    public const int WithChecks = 2;

    // What was removed is given back to the disk, a piece at a time, and a log that was long is cut. The first works only before anything is in the file.
    public static SqliteSchema Of { get; } = new("a store of reports", WithChecks, Tables + "\n" + Checks) { Steps = [Checks], Settings = "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_size_limit=16777216" };
}
