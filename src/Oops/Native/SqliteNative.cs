using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Oops.Native;

/// <summary>libsqlite3's functions, from 3.38 on (Debian 12 has 3.40). A database handle and its statements belong to one thread at a time.</summary>
internal static unsafe partial class SqliteNative
{
    const string Library = NativeLibraries.Sqlite;

    internal sealed class Database() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        // close_v2 waits for statements that are not finalised yet, so the order of the finalisers does not matter.
        protected override bool ReleaseHandle() => CloseDatabase(handle) == 0;
    }

    internal sealed class Statement() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        // Finalising repeats the last step's error; it is no failure to release.
        protected override bool ReleaseHandle()
        {
            _ = FinalizeStatement(handle);
            return true;
        }
    }

    internal sealed class Blob() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle() => CloseBlob(handle) == 0;
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_open_v2", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, out Database database, int flags, nint vfs);

    [LibraryImport(Library, EntryPoint = "sqlite3_close_v2")]
    private static partial int CloseDatabase(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_extended_errcode")]
    internal static partial int ExtendedError(Database database);

    [LibraryImport(Library, EntryPoint = "sqlite3_errmsg")]
    internal static partial byte* ErrorMessage(Database database);

    [LibraryImport(Library, EntryPoint = "sqlite3_busy_timeout")]
    internal static partial int BusyTimeout(Database database, int milliseconds);

    [LibraryImport(Library, EntryPoint = "sqlite3_changes")]
    internal static partial int Changes(Database database);

    [LibraryImport(Library, EntryPoint = "sqlite3_last_insert_rowid")]
    internal static partial long LastInsertRowId(Database database);

    [LibraryImport(Library, EntryPoint = "sqlite3_interrupt")]
    internal static partial void Interrupt(Database database);

    [LibraryImport(Library, EntryPoint = "sqlite3_libversion_number")]
    internal static partial int Version();

    [LibraryImport(Library, EntryPoint = "sqlite3_wal_checkpoint_v2")]
    internal static partial int Checkpoint(Database database, nint schema, int mode, out int frames, out int moved);

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v3")]
    internal static partial int Prepare(Database database, byte* sql, int bytes, uint flags, out Statement statement, byte** tail);

    [LibraryImport(Library, EntryPoint = "sqlite3_finalize")]
    private static partial int FinalizeStatement(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    internal static partial int Step(Statement statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    internal static partial int Reset(Statement statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_clear_bindings")]
    internal static partial int ClearBindings(Statement statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64")]
    internal static partial int BindInt64(Statement statement, int index, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_double")]
    internal static partial int BindDouble(Statement statement, int index, double value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_null")]
    internal static partial int BindNull(Statement statement, int index);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text")]
    internal static partial int BindText(Statement statement, int index, byte* text, int bytes, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text16")]
    internal static partial int BindText16(Statement statement, int index, char* text, int bytes, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob")]
    internal static partial int BindBlob(Statement statement, int index, byte* blob, int bytes, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_zeroblob64")]
    internal static partial int BindZeros(Statement statement, int index, ulong bytes);

    [LibraryImport(Library, EntryPoint = "sqlite3_blob_open", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpenBlob(Database database, string schema, string table, string column, long row, int write, out Blob blob);

    [LibraryImport(Library, EntryPoint = "sqlite3_blob_write")]
    internal static partial int WriteBlob(Blob blob, byte* bytes, int count, int offset);

    [LibraryImport(Library, EntryPoint = "sqlite3_blob_close")]
    private static partial int CloseBlob(nint blob);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_count")]
    internal static partial int ColumnCount(Statement statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_type")]
    internal static partial int ColumnType(Statement statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64")]
    internal static partial long ColumnInt64(Statement statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_double")]
    internal static partial double ColumnDouble(Statement statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_text")]
    internal static partial byte* ColumnText(Statement statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob")]
    internal static partial byte* ColumnBlob(Statement statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes")]
    internal static partial int ColumnBytes(Statement statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_backup_init", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint BackupInit(Database to, string toName, Database from, string fromName);

    [LibraryImport(Library, EntryPoint = "sqlite3_backup_step")]
    internal static partial int BackupStep(nint backup, int pages);

    [LibraryImport(Library, EntryPoint = "sqlite3_backup_finish")]
    internal static partial int BackupFinish(nint backup);
}
