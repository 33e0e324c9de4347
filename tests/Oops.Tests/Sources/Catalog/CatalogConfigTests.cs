using System.Text.RegularExpressions;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.Catalog;

public sealed class CatalogConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: knot, zones: { catalog: { zone: cat.test, from: 192.0.2.9 } } }, box: { kind: other, zones: { list: [a] } } }\n";

    static Loaded<OopsConfig> Load(string text, string head = Head) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", head + text));

    static ConfigErrors Check(Loaded<OopsConfig> loaded)
    {
        PolicyCompiler.Compile(loaded.Draft!, Wiring.Of(loaded, loaded.Draft!), loaded.Errors, "");
        return loaded.Errors;
    }

    static string Sample() => File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Sources/Catalog/sample.yaml"));

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        Assert.Empty(Load(Sample()).Errors.Lines);
        var all = Load(Regex.Replace(Sample(), "(?m)^( +)# ([a-z-]+: )", "$1$2"));
        Assert.Empty(all.Errors.Lines);
        var catalog = all.Config!.Sources.Catalog[0];
        Assert.Equal(("transfer-key", 2, 1_000_000), (catalog.Key?.Text, catalog.Allow!.Count, catalog.MostRecords));
    }

    [Fact]
    public void It_lists_zones_and_measures_nothing()
    {
        var config = Load("sources: { catalog: [ { server: ns1, listen: [127.0.0.1@5355] } ] }").Config!;
        var channels = config.Sources.Catalog[0].Create(config).Covers;
        Assert.Equal(["catalog/ns1", "catalog/ns1/notify"], channels.Select(c => c.Name));
        Assert.All(channels, c => Assert.True(c is { Server: "ns1", Standing: Standing.Messenger } && c.Measures.IsEmpty));
    }

    [Fact]
    public void A_server_whose_zones_come_from_a_catalog_needs_the_source()
    {
        var errors = Check(Load("sources: { knot: [ { server: ns1 } ] }"));
        Assert.Contains(errors.Lines, l => l.Contains("servers.ns1.zones.catalog: nobody fetches the catalog zone; add under sources: catalog: [ { server: ns1 } ]", StringComparison.Ordinal));
        Assert.True(Check(Load("sources: { knot: [ { server: ns1 } ], catalog: [ { server: ns1 } ] }")).Ok);
    }

    [Fact]
    public void The_catalog_alone_is_no_way_to_know_a_server()
    {
        var errors = Check(Load("sources: { catalog: [ { server: ns1 } ] }"));
        Assert.Contains(errors.Lines, l => l.Contains("servers.ns1: no source speaks of this server", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("server: box", "the zones of box do not come from a catalog zone; write zones: { catalog: { zone: NAME, from: ADDRESS } } for it, or remove this source")]
    [InlineData("server: ns1, key: k", "needs a key file")]
    [InlineData("server: ns1, allow: [ { from: [192.0.2.0/24] } ]", "nobody listens; write listen, or remove this")]
    [InlineData("server: ns1, listen: [127.0.0.1], allow: [ { key: k } ]", "needs a key file")]
    [InlineData("server: ns1, listen: [127.0.0.1, 127.0.0.1@53]", "listed twice")]
    [InlineData("server: ns1, refresh: { least: 2h, most: 1h }", "least (2h) is more than most (1h)")]
    [InlineData("server: ns1, most-records: 1", "most-records")]
    [InlineData("server: ns1, timeout: 0s", "timeout")]
    public void A_mistake_is_told(string entry, string says) =>
        Assert.Contains(says, Assert.Single(Load($"sources: {{ catalog: [ {{ {entry} }} ] }}").Errors.Lines), StringComparison.Ordinal);

    [Fact]
    public void Two_entries_for_one_server_are_refused()
    {
        var errors = Check(Load("sources:\n  knot: [ { server: ns1 } ]\n  catalog:\n    - { server: ns1 }\n    - { server: ns1 }\n"));
        Assert.Contains(errors.Lines, l => l.Contains("(catalog/ns1); remove one, or join them", StringComparison.Ordinal));
    }
}
