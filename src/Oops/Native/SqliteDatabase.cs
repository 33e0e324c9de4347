using System.Runtime.InteropServices;
using System.Text;

namespace Oops.Native;

/// <summary>How to open a database file (sqlite3_open_v2).</summary>
internal enum SqliteOpen
{
    ReadOnly = 0x1,
    ReadWrite = 0x2,

    /// <summary>Read and write; made when missing. The folder must exist.</summary>
    Create = 0x6,
}

/// <summary>How thoroughly a checkpoint moves the write-ahead log into the database (sqlite3_wal_checkpoint_v2).</summary>
internal enum SqliteCheckpoint
{
    /// <summary>What can be moved without waiting for anybody.</summary>
    Passive = 0,
    Full = 1,
    Restart = 2,

    /// <summary>All, and the log file is cut to nothing.</summary>
    Truncate = 3,
}

/// <summary>
/// A SQLite database, one thread at a time. What SQLite refuses is a <see cref="SqliteException"/>. Writing a row through a prepared statement allocates nothing.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    const int NoMutex = 0x8000;

    readonly SqliteNative.Database handle;

    SqliteDatabase(SqliteNative.Database handle, string path)
    {
        this.handle = handle;
        Path = path;
    }

    public string Path { get; }

    /// <summary>Rows changed by the last INSERT, UPDATE or DELETE.</summary>
    public int Changes => SqliteNative.Changes(handle);

    public long LastInsertRowId => SqliteNative.LastInsertRowId(handle);

    /// <summary>SQLite's version, 3.40.1 = 3040001.</summary>
    public static int Version => SqliteNative.Version();

    internal SqliteNative.Database Handle => handle;

    /// <summary>Opens a file, or ":memory:". Statements wait up to <paramref name="busy"/> for another process's lock.</summary>
    /// <exception cref="SqliteException">It cannot be opened, or the library is missing (the message names the package).</exception>
    public static SqliteDatabase Open(string path, SqliteOpen mode, TimeSpan busy)
    {
        if (!NativeLibraries.TryLoad(NativeLibraries.Sqlite, out var why)) throw new SqliteException(SqliteResult.CantOpen, (int)SqliteResult.CantOpen, why);
        var result = SqliteNative.Open(path, out var handle, (int)mode | NoMutex, 0);
        var database = new SqliteDatabase(handle, path);
        try
        {
            database.Check(result);
            database.Check(SqliteNative.BusyTimeout(handle, (int)Math.Clamp(busy.TotalMilliseconds, 0, int.MaxValue)));
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Write-ahead log with synchronous=NORMAL: a crash of ours loses nothing, a power loss the last transactions, neither the file.</summary>
    public void UseWriteAheadLog() => Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL");

    /// <summary>Runs statements separated by semicolons to their end; rows are dropped.</summary>
    public unsafe void Execute(string sql)
    {
        var bytes = Encoding.UTF8.GetBytes(sql);
        fixed (byte* start = bytes)
        {
            var at = start;
            var end = start + bytes.Length;
            while (at < end)
            {
                byte* tail;
                Check(SqliteNative.Prepare(this.handle, at, (int)(end - at), 0, out var handle, &tail));
                using var statement = new SqliteStatement(this, handle);

                // A comment or white space compiles to nothing.
                while (!handle.IsInvalid && statement.Step())
                {
                }

                at = tail;
            }
        }
    }

    /// <summary>Ends a transaction that failed.</summary>
    public void TryRollback()
    {
        try
        {
            Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself (full disk, I/O error); the first reason is the one to tell.
        }
    }

    /// <summary>Compiles one statement, to be used many times.</summary>
    public unsafe SqliteStatement Prepare(string sql)
    {
        const uint Persistent = 1;
        var bytes = Encoding.UTF8.GetBytes(sql);
        fixed (byte* p = bytes)
        {
            Check(SqliteNative.Prepare(this.handle, p, bytes.Length, Persistent, out var handle, null));
            return new SqliteStatement(this, handle);
        }
    }

    /// <summary>Moves the write-ahead log into the file. False when a reader kept some of it from being moved; no error.</summary>
    public bool Checkpoint(SqliteCheckpoint mode)
    {
        var result = SqliteNative.Checkpoint(handle, 0, (int)mode, out var frames, out var moved);
        if ((result & 0xff) == (int)SqliteResult.Busy) return false;
        Check(result);
        return frames == moved;
    }

    /// <summary>Copies the whole database, as it is now, into another file, which is replaced. Readers and writers go on meanwhile.</summary>
    public void BackupTo(string path, CancellationToken stop)
    {
        const int PagesPerStep = 256;
        using var to = Open(path, SqliteOpen.Create, TimeSpan.FromSeconds(1));
        var backup = SqliteNative.BackupInit(to.handle, "main", handle, "main");
        if (backup == 0) to.Check(SqliteNative.ExtendedError(to.handle));
        int result;
        do result = SqliteNative.BackupStep(backup, PagesPerStep);
        while (result == (int)SqliteResult.Ok && !stop.IsCancellationRequested);
        var finished = SqliteNative.BackupFinish(backup);
        stop.ThrowIfCancellationRequested();
        to.Check(result == (int)SqliteResult.Done ? finished : result);
    }

    /// <summary>Makes the statement that runs now, on whatever thread, end with <see cref="SqliteResult.Interrupt"/>.</summary>
    public void Interrupt() => SqliteNative.Interrupt(handle);

    public void Dispose() => handle.Dispose();

    internal void Check(int result)
    {
        if (result is not ((int)SqliteResult.Ok or (int)SqliteResult.Row or (int)SqliteResult.Done)) throw Refused(result);
    }

    unsafe SqliteException Refused(int result)
    {
        var extended = handle.IsInvalid ? result : SqliteNative.ExtendedError(handle);
        if ((extended & 0xff) != (result & 0xff)) extended = result;
        var message = handle.IsInvalid ? "out of memory" : Marshal.PtrToStringUTF8((nint)SqliteNative.ErrorMessage(handle));
        return new((SqliteResult)(result & 0xff), extended, $"{Path}: {message} (SQLite code {extended})");
    }
}
