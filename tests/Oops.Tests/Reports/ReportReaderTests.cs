using Oops.Native;
using Oops.Reports;
using Oops.Tests.Engine;
using Oops.Tests.Native;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Reports;

public sealed class ReportReaderTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly FakeTime time = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    string FilePath => folder.File(ReportStore.FileName);

    public void Dispose() => folder.Dispose();

    async Task WriteAsync(params IReadOnlyList<ReportNews> news)
    {
        await using var store = new ReportStore(folder.Path, new(), time);
        Assert.Null(await store.WriteAsync(news, Stop));
    }

    ReportsFound Ask(ReportQuery query)
    {
        using var reader = ReportReader.Open(FilePath)!;
        return reader.Read(query);
    }

    [Fact]
    public async Task Groups_are_sorted_by_count_or_by_the_last_and_cut()
    {
        await WriteAsync(News.Of("a.example", count: 5), News.Of("b.example", code: 6, count: 2, last: News.Noon.AddHours(1), from: "192.0.2.9"), News.Of("b.example", code: 6, count: 1, last: News.Noon.AddHours(-2), from: "192.0.2.8"), News.Of("c.test", zone: null, last: News.Noon.AddMinutes(1)));
        Assert.Equal(["a.example", "b.example", "c.test"], Ask(new()).Reports.Select(r => r.Name));
        var newest = Ask(new() { Order = ReportOrder.Last, Limit = 2 });
        Assert.Equal(["b.example", "c.test"], newest.Reports.Select(r => r.Name));
        Assert.Equal(3, newest.Total);
        var b = newest.Reports[0];
        Assert.Equal((3L, News.Noon.AddHours(-2), News.Noon.AddHours(1), "192.0.2.9", null, null), (b.Count, b.First, b.Last, b.LastFrom, b.Hour, b.Agent));
        var zones = Ask(new() { By = ReportGrouping.Zone }).Reports;
        Assert.Equal([("example", 8L, 2L), (null, 1L, 1L)], zones.Select(z => (z.Zone, z.Count, z.Names!.Value)));
        Assert.Equal([(9, 6L), (6, 3L)], Ask(new() { By = ReportGrouping.Code }).Reports.Select(c => (c.Code!.Value, c.Count)));
        Assert.Equal(["c.test"], Ask(new() { Since = News.Noon.AddSeconds(30), Codes = [9, 10] }).Reports.Select(r => r.Name));
    }

    [Fact]
    public async Task A_zone_is_asked_for_with_what_is_below_it_and_a_dot_within_a_label_is_none_between()
    {
        string[] names = ["nl", "a.nl", @"a\.nl", @"b\\.nl", @"c\\\.nl", "x.a.nl", "anl", @"\.nl", "nl.example"];
        foreach (var name in names) Assert.True(DnsName.TryParse(name, out var parsed) && parsed.ToString() == name, name);
        await WriteAsync([.. names.Select(n => News.Of(n))]);
        Assert.Equal(["a.nl", @"b\\.nl", "nl", "x.a.nl"], Ask(new() { Zone = "nl" }).Reports.Select(r => r.Name!).Order(StringComparer.Ordinal));
        Assert.Equal([@"c\\\.nl"], Ask(new() { Zone = @"c\\\.nl" }).Reports.Select(r => r.Name));
        Assert.Equal(names.Length, Ask(new() { Zone = "." }).Total);
    }

    [Fact]
    public async Task Any_name_is_in_the_zones_that_DNS_says_it_is_in()
    {
        var random = new Random(17);
        List<byte[][]> wires = [];
        for (var i = 0; i < 400; i++) wires.Add([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Enumerable.Range(0, random.Next(1, 3)).Select(_ => (byte)"\\.a\x01\"\xff"[random.Next(6)]).ToArray())]);
        var news = News.Heard(time, wires);
        await WriteAsync(news);
        foreach (var zone in news.Select(n => n.Name).Distinct().Take(60))
        {
            DnsName.TryParse(zone, out var parent);
            var expected = news.Select(n => n.Name).Distinct().Where(n => DnsName.TryParse(n, out var name) && name.IsWithin(parent)).Order(StringComparer.Ordinal);
            Assert.Equal(expected, Ask(new() { By = ReportGrouping.Name, Zone = zone }).Reports.Select(r => r.Name!).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Changes_are_read_page_by_page_each_once()
    {
        await WriteAsync([.. Enumerable.Range(0, 25).Select(i => News.Of($"n{i}.example"))]);
        List<string> read = [];
        long after = 0;
        while (true)
        {
            var page = Ask(new() { By = ReportGrouping.Hour, After = after, Limit = 10 });
            read.AddRange(page.Reports.Select(r => r.Name!));
            after = page.Next;
            if (page.Reports.Count < 10) break;
        }
        Assert.Equal(25, read.Distinct().Count());
        Assert.Equal(25, read.Count);
        await WriteAsync(News.Of("n3.example"));
        var change = Assert.Single(Ask(new() { By = ReportGrouping.Hour, After = after }).Reports);
        Assert.Equal(("n3.example", 2L), (change.Name, change.Count));
        Assert.Equal(26, Ask(new() { By = ReportGrouping.Hour, After = long.MaxValue }).Next);
    }

    [Fact]
    public async Task Names_come_newest_first_each_with_its_codes_and_no_more_than_asked_for()
    {
        await WriteAsync(News.Of("old.example", last: News.Noon.AddMinutes(-9)), News.Of("two.example", code: 2), News.Of("two.example", last: News.Noon.AddMinutes(-5)), News.Of("new.example", last: News.Noon.AddMinutes(1)));
        using var reader = ReportReader.Open(FilePath)!;
        Assert.Equal(["new.example 9", "two.example 2,9", "old.example 9"], reader.Names(new(), 10, 10, out var cut).Select(n => $"{n.Name} {string.Join(',', n.Codes)}"));
        Assert.False(cut);
        Assert.Equal(["new.example", "two.example"], reader.Names(new(), 2, 10, out cut).Select(n => n.Name));
        Assert.True(cut);
        Assert.Equal(["new.example", "two.example"], reader.Names(new(), 10, 2, out cut).Select(n => n.Name));
        Assert.True(cut);
    }

    [Fact]
    public async Task A_question_to_a_disk_that_hangs_ends_in_time_and_the_next_is_answered_when_it_does()
    {
        await WriteAsync(News.Of("a.example"));
        var reads = new ReportReads(FilePath, time);
        using var begun = new SemaphoreSlim(0);
        using var hanging = new ManualResetEventSlim();
        var first = reads.AskAsync(_ =>
        {
            begun.Release();
            hanging.Wait(Stop);
            return 1;
        }, Stop);
        await begun.WaitAsync(Stop);
        var second = reads.AskAsync(_ => 2, Stop);
        time.Advance(TimeSpan.FromSeconds(9));
        await Assert.ThrowsAsync<TimeoutException>(() => first);
        await Assert.ThrowsAsync<TimeoutException>(() => second);
        hanging.Set();
        Assert.Equal(3, await reads.AskAsync(_ => 3, Stop));
    }

    [Fact]
    public async Task What_is_being_read_can_be_interrupted()
    {
        await WriteAsync([.. Enumerable.Range(0, 2000).Select(i => News.Of($"n{i}.example"))]);
        using var reader = ReportReader.Open(FilePath)!;
        var reading = OwnThread.RunAsync<int>(() =>
        {
            while (true) reader.Read(new());
        }, "reading");
        while (!reading.IsCompleted)
        {
            reader.Interrupt();
            await Task.Delay(1);
        }
        Assert.Equal(SqliteResult.Interrupt, (await Assert.ThrowsAsync<SqliteException>(() => reading)).Result);
    }

    [Fact]
    public async Task Where_there_is_no_store_yet_nothing_is_found() =>
        Assert.True(await new ReportReads(FilePath, time).AskAsync(reader => reader is null, Stop));
}
