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

    [Theory]
    [InlineData("192.0.2.9", "192.0.2.9")]
    [InlineData("[192.0.2.9]", "192.0.2.9")]
    [InlineData("{ address: 192.0.2.9@5353 }", "192.0.2.9@5353")]
    [InlineData("[192.0.2.9, { address: \"2001:db8::1\", tls: { server-name: ns2.test } }, { address: 192.0.2.10, key: other }]", "192.0.2.9 2001:db8::1 192.0.2.10")]
    public void A_catalog_comes_from_one_primary_or_a_list_of_them(string from, string primaries)
    {
        var loaded = Load("sources: { catalog: [ { server: ns1, keys: /k, key: usual } ] }", Of(from));
        Assert.Empty(loaded.Errors.Lines);
        var all = loaded.Config!.Servers["ns1"].Zones!.Catalog!.From.Select(p => p.ToPrimary(new("usual"))).ToArray();
        Assert.Equal(primaries, string.Join(' ', all.Select(p => p.ToString())));
        Assert.All(all, p => Assert.Equal((p.Tls is null ? p.Address.Port == 5353 ? 5353 : 53 : 853, p.ToString() == "192.0.2.10" ? "other" : "usual"), (p.Address.Port, p.Key.ToString())));
    }

    [Theory]
    [InlineData("ns1.test", "servers.ns1.zones.catalog.from.address: 'ns1.test' is a name; write the IP address")]
    [InlineData("[]", "is an empty list")]
    [InlineData("[192.0.2.9, 192.0.2.9@53]", "servers.ns1.zones.catalog.from[1]: 192.0.2.9@53 is listed twice; remove one")]
    [InlineData("{ key: k }", "the key 'address' is missing")]
    [InlineData("{ address: 192.0.2.9, tls: {} }", "from[0].tls: how does the primary prove who it is?")]
    [InlineData("{ address: 192.0.2.9, tls: { ca: /ca.pem, pins: [\"0DnJXvUe8bxhEZmjVYdfWd1AqHlRqZNRC5xtIeYT1RU=\"] } }", "tls.ca: vouches for a name; write server-name, or remove this")]
    [InlineData("{ address: 192.0.2.9, tls: { server-name: 192.0.2.9 } }", "'192.0.2.9' is not a host's name")]
    [InlineData("{ address: 192.0.2.9, tls: { server-name: a.test, key: /k } }", "a certificate of ours and its key go together")]
    [InlineData("{ address: 192.0.2.9, tls: { pins: [abc] } }", "'abc' is not the SHA-256 of a public key in base64")]
    [InlineData("{ address: 192.0.2.9, key: k }", "the primary 192.0.2.9 has the key k, and there is no key file; write keys: /path")]
    public void A_mistake_in_a_primary_is_told(string from, string says)
    {
        var loaded = Load("sources: { catalog: [ { server: ns1 } ] }", Of(from));
        if (loaded.Errors.Ok)
            loaded.Config!.Sources.Catalog[0].CheckAgainst(loaded.Config, loaded.Errors, "sources.catalog[0]");
        Assert.Contains(says, Assert.Single(loaded.Errors.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ address: 192.0.2.9, tls: { server-name: a.test } }, 192.0.2.10", "server: ns1", true)]
    [InlineData("192.0.2.10, { address: 192.0.2.9, tls: { server-name: a.test } }", "server: ns1, keys: /k", true)]
    [InlineData("{ address: 192.0.2.9, tls: { server-name: a.test } }, { address: 192.0.2.10, key: k }", "server: ns1, keys: /k", false)]
    [InlineData("{ address: 192.0.2.9, tls: { server-name: a.test } }, 192.0.2.10", "server: ns1, keys: /k, key: k", false)]
    [InlineData("{ address: 192.0.2.9, tls: { server-name: a.test } }, 127.0.0.1", "server: ns1", false)]
    [InlineData("192.0.2.9, 192.0.2.10", "server: ns1", false)]
    public void A_primary_that_proves_nothing_beside_one_that_must_is_warned_of(string from, string source, bool warned)
    {
        var loaded = Load($"sources: {{ knot: [ {{ server: ns1 }} ], catalog: [ {{ {source} }} ] }}", Of($"[{from}]"));
        Check(loaded);
        Assert.True(loaded.Errors.Ok);
        Assert.Equal(warned, loaded.Errors.Lines.Any(l => l.Contains("warning: servers.ns1.zones.catalog.from[", StringComparison.Ordinal) && l.Contains("192.0.2.10 has neither tls nor a key, beside primaries that must prove who they are", StringComparison.Ordinal)));
    }

    static string Of(string from) => $"mode: observe\nservers: {{ ns1: {{ kind: knot, zones: {{ catalog: {{ zone: cat.test, from: {from} }} }} }} }}\n";

    [Fact]
    public void Two_entries_for_one_server_are_refused()
    {
        var errors = Check(Load("sources:\n  knot: [ { server: ns1 } ]\n  catalog:\n    - { server: ns1 }\n    - { server: ns1 }\n"));
        Assert.Contains(errors.Lines, l => l.Contains("(catalog/ns1); remove one, or join them", StringComparison.Ordinal));
    }
}
