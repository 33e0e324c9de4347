namespace Oops.Native;

/// <summary>Writes a value that was inserted as zeros, in order and piece by piece: SQLite holds a page of it at a time, where a bound value would be held two or three times as a whole.</summary>
internal sealed class SqliteBlob : IDisposable
{
    readonly SqliteDatabase database;
    readonly SqliteNative.Blob handle;
    int written;

    /// <param name="database">Whose thread this is, in the transaction of the insertion.</param>
    /// <param name="table">The table.</param>
    /// <param name="column">The column.</param>
    /// <param name="row">The row's id.</param>
    public SqliteBlob(SqliteDatabase database, string table, string column, long row)
    {
        this.database = database;
        database.Check(SqliteNative.OpenBlob(database.Handle, "main", table, column, row, write: 1, out handle));
    }

    public unsafe void Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* p = bytes)
            database.Check(SqliteNative.WriteBlob(handle, p, bytes.Length, written));
        written += bytes.Length;
    }

    public void Dispose() => handle.Dispose();
}
