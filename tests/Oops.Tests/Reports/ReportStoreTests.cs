using Oops.Native;
using Oops.Reports;
using Oops.Reports.Verify;
using Oops.Tests.Engine;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Reports;

public sealed class ReportStoreTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly FakeTime time = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    string FilePath => folder.File(ReportStore.FileName);

    public void Dispose() => folder.Dispose();

    ReportStore New(ReportStoreOptions? options = null) => new(folder.Path, options ?? new(), time);

    static long Counted(ReportStore store, string name) => Assert.Single(store.Counted, c => c.Name == name).Value;

    IReadOnlyList<StoredReport> All(ReportGrouping by = ReportGrouping.Hour)
    {
        using var reader = ReportReader.Open(FilePath);
        return reader?.Read(new() { By = by, Limit = 1_000_000 }).Reports ?? [];
    }

    [Fact]
    public async Task What_is_written_is_read_with_all_that_was_told_of_it()
    {
        await using var store = New();
        var news = new ReportNews("agent.test", "example", "www.example", "1-28-65280", 9, 5, 3, News.Noon, News.Noon.AddMinutes(5), 0b1001, 4, System.Net.IPAddress.Parse("2001:db8::1"));
        Assert.Null(await store.WriteAsync([news, News.Of("x.test", code: 4711, zone: null)], Stop));
        var row = All().Single(r => r.Name == "www.example");
        Assert.Equal((News.Noon, "agent.test", "example", 9, "dnskey-missing", 5L, 3L, 4, News.Noon, News.Noon.AddMinutes(5), "2001:db8::1"), (row.Hour, row.Agent, row.Zone, row.Code, row.CodeName, row.Count, row.Verified, row.Networks, row.First, row.Last, row.LastFrom));
        Assert.Equal(["A", "AAAA", "TYPE65280"], row.Types);
        Assert.Equal(["udp", "tls"], row.Paths);
        var other = All().Single(r => r.Name == "x.test");
        Assert.Equal((null, null, 4711), (other.Zone, other.CodeName, other.Code));
        Assert.Equal((1L, 2L, 6L, 0L), (Counted(store, "store_up"), Counted(store, "store_rows"), Counted(store, "stored"), Counted(store, "store_lost")));
        Assert.True(Counted(store, "store_bytes") > 0);
    }

    [Fact]
    public async Task Sums_over_batches_restarts_and_two_writers_are_exact()
    {
        var random = new Random(4711);
        Dictionary<(DateTimeOffset, string, string?, string, int), (long Count, long Verified, DateTimeOffset First, DateTimeOffset Last, int Networks)> expected = [];
        ReportStore[] stores = [New(), New()];
        for (var batch = 0; batch < 60; batch++)
        {
            List<ReportNews> news = [];
            for (var i = random.Next(40); i > 0; i--)
            {
                var at = News.Noon.AddMinutes(random.Next(-180, 180));
                var one = News.Of($"{(char)('a' + random.Next(6))}.example", random.Next(3), random.Next(2) == 0 ? "example" : null, at, random.Next(1, 100), random.Next(2) == 0 ? "1" : "1-28", $"192.0.2.{random.Next(256)}", random.Next(2), random.Next(500));
                news.Add(one);
                var key = (new DateTimeOffset(at.Year, at.Month, at.Day, at.Hour, 0, 0, TimeSpan.Zero), one.Name, one.Zone, one.Types, one.Code);
                expected[key] = expected.TryGetValue(key, out var old)
                    ? (old.Count + one.Count, old.Verified + one.Verified, old.First < at ? old.First : at, old.Last > at ? old.Last : at, Math.Max(old.Networks, one.Networks))
                    : (one.Count, one.Verified, at, at, one.Networks);
            }
            Assert.Null(await stores[random.Next(2)].WriteAsync(news, Stop));
            if (random.Next(10) != 0) continue;
            var restarted = random.Next(2);
            await stores[restarted].DisposeAsync();
            stores[restarted] = New();
        }
        foreach (var store in stores) await store.DisposeAsync();

        var rows = All();
        Assert.Equal(expected.Count, rows.Count);
        foreach (var row in rows)
            Assert.Equal(expected[(row.Hour!.Value, row.Name!, row.Zone, string.Join('-', row.Types!).Replace("AAAA", "28", StringComparison.Ordinal).Replace("A", "1", StringComparison.Ordinal), row.Code!.Value)], (row.Count, row.Verified, row.First, row.Last, row.Networks));
        // Groups are the sums of the same, whatever they are by.
        foreach (var by in Enum.GetValues<ReportGrouping>()) Assert.Equal(expected.Values.Sum(e => e.Count), All(by).Sum(r => r.Count));
        using var database = SqliteDatabase.Open(FilePath, SqliteOpen.ReadOnly, TimeSpan.FromSeconds(1));
        using var state = database.Prepare("SELECT rows, (SELECT count(*) FROM reports), stored, (SELECT max(stored) FROM reports) FROM state");
        Assert.True(state.Step());
        Assert.Equal((state.Int64(1), state.Int64(3)), (state.Int64(0), state.Int64(2)));
    }

    [Fact]
    public async Task The_oldest_hours_give_way_to_new_ones_and_what_is_dropped_is_counted()
    {
        await using var store = New(new() { Rows = 100 });
        for (var hour = 0; hour < 30; hour++)
            Assert.Null(await store.WriteAsync([.. Enumerable.Range(0, 10).Select(i => News.Of($"n{i}.example", last: time.GetUtcNow().AddHours(hour - 40), count: 2))], Stop));
        var rows = All();
        Assert.Equal(100, rows.Count);
        Assert.True(rows.Min(r => r.Hour) > time.GetUtcNow().AddHours(-22));
        Assert.Equal((100L, 200L, 400L, 600L), (Counted(store, "store_rows"), Counted(store, "store_dropped_rows"), Counted(store, "store_dropped"), Counted(store, "stored")));
    }

    [Fact]
    public async Task What_is_older_than_keep_goes_and_its_room_is_given_back()
    {
        await using var store = New(new() { Keep = TimeSpan.FromDays(2) });
        Assert.Null(await store.WriteAsync([.. Enumerable.Range(0, 7000).Select(i => News.Of($"n{i}.example", last: time.GetUtcNow()))], Stop));
        var full = Counted(store, "store_bytes");
        time.Advance(TimeSpan.FromDays(1));
        Assert.Null(await store.WriteAsync([News.Of("kept.example", last: time.GetUtcNow())], Stop));
        Assert.Equal(0, Counted(store, "store_expired_rows"));
        time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromHours(2));
        Assert.Null(await store.WriteAsync([], Stop));
        Assert.Equal((7000L, 0L, "kept.example"), (Counted(store, "store_expired_rows"), Counted(store, "store_dropped_rows"), Assert.Single(All()).Name));
        Assert.True(Counted(store, "store_bytes") < full / 4, $"{Counted(store, "store_bytes")} of {full} bytes");
    }

    [Fact]
    public async Task Long_names_fill_bytes_before_rows()
    {
        await using var store = New(new() { Bytes = 2 << 20 });
        for (var batch = 0; batch < 20; batch++)
            Assert.Null(await store.WriteAsync([.. Enumerable.Range(0, 200).Select(i => News.Of($"{batch}-{i}." + new string('x', 900), last: time.GetUtcNow().AddHours(-batch)))], Stop));
        Assert.InRange(Counted(store, "store_bytes"), 1 << 20, 3 << 20);
        Assert.Equal(4000, Counted(store, "store_rows") + Counted(store, "store_dropped_rows"));
        Assert.Equal(Counted(store, "store_rows"), All().Count);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_breaks_nothing_and_what_it_left_in_the_future_gives_way_first()
    {
        await using var store = New(new() { Rows = 20 });
        var ahead = time.GetUtcNow().AddDays(400);
        Assert.Null(await store.WriteAsync([.. Enumerable.Range(0, 20).Select(i => News.Of($"n{i}.example", last: ahead))], Stop));
        // The first of it was told under the later clock.
        var back = new ReportNews("agent.test", null, "n1.example", "1", 9, 1, 0, ahead, time.GetUtcNow(), 1, 1, System.Net.IPAddress.Loopback);
        Assert.Null(await store.WriteAsync([back, News.Of("new.example", last: time.GetUtcNow())], Stop));
        var rows = All();
        Assert.Equal(20, rows.Count);
        Assert.Equal(2, rows.Count(r => r.Hour < ahead.AddDays(-1)));
        Assert.All(rows, r => Assert.True(r.First <= r.Last));
        Assert.Equal(2, Counted(store, "store_dropped_rows"));
    }

    [Fact]
    public async Task A_broken_file_is_told_kept_and_tried_again_and_nothing_of_the_meantime_is_lost()
    {
        await File.WriteAllTextAsync(FilePath, new string('x', 5000), Stop);
        await using var store = New();
        Assert.Contains("file is not a database", await store.WriteAsync([News.Of("a.example")], Stop), StringComparison.Ordinal);
        Assert.NotNull(await store.WriteAsync([News.Of("a.example"), News.Of("b.example")], Stop));
        Assert.Equal((0L, 2L, 0L), (Counted(store, "store_up"), Counted(store, "store_waiting"), Counted(store, "store_lost")));
        Assert.Equal(5000, new FileInfo(FilePath).Length);
        File.Delete(FilePath);
        Assert.Null(await store.WriteAsync([], Stop));
        Assert.Equal([("a.example", 2L), ("b.example", 1L)], All().OrderBy(r => r.Name).Select(r => (r.Name!, r.Count)));
    }

    [Fact]
    public async Task While_another_one_holds_the_lock_reports_wait()
    {
        await using var store = New();
        Assert.Null(await store.WriteAsync([], Stop));
        using (var other = SqliteDatabase.Open(FilePath, SqliteOpen.ReadWrite, TimeSpan.FromSeconds(1)))
        {
            other.Execute("BEGIN IMMEDIATE");
            Assert.Contains("locked", await store.WriteAsync([News.Of("a.example")], Stop), StringComparison.Ordinal);
            other.Execute("ROLLBACK");
        }
        Assert.Null(await store.WriteAsync([News.Of("a.example")], Stop));
        Assert.Equal(2, Assert.Single(All()).Count);
    }

    [Fact]
    public async Task What_has_no_room_to_wait_is_lost_and_counted()
    {
        await File.WriteAllTextAsync(FilePath, new string('x', 5000), Stop);
        await using var store = New(new() { Waiting = 3 });
        for (var i = 0; i < 5; i++) Assert.NotNull(await store.WriteAsync([News.Of($"n{i}.example", count: 10), News.Of("n0.example")], Stop));
        File.Delete(FilePath);
        Assert.Null(await store.WriteAsync([], Stop));
        Assert.Equal((35L, 20L, 0L), (Counted(store, "stored"), Counted(store, "store_lost"), Counted(store, "store_waiting")));
        Assert.Equal(35, All().Sum(r => r.Count));
    }

    [Fact]
    public async Task What_the_last_check_found_stands_beside_each_report_and_hour()
    {
        await using var store = New();
        store.Add(new("a.example", "1-28", 9, News.Noon, CheckVerdict.Unknown, "no answer"));
        store.Add(new("a.example", "1-28", 9, News.Noon.AddSeconds(1), CheckVerdict.Confirmed, "A: bogus"));
        Assert.Null(await store.WriteAsync([News.Of("a.example", types: "1-28"), News.Of("a.example", types: "1-28", last: News.Noon.AddHours(1)), News.Of("b.example")], Stop));
        foreach (var by in new[] { ReportGrouping.Hour, ReportGrouping.Report })
        {
            Assert.All(All(by).Where(r => r.Name == "a.example"), r => Assert.Equal(("confirmed", News.Noon.AddSeconds(1), "A: bogus"), (r.Check, r.Checked, r.CheckFound)));
            Assert.Null(All(by).Single(r => r.Name == "b.example").Check);
        }

        Assert.Null(All(ReportGrouping.Zone)[0].Check);
        store.Add(new("a.example", "1-28", 9, News.Noon.AddHours(2), CheckVerdict.NotConfirmed, "A: secure"));
        Assert.Null(await store.WriteAsync([], Stop));
        Assert.Equal("not-confirmed", All(ReportGrouping.Report).Single(r => r.Name == "a.example").Check);
        Assert.Equal(0, Counted(store, "store_checks_lost"));
    }

    [Fact]
    public async Task A_store_of_the_first_version_is_read_and_taken_over_with_all_that_is_in_it()
    {
        await using (var store = New()) Assert.Null(await store.WriteAsync([News.Of("a.example", count: 3)], Stop));
        using (var old = SqliteDatabase.Open(FilePath, SqliteOpen.Create, TimeSpan.FromSeconds(1))) old.Execute("DROP TABLE checks; PRAGMA user_version = 1");
        Assert.Equal((3L, null), (Assert.Single(All()).Count, Assert.Single(All()).Check));
        await using var again = New();
        again.Add(new("a.example", "1", 9, News.Noon, CheckVerdict.Confirmed, "A: bogus"));
        Assert.Null(await again.WriteAsync([News.Of("a.example")], Stop));
        Assert.Equal((4L, "confirmed"), (Assert.Single(All()).Count, Assert.Single(All()).Check));
        using var database = SqliteDatabase.Open(FilePath, SqliteOpen.ReadOnly, TimeSpan.FromSeconds(1));
        Assert.Equal(2, SqliteSchema.Read(database));
    }

    [Fact]
    public async Task Old_results_of_checks_go_and_the_oldest_of_too_many()
    {
        Assert.Null(await New().WriteAsync([], Stop));
        using var file = ReportWriter.Open(FilePath, out _)!;
        file.Write(Enumerable.Range(0, 10).Select(i => new CheckNews($"n{i}.example", "1", 9, DateTimeOffset.FromUnixTimeMilliseconds(1000 + i), CheckVerdict.Confirmed, "")));
        file.ExpireChecks(1003, 5);
        using var database = SqliteDatabase.Open(FilePath, SqliteOpen.ReadOnly, TimeSpan.FromSeconds(1));
        using var left = database.Prepare("SELECT count(*), min(at) FROM checks");
        Assert.True(left.Step());
        Assert.Equal((5L, 1005L), (left.Int64(0), left.Int64(1)));
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_left_alone()
    {
        using (var database = SqliteDatabase.Open(FilePath, SqliteOpen.Create, TimeSpan.FromSeconds(1))) database.Execute("CREATE TABLE theirs(i); PRAGMA user_version = 99");
        await using (var store = New()) Assert.Contains("schema 99", await store.WriteAsync([News.Of("a.example")], Stop), StringComparison.Ordinal);
        using var again = SqliteDatabase.Open(FilePath, SqliteOpen.ReadOnly, TimeSpan.FromSeconds(1));
        Assert.Equal(99, SqliteSchema.Read(again));
        Assert.Contains("schema 99", Assert.Throws<SqliteException>(() => ReportReader.Open(FilePath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_file_can_be_made_it_is_said()
    {
        await File.WriteAllTextAsync(folder.File("file"), "", Stop);
        await using var store = new ReportStore(Path.Combine(folder.File("file"), "below"), new(), time);
        Assert.Contains("below/reports.db: ", await store.WriteAsync([News.Of("a.example")], Stop), StringComparison.Ordinal);
        Assert.Equal(1, Counted(store, "store_waiting"));
    }

    [Fact]
    public async Task What_waits_is_written_at_the_end()
    {
        var store = New();
        using var impatient = new CancellationTokenSource();
        await impatient.CancelAsync();
        Assert.Contains("the disk has not answered", await store.WriteAsync([News.Of("a.example")], impatient.Token), StringComparison.Ordinal);
        _ = await store.WriteAsync([News.Of("a.example")], impatient.Token);
        await store.DisposeAsync();
        Assert.Equal(2, Assert.Single(All()).Count);
    }

    [Fact]
    public async Task A_store_with_nothing_to_do_leaves_the_disk_alone()
    {
        await using var store = New();
        Assert.Null(await store.WriteAsync([News.Of("a.example", last: time.GetUtcNow())], Stop));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await store.WriteAsync([], Stop));
        // Whatever it would do now would fail.
        foreach (var file in Directory.EnumerateFiles(folder.Path)) File.Delete(file);
        for (var i = 0; i < 50; i++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            Assert.Null(await store.WriteAsync([], Stop));
        }
        Assert.Empty(Directory.EnumerateFiles(folder.Path));
    }
}
