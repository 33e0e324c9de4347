using System.Text;

namespace Oops.Native;

/// <summary>A compiled statement: bind (parameters count from 1), step, read (columns count from 0), reset. Belongs to its database's thread.</summary>
internal sealed class SqliteStatement : IDisposable
{
    // SQLITE_TRANSIENT: copy now, the bytes are ours again when bind returns.
    const nint Transient = -1;
    const int NullType = 5;

    readonly SqliteDatabase database;
    readonly SqliteNative.Statement handle;

    internal SqliteStatement(SqliteDatabase database, SqliteNative.Statement handle)
    {
        this.database = database;
        this.handle = handle;
    }

    public int Columns => SqliteNative.ColumnCount(handle);

    public void Bind(int index, long value) => database.Check(SqliteNative.BindInt64(handle, index, value));

    public void Bind(int index, double value) => database.Check(SqliteNative.BindDouble(handle, index, value));

    public void BindNull(int index) => database.Check(SqliteNative.BindNull(handle, index));

    /// <summary>Text; null binds NULL.</summary>
    public unsafe void Bind(int index, string? text)
    {
        // A string is never a null pointer, not even the empty one.
        if (text is null) BindNull(index);
        else
            fixed (char* p = text)
                database.Check(SqliteNative.BindText16(handle, index, p, text.Length * sizeof(char), Transient));
    }

    /// <summary>Text that is UTF-8 already.</summary>
    public unsafe void BindText(int index, ReadOnlySpan<byte> utf8)
    {
        byte nothing = 0;
        fixed (byte* p = utf8)
            database.Check(SqliteNative.BindText(handle, index, p == null ? &nothing : p, utf8.Length, Transient));
    }

    /// <summary>Bytes; an empty span is an empty blob, not NULL.</summary>
    public unsafe void BindBlob(int index, ReadOnlySpan<byte> blob)
    {
        byte nothing = 0;
        fixed (byte* p = blob)
            database.Check(SqliteNative.BindBlob(handle, index, p == null ? &nothing : p, blob.Length, Transient));
    }

    /// <summary>So many zeros, in whose place a <see cref="SqliteBlob"/> then writes what is too large to be held.</summary>
    public void BindZeros(int index, long bytes) => database.Check(SqliteNative.BindZeros(handle, index, (ulong)bytes));

    /// <summary>True: a row is there. False: done.</summary>
    public bool Step()
    {
        var result = SqliteNative.Step(handle);
        database.Check(result);
        return result == (int)SqliteResult.Row;
    }

    /// <summary>Ready to be bound and stepped again; the old values are unbound.</summary>
    public void Reset()
    {
        // reset repeats the error of the last step, which was thrown then.
        _ = SqliteNative.Reset(handle);
        _ = SqliteNative.ClearBindings(handle);
    }

    /// <summary>Steps a statement that gives no rows, and resets it, also when it fails.</summary>
    public void Run()
    {
        try
        {
            Step();
        }
        finally
        {
            Reset();
        }
    }

    public bool IsNull(int column) => SqliteNative.ColumnType(handle, column) == NullType;

    public long Int64(int column) => SqliteNative.ColumnInt64(handle, column);

    public double Double(int column) => SqliteNative.ColumnDouble(handle, column);

    /// <summary>Null for NULL.</summary>
    public string? Text(int column) => IsNull(column) ? null : Encoding.UTF8.GetString(Utf8(column));

    /// <summary>Valid until the next step or reset.</summary>
    public unsafe ReadOnlySpan<byte> Utf8(int column)
    {
        // The order is SQLite's rule: text first, its length then.
        var text = SqliteNative.ColumnText(handle, column);
        return new(text, SqliteNative.ColumnBytes(handle, column));
    }

    /// <summary>Empty for NULL. Valid until the next step or reset.</summary>
    public unsafe ReadOnlySpan<byte> Blob(int column)
    {
        var blob = SqliteNative.ColumnBlob(handle, column);
        return new(blob, SqliteNative.ColumnBytes(handle, column));
    }

    public void Dispose() => handle.Dispose();
}
