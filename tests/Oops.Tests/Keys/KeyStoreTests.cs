using Oops.Keys;
using Oops.Native;
using Oops.Tests.Engine;
using Oops.Tests.Native;
using Xunit;
using static Oops.Tests.Keys.Made;

namespace Oops.Tests.Keys;

public sealed class KeyStoreTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    KeyStore Store() => new(folder.Path, TimeProvider.System);

    KeyReads Reads(TimeProvider? time = null) => new(Path.Combine(folder.Path, KeyStore.FileName), time ?? TimeProvider.System);

    static ZoneKeys Looked(int hours) => new() { Looked = Start.AddHours(hours) };

    [Fact]
    public async Task What_was_stored_is_there_after_a_restart_octet_for_octet()
    {
        var known = new ZoneKeys().Take(Look(Start, Set(Key("a"), Zsk("z")) with { Cds = Ds(Key("a")).Records, Cdnskey = [Key("a")] }, Ds(Key("a"))), out _)
            .Take(Look(Start.AddDays(1), Set(Key("a"), Key("b"), Zsk("z")), Ds(Key("a"))), out _);
        using (var store = Store())
        {
            Assert.Null(await store.OpenAsync(Stop));
            Assert.Equal((null, null), await store.ReadAsync("ns1", "d1.test", Stop));
            Assert.Null(await store.WriteAsync(new("ns1", "d1.test", new()), Stop));
            Assert.Null(await store.WriteAsync(new("ns1", "d1.test", known), Stop));
            Assert.Null(await store.WriteAsync(new("ns2", "d1.test", new()), Stop));
        }

        using var again = Store();
        Assert.Null(await again.OpenAsync(Stop));
        var (found, why) = await again.ReadAsync("ns1", "d1.test", Stop);
        Assert.Equal((null, known.Hash), (why, found!.Hash));
        Assert.Equal(known.Log, found.Log);
        Assert.Equal(known.DsSets.Select(d => (d.First, d.Last, d.Set.Ttl)), found.DsSets.Select(d => (d.First, d.Last, d.Set.Ttl)));
        Assert.True(found.Ds!.IsSame(known.Ds!));
        Assert.Equal(known.KeySets.Select(s => string.Join(' ', s.Ids)), found.KeySets.Select(s => string.Join(' ', s.Ids)));
        // And what follows from it is the same.
        Assert.Equal(Findings(known, Start.AddDays(2)), Findings(found, Start.AddDays(2)));
    }

    [Fact]
    public async Task Until_when_an_old_key_is_kept_is_known_after_a_restart_too()
    {
        var (before, after) = (Ds(Key("a")) with { Ttl = 60 }, Ds(Key("b")) with { Ttl = 60 });
        var keys = Set(Key("a"), Key("b"), Zsk("z"));
        using var store = Store();
        Assert.Null(await store.OpenAsync(Stop));
        async Task<ZoneKeys> Again(ZoneKeys known)
        {
            Assert.Null(await store.WriteAsync(new("ns1", "d1.test", known), Stop));
            return (await store.ReadAsync("ns1", "d1.test", Stop)).Keys!;
        }

        // It was swapped while nobody looked, and the old key goes after another restart.
        var known = await Again(new ZoneKeys().Take(Look(Start, keys, before), out _));
        known = await Again(known.Take(Look(Start.AddDays(3), keys, after), out _));
        Assert.Equal((FindingKind.DsStillCached, Start.AddDays(3).AddSeconds(60)), (Assert.Single(Findings(known, Start.AddDays(3))).Kind, Findings(known, Start.AddDays(3))[0].Until));
        known = await Again(known.Take(Look(Start.AddDays(3).AddSeconds(30), Set(Key("b"), Zsk("z")), after), out _));
        var found = Findings(known, Start.AddDays(3).AddSeconds(30)).Single(f => f.Severity > Severity.Note);
        Assert.Equal((FindingKind.CachedDsWithoutKey, Start.AddDays(3).AddSeconds(60)), (found.Kind, found.Until));
    }

    [Fact]
    public async Task A_row_of_an_earlier_version_is_read()
    {
        using var store = Store();
        await store.OpenAsync(Stop);
        var known = new ZoneKeys().Take(Look(Start, Set(Key("a"), Key("b")), Ds(Key("a"))), out _);
        await store.WriteAsync(new("ns1", "a.test", known), Stop);
        using (var database = SqliteDatabase.Open(store.FilePath, SqliteOpen.ReadWrite, TimeSpan.FromSeconds(2))) database.Execute("UPDATE zones SET state = json_remove(state, '$.Parents', '$.Silent', '$.Servers[0].Keys.Signers[0].From')");
        var (found, _) = await store.ReadAsync("ns1", "a.test", Stop);
        Assert.Equal(known.Hash, found!.Hash);
        Assert.Empty(Findings(found, Start));
        Assert.Equal(Start.AddDays(4), Assert.Single(Findings(found.Take(Look(Start.AddDays(3), Set(Key("a"), Key("b")), Ds(Key("b"))), out _), Start.AddDays(3))).Until);
    }

    [Fact]
    public async Task Others_read_it_while_it_is_written_and_are_told_how_many_there_are()
    {
        Assert.Equal(KeysFound.Nothing, await Reads().AskAsync(new(), Stop));
        using var store = Store();
        await store.OpenAsync(Stop);
        foreach (var zone in new[] { "a.test", "b.test", "c.test" }) Assert.Null(await store.WriteAsync(new("ns1", zone, new()), Stop));
        Assert.Null(await store.WriteAsync(new("ns2", "a.test", new()), Stop));
        async Task<string> Ask(KeyQuestion question)
        {
            var (zones, total) = await Reads().AskAsync(question, Stop);
            return $"{string.Join(' ', zones.Select(z => $"{z.Server}/{z.Zone}"))} of {total}";
        }

        Assert.Equal("ns1/a.test ns1/b.test of 3", await Ask(new() { Server = "ns1", Most = 2 }));
        Assert.Equal("ns1/c.test of 1", await Ask(new() { Zone = "c.test", Most = 2 }));
        Assert.Equal("ns1/c.test of 2", await Ask(new() { Among = [["ns2", "a.test"], ["ns1", "c.test"], ["ns2", "b.test"]] }));
        Assert.Equal("ns2/a.test of 1", await Ask(new() { Server = "ns2", Among = [["ns2", "a.test"], ["ns1", "c.test"]] }));
        Assert.Equal(" of 0", await Ask(new() { Among = [] }));
    }

    [Fact]
    public async Task A_disk_that_refuses_is_a_reason_and_no_exception()
    {
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "", Stop);
        using var store = new KeyStore(Path.Combine(file, "below"), TimeProvider.System);
        Assert.Contains("keys.db", await store.OpenAsync(Stop), StringComparison.Ordinal);
        Assert.NotNull((await store.ReadAsync("ns1", "a.test", Stop)).Why);
        Assert.NotNull(await store.WriteAsync(new("ns1", "a.test", new()), Stop));
    }

    [Fact]
    public async Task Of_too_many_rows_those_go_that_were_looked_at_longest_ago_whichever_servers_they_are()
    {
        using (var store = new KeyStore(folder.Path, TimeProvider.System) { Most = 3 })
        {
            await store.OpenAsync(Stop);
            foreach (var (zone, hours) in new[] { ("a", 5), ("b", 1), ("c", 1), ("d", 2) }) Assert.Null(await store.WriteAsync(new(zone == "b" ? "ns2" : "ns1", zone, Looked(hours)), Stop));
            var kept = await Reads().AskAsync(new() { Most = 10 }, Stop);
            Assert.Equal((3, true), (kept.Total, kept.Zones.Any(z => z.Zone == "a") && kept.Zones.Any(z => z.Zone == "d")));
            // One that is there is not one more.
            Assert.Null(await store.WriteAsync(new("ns1", "a", Looked(6)), Stop));
            Assert.Equal(3, (await Reads().AskAsync(new(), Stop)).Total);
        }

        using var less = new KeyStore(folder.Path, TimeProvider.System) { Most = 1 };
        await less.OpenAsync(Stop);
        Assert.Equal("a", Assert.Single((await Reads().AskAsync(new() { Most = 10 }, Stop)).Zones).Zone);
    }

    [Fact]
    public async Task Who_reads_has_one_thread_however_often_he_asks_a_disk_that_hangs()
    {
        var time = new FakeTime();
        var turns = new BlockingTurns("hanging", TimeSpan.FromSeconds(8), time);
        using var hanging = new ManualResetEventSlim();
        var begun = 0;
        int Hang(CancellationToken end)
        {
            Interlocked.Increment(ref begun);
            hanging.Wait(Stop);
            return 1;
        }

        Task<int>[] asked = [.. Enumerable.Range(0, 20).Select(_ => turns.RunAsync(Hang, "late", Stop))];
        while (Volatile.Read(ref begun) == 0) await Task.Delay(5, Stop);
        time.Advance(TimeSpan.FromSeconds(9));
        foreach (var question in asked) Assert.Equal("late", (await Assert.ThrowsAsync<TimeoutException>(() => question)).Message);
        Assert.Equal(1, begun);
        hanging.Set();
        Assert.Equal(1, await turns.RunAsync(Hang, "late", Stop));
    }

    [Theory]
    [InlineData("{\"Log\":[{\"Key\":\"AQ==\"}]}")]
    [InlineData("{}")]
    [InlineData("{\"Log\":[null],\"Servers\":[],\"KeySets\":[],\"DsSets\":[]}")]
    [InlineData("{\"Log\":[],\"Servers\":[{\"Address\":\"192.0.2.1\",\"Keys\":{}}],\"KeySets\":[],\"DsSets\":[]}")]
    [InlineData("{\"Log\":[],\"Servers\":[],\"KeySets\":[{}],\"DsSets\":[]}")]
    [InlineData("{\"Log\":[],\"Servers\":[],\"KeySets\":[],\"DsSets\":[{}]}")]
    [InlineData("{\"Log\":[],\"Servers\":[],\"KeySets\":[],\"DsSets\":[],\"Ds\":{}}")]
    [InlineData("{\"Log\":[],\"Servers\":[],\"KeySets\":[],\"DsSets\":[],\"Parents\":[{}]}")]
    [InlineData("{\"Log\":[],\"Servers\":[],\"KeySets\":[],\"DsSets\":[],\"Silent\":[null]}")]
    [InlineData("null")]
    public async Task A_row_that_nobody_can_read_is_none(string row)
    {
        using var store = Store();
        await store.OpenAsync(Stop);
        await store.WriteAsync(new("ns1", "a.test", new()), Stop);
        using (var database = SqliteDatabase.Open(store.FilePath, SqliteOpen.ReadWrite, TimeSpan.FromSeconds(2))) database.Execute("UPDATE zones SET state = '" + row + "'");
        Assert.Equal((null, null), await store.ReadAsync("ns1", "a.test", Stop));
    }
}
