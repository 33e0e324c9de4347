using System.Text;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class SqliteTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    SqliteDatabase Open(string name = "a.db", SqliteOpen mode = SqliteOpen.Create, int busyMs = 0) =>
        SqliteDatabase.Open(folder.File(name), mode, TimeSpan.FromMilliseconds(busyMs));

    SqliteDatabase WithTable()
    {
        var db = Open();
        db.UseWriteAheadLog();
        db.Execute("CREATE TABLE t (i INTEGER, d REAL, s TEXT, b BLOB); -- and a comment\n");
        return db;
    }

    [Fact]
    public void Every_type_comes_back_as_it_went_in()
    {
        using var db = WithTable();
        using (var insert = db.Prepare("INSERT INTO t VALUES (?, ?, ?, ?)"))
        {
            insert.Bind(1, long.MinValue);
            insert.Bind(2, 0.5);
            insert.Bind(3, "é\0😀");
            insert.BindBlob(4, [0, 1, 255]);
            insert.Run();
            insert.BindNull(1);
            insert.Bind(3, "");
            insert.BindBlob(4, []);
            insert.Run();
            insert.Bind(3, (string?)null);
            insert.Run();
            insert.BindText(3, "utf8"u8);
            insert.Run();
        }

        Assert.Equal((1, 4L), (db.Changes, db.LastInsertRowId));
        using var select = db.Prepare("SELECT i, d, s, b FROM t ORDER BY rowid");
        Assert.Equal(4, select.Columns);
        Assert.True(select.Step());
        Assert.Equal((long.MinValue, 0.5, "é\0😀"), (select.Int64(0), select.Double(1), select.Text(2)));
        Assert.Equal([0, 1, 255], select.Blob(3).ToArray());
        Assert.True(select.Step());
        Assert.True(select.IsNull(0) && select.IsNull(1) && !select.IsNull(3));
        Assert.Equal("", select.Text(2));
        Assert.True(select.Step());
        Assert.Null(select.Text(2));
        Assert.True(select.IsNull(3));
        Assert.True(select.Step());
        Assert.Equal("utf8", Encoding.UTF8.GetString(select.Utf8(2)));
        Assert.False(select.Step());
    }

    [Fact]
    public void A_row_costs_no_allocation()
    {
        using var db = WithTable();
        using var insert = db.Prepare("INSERT INTO t VALUES (?, ?, ?, ?)");
        db.Execute("BEGIN");
        var blob = new byte[100];
        void Insert(int n)
        {
            for (var i = 0; i < n; i++)
            {
                insert.Bind(1, i);
                insert.Bind(2, 1.5);
                insert.Bind(3, "zone/ns1/example");
                insert.BindBlob(4, blob);
                insert.Run();
            }
        }

        Insert(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Insert(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        db.Execute("COMMIT");
    }

    [Fact]
    public void Wrong_SQL_says_where()
    {
        using var db = WithTable();
        var e = Assert.Throws<SqliteException>(() => db.Prepare("SELEC 1"));
        Assert.Equal(SqliteResult.Error, e.Result);
        Assert.Contains("syntax error", e.Message, StringComparison.Ordinal);
        Assert.Contains("a.db", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_constraint_is_told_and_the_statement_can_be_used_again()
    {
        using var db = Open();
        db.Execute("CREATE TABLE u (i INTEGER PRIMARY KEY)");
        using var insert = db.Prepare("INSERT INTO u VALUES (?)");
        insert.Bind(1, 1);
        insert.Run();
        insert.Bind(1, 1);
        Assert.Equal(SqliteResult.Constraint, Assert.Throws<SqliteException>(insert.Run).Result);
        insert.Bind(1, 2);
        insert.Run();
    }

    [Fact]
    public void A_lock_is_Busy_after_the_timeout()
    {
        using var one = WithTable();
        using var two = Open(busyMs: 30);
        one.Execute("BEGIN IMMEDIATE");
        Assert.Equal(SqliteResult.Busy, Assert.Throws<SqliteException>(() => two.Execute("BEGIN IMMEDIATE")).Result);
        one.Execute("ROLLBACK");
        two.Execute("BEGIN IMMEDIATE; COMMIT");
    }

    [Fact]
    public void A_file_that_is_no_database_is_told()
    {
        File.WriteAllText(folder.File("a.db"), new string('x', 4096));
        using var db = Open();
        Assert.Equal(SqliteResult.NotADatabase, Assert.Throws<SqliteException>(() => db.Execute("SELECT * FROM sqlite_master")).Result);
    }

    [Fact]
    public void A_folder_that_is_missing_is_CantOpen() =>
        Assert.Equal(SqliteResult.CantOpen, Assert.Throws<SqliteException>(() => Open("none/a.db")).Result);

    [Fact]
    public void A_full_disk_is_Full_and_the_next_write_after_it_works()
    {
        using var db = Open();
        db.Execute("CREATE TABLE t (b BLOB); PRAGMA max_page_count=4");
        Assert.Equal(SqliteResult.Full, Assert.Throws<SqliteException>(() => db.Execute("INSERT INTO t VALUES (zeroblob(100000))")).Result);
        db.Execute("PRAGMA max_page_count=1000; INSERT INTO t VALUES (zeroblob(100000))");
    }

    [Fact]
    public void A_read_only_database_refuses_to_be_written()
    {
        WithTable().Dispose();
        using var db = Open(mode: SqliteOpen.ReadOnly);
        Assert.Equal(SqliteResult.ReadOnly, Assert.Throws<SqliteException>(() => db.Execute("INSERT INTO t (i) VALUES (1)")).Result);
    }

    [Fact]
    public void A_checkpoint_moves_the_log_into_the_file()
    {
        using var db = WithTable();
        db.Execute("INSERT INTO t (i) VALUES (1)");
        Assert.True(new FileInfo(folder.File("a.db-wal")).Length > 0);
        Assert.True(db.Checkpoint(SqliteCheckpoint.Truncate));
        Assert.Equal(0, new FileInfo(folder.File("a.db-wal")).Length);
    }

    [Fact]
    public void A_backup_holds_what_was_committed()
    {
        using var db = WithTable();
        db.Execute("INSERT INTO t (i) VALUES (7)");
        db.BackupTo(folder.File("copy.db"), default);
        using var copy = Open("copy.db", SqliteOpen.ReadOnly);
        using var select = copy.Prepare("SELECT i FROM t");
        Assert.True(select.Step());
        Assert.Equal(7, select.Int64(0));
    }

    [Fact]
    public void A_statement_may_outlive_its_database_object()
    {
        var db = WithTable();
        var select = db.Prepare("SELECT 1");
        db.Dispose();
        select.Dispose();
    }

    [Fact]
    public void A_missing_library_is_told_with_its_package()
    {
        Assert.True(NativeLibraries.TryLoad(NativeLibraries.Sqlite, out _));
        Assert.True(SqliteDatabase.Version >= 3_038_000);
        Assert.False(NativeLibraries.TryLoad("libnone.so.9", out var why));
        Assert.Equal("libnone.so.9 is not installed", why);
    }
}
