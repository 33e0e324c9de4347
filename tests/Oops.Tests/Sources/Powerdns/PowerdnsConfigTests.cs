using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.Powerdns;

public sealed class PowerdnsConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: powerdns, address: 127.0.0.1 }, ns2: { kind: powerdns }, r1: { kind: recursor }, k1: { kind: knot }, r2: { kind: recursor, zones: { own: { at-least: 1 } } } }\n";

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = Repository.Text("src/Oops/Sources/Powerdns/sample.yaml");
        Assert.Empty(Load("mode: observe\n", sample).Errors.Lines);
        var all = Load("mode: observe\n", SampleText.WithAllOptions(sample));
        Assert.Empty(all.Errors.Lines);
        Assert.Equal("/etc/oops/pdns-ca.pem", all.Config!.Sources.Powerdns[0].Ca);
    }

    [Fact]
    public void An_authoritative_server_has_zones_and_a_recursor_has_none()
    {
        var config = Load(Head.Replace(", r2: { kind: recursor, zones: { own: { at-least: 1 } } }", "", StringComparison.Ordinal), "sources: { powerdns: [ { server: ns1, key-file: /k }, { server: r1, key-file: /k } ] }").Config!;
        Assert.Equal(["powerdns/ns1/api", "powerdns/ns1/rate"], config.Sources.Powerdns[0].Create(config).Covers.Select(c => c.Name));
        Assert.Contains(Measure.Expiry, config.Sources.Powerdns[0].Create(config).Covers[0].Measures);
        Assert.Equal([Measure.Answering], config.Sources.Powerdns[1].Create(config).Covers[0].Measures);
    }

    [Theory]
    [InlineData("{ server: ns1 }", "key-file")]
    [InlineData("{ server: ns1, key-file: relative }", "absolute path")]
    [InlineData("{ server: k1, key-file: /k }", "is of kind knot; this source asks servers of kind powerdns and recursor")]
    [InlineData("{ server: ns2, key-file: /k }", "needs an address")]
    [InlineData("{ server: r2, key-file: /k }", "a recursor serves no zones")]
    [InlineData("{ server: ns1, key-file: /k, interval: 10ms }", "interval")]
    [InlineData("{ server: ns1, key: x }", "'key'")]
    public void A_mistake_is_told(string source, string says) =>
        Assert.Contains(Load(Head, $"sources: {{ powerdns: [ {source} ] }}").Errors.Lines, l => l.Contains(says, StringComparison.Ordinal));

    static Loaded<OopsConfig> Load(string head, string text)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", head + text));
        if (loaded.Config is { } config) PolicyCompiler.Compile(config, Wiring.Of(loaded, config), loaded.Errors, loaded.Hash);
        return loaded;
    }
}
