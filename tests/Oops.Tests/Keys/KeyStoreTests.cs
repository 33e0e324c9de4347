using Oops.Keys;
using Oops.Native;
using Oops.Tests.Native;
using Xunit;
using static Oops.Tests.Keys.Made;

namespace Oops.Tests.Keys;

public sealed class KeyStoreTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_was_stored_is_there_after_a_restart_octet_for_octet()
    {
        var known = new ZoneKeys().Take(Look(Start, Set(Key("a"), Zsk("z")) with { Cds = Ds(Key("a")).Records, Cdnskey = [Key("a")] }, Ds(Key("a"))), out _)
            .Take(Look(Start.AddDays(1), Set(Key("a"), Key("b"), Zsk("z")), Ds(Key("a"))), out _);
        using (var store = new KeyStore(folder.Path, TimeProvider.System))
        {
            Assert.Empty((await store.LoadAsync("ns1", Stop)).Zones!);
            Assert.Null(await store.WriteAsync(new("ns1", "d1.test", known), Stop));
            Assert.Null(await store.WriteAsync(new("ns2", "d1.test", new()), Stop));
        }

        using var again = new KeyStore(folder.Path, TimeProvider.System);
        var found = Assert.Single((await again.LoadAsync("ns1", Stop)).Zones!);
        Assert.Equal(("ns1", "d1.test", known.Hash), (found.Server, found.Zone, found.Keys.Hash));
        Assert.Equal(known.Log, found.Keys.Log);
        Assert.Equal(known.DsSets.Select(d => (d.First, d.Last, d.Set.Ttl)), found.Keys.DsSets.Select(d => (d.First, d.Last, d.Set.Ttl)));
        Assert.True(found.Keys.Ds!.IsSame(known.Ds!));
        Assert.Equal(known.KeySets.Select(s => string.Join(' ', s.Ids)), found.Keys.KeySets.Select(s => string.Join(' ', s.Ids)));
        // And what follows from it is the same.
        Assert.Equal(Findings(known, Start.AddDays(2)), Findings(found.Keys, Start.AddDays(2)));
    }

    [Fact]
    public async Task Others_read_it_while_it_is_written()
    {
        Assert.Empty(await KeyStore.ReadAsync(Path.Combine(folder.Path, KeyStore.FileName), null, null, 10, Stop));
        using var store = new KeyStore(folder.Path, TimeProvider.System);
        await store.LoadAsync("ns1", Stop);
        foreach (var zone in new[] { "a.test", "b.test", "c.test" }) Assert.Null(await store.WriteAsync(new("ns1", zone, new()), Stop));
        Assert.Equal(["a.test", "b.test"], (await KeyStore.ReadAsync(store.FilePath, "ns1", null, 2, Stop)).Select(z => z.Zone));
        Assert.Equal("c.test", Assert.Single(await KeyStore.ReadAsync(store.FilePath, null, "c.test", 2, Stop)).Zone);
    }

    [Fact]
    public async Task A_disk_that_refuses_is_a_reason_and_no_exception()
    {
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "", Stop);
        using var store = new KeyStore(Path.Combine(file, "below"), TimeProvider.System);
        var (zones, why) = await store.LoadAsync("ns1", Stop);
        Assert.Null(zones);
        Assert.Contains("keys.db", why, StringComparison.Ordinal);
        Assert.NotNull(await store.WriteAsync(new("ns1", "a.test", new()), Stop));
    }

    [Theory]
    [InlineData("{\"Log\":[{\"Key\":\"AQ==\"}]}")]
    [InlineData("{}")]
    [InlineData("{\"Log\":[null],\"Servers\":[],\"KeySets\":[],\"DsSets\":[]}")]
    [InlineData("{\"Log\":[],\"Servers\":[{\"Address\":\"192.0.2.1\",\"Keys\":{}}],\"KeySets\":[],\"DsSets\":[]}")]
    [InlineData("{\"Log\":[],\"Servers\":[],\"KeySets\":[{}],\"DsSets\":[]}")]
    [InlineData("{\"Log\":[],\"Servers\":[],\"KeySets\":[],\"DsSets\":[{}]}")]
    [InlineData("{\"Log\":[],\"Servers\":[],\"KeySets\":[],\"DsSets\":[],\"Ds\":{}}")]
    [InlineData("null")]
    public async Task A_row_that_nobody_can_read_is_none(string row)
    {
        using var store = new KeyStore(folder.Path, TimeProvider.System);
        await store.LoadAsync("ns1", Stop);
        await store.WriteAsync(new("ns1", "a.test", new()), Stop);
        using (var database = SqliteDatabase.Open(store.FilePath, SqliteOpen.ReadWrite, TimeSpan.FromSeconds(2))) database.Execute("UPDATE zones SET state = '" + row + "'");
        Assert.Empty((await store.LoadAsync("ns1", Stop)).Zones!);
    }
}
