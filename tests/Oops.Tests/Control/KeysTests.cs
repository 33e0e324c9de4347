using Oops.Commands;
using Oops.Config;
using Oops.Control;
using Oops.Keys;
using Oops.Native;
using Oops.Sources;
using Oops.Sources.Keys;
using Oops.Tests.Keys;
using Xunit;

namespace Oops.Tests.Control;

public sealed class KeysTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static ZoneName Zone(string text) => new(text);

    static async Task<Living> StartAsync()
    {
        // Of ns1 what the machine expects (nl), of ns2 what is written.
        var oops = await Living.StartAsync(sources: new SourcesConfig { Keys = [new KeysConfig { Server = "ns1" }, new KeysConfig { Server = "ns2", Zones = [Zone("b.test"), Zone("a.test"), Zone("never.test")] }] });
        using var store = new KeyStore(oops.Folder, BootTime.Instance);
        Assert.Null(await store.OpenAsync(Stop));
        var known = new ZoneKeys().Take(Made.Look(Made.Start, Made.Set(Made.Key("old")), Made.Ds(Made.Key("old"))), out _);
        foreach (var (server, zone) in new[] { ("ns1", "nl"), ("ns1", "a.test"), ("ns2", "a.test"), ("ns2", "b.test"), ("ns2", "gone.test"), ("left", "nl") }) Assert.Null(await store.WriteAsync(new(server, zone, known), Stop));
        return oops;
    }

    static async Task<KeysAnswer> AskAsync(Living oops, string query = "") => (await oops.Client.GetAsync("/keys" + query, ControlJson.Default.KeysAnswer, Stop)).Answer!;

    static string Names(KeysAnswer answer) => $"{string.Join(' ', answer.Zones.Select(z => $"{z.Server}/{z.Zone}{(z.Watched ? "" : "!")}"))} of {answer.Total}";

    [Fact]
    public async Task The_list_is_of_the_zones_that_are_watched_and_a_zone_that_was_once_is_marked()
    {
        await using var oops = await StartAsync();
        Assert.Equal("ns1/nl ns2/a.test ns2/b.test of 3", Names(await AskAsync(oops)));
        Assert.Equal("ns1/nl of 1", Names(await AskAsync(oops, "?server=ns1")));
        Assert.Equal("ns1/a.test! ns2/a.test of 2", Names(await AskAsync(oops, "?zone=A.test.")));
        Assert.Equal("ns2/gone.test! of 1", Names(await AskAsync(oops, "?server=ns2&zone=gone.test")));
        Assert.Equal("left/nl! ns1/nl of 2", Names(await AskAsync(oops, "?zone=nl")));
        Assert.Equal(" of 0", Names(await AskAsync(oops, "?zone=never.test")));
    }
}
