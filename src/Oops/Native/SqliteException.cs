namespace Oops.Native;

/// <summary>The result codes of SQLite that callers tell apart (sqlite.org/rescode.html), extended codes cut to their low byte.</summary>
internal enum SqliteResult
{
    Ok = 0,
    Error = 1,
    Perm = 3,
    Busy = 5,
    Locked = 6,
    NoMemory = 7,
    ReadOnly = 8,
    Interrupt = 9,
    IoError = 10,
    Corrupt = 11,
    Full = 13,
    CantOpen = 14,
    Schema = 17,
    TooBig = 18,
    Constraint = 19,
    Mismatch = 20,
    Misuse = 21,
    NotADatabase = 26,
    Row = 100,
    Done = 101,
}

/// <summary>SQLite refused: a full disk, a broken file, a lock, or wrong SQL. <see cref="Result"/> says which; the message is SQLite's own, with the file.</summary>
internal sealed class SqliteException(SqliteResult result, int extended, string message) : Exception(message)
{
    public SqliteResult Result { get; } = result;

    /// <summary>The extended code, as SQLite's documentation lists it.</summary>
    public int Extended { get; } = extended;
}
