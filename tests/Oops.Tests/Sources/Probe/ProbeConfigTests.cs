using System.Text.RegularExpressions;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.Probe;

public sealed class ProbeConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: knot, zones: { list: [a, b] }, primaries: [198.51.100.1], peers: [\"2001:db8::1@5353\"] }, box: { kind: other } }\n";

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        Assert.Empty(Load(Sample()).Errors.Lines);
        var all = Load(Regex.Replace(Sample(), "^( +)# ([a-z-]+: )", "$1$2", RegexOptions.Multiline));
        Assert.Empty(all.Errors.Lines);
        var probe = all.Config!.Sources.Probe[0];
        Assert.Equal((TimeSpan.FromSeconds(10), 500, true), (probe.ZoneInterval, probe.Rate, probe.Expire));
    }

    [Fact]
    public void Each_address_has_a_channel_for_answers_one_for_TCP_and_one_for_zones()
    {
        var config = Load("sources: { probe: [ { server: ns1, to: [192.0.2.53, \"2001:db8:53::53@5300\"] } ] }").Config!;
        var source = config.Sources.Probe[0].Create(config);
        Assert.Equal("probe/ns1", source.Name);
        Assert.Equal(
            ["probe/ns1/192.0.2.53", "probe/ns1/192.0.2.53/tcp", "probe/ns1/192.0.2.53/zones", "probe/ns1/2001:db8:53::53@5300", "probe/ns1/2001:db8:53::53@5300/tcp",
                "probe/ns1/2001:db8:53::53@5300/zones", "probe/ns1/primary/198.51.100.1", "probe/ns1/peer/2001:db8::1@5353"],
            source.Covers.Select(c => c.Name));
        Assert.True(source.Covers[0] is { Standing: Standing.Witness, Measures: [Measure.Answering, Measure.Unanswered], Target: not null });
        Assert.Equal("192.0.2.53", source.Covers[0].Target!.ToString());
        Assert.Equal(TimeSpan.FromSeconds(4.3), source.Covers[0].Validity); // the third try ends 3.8 s after the last answer
        Assert.True(source.Covers[2] is { Measures: [Measure.Serial, Measure.Expiry, Measure.RefreshFailures] });
        Assert.True(source.Covers[6] is { Standing: Standing.Reference, Measures: [Measure.Serial, Measure.Expiry] });
        Assert.Equal(TimeSpan.FromSeconds(35.8), source.Covers[6].Validity);
    }

    [Fact]
    public void A_server_without_EXPIRE_or_zones_is_not_said_to_be_covered()
    {
        var config = Load("sources: { probe: [ { server: box, to: [127.0.0.1], tcp-interval: 0s }, { server: ns1, to: [127.0.0.1], zones: [], tcp-interval: 0s } ] }").Config!;
        Assert.Equal([[Measure.Answering, Measure.Unanswered], [Measure.Serial]], config.Sources.Probe[0].Create(config).Covers.Select(c => c.Measures.ToArray()));
        Assert.Equal(["probe/ns1/127.0.0.1"], config.Sources.Probe[1].Create(config).Covers.Select(c => c.Name));
    }

    [Theory]
    [InlineData("", "192.0.2.53")]
    [InlineData(", local: true", "192.0.2.53 198.51.100.53")]
    [InlineData(", local: false", "")]
    [InlineData(", nsid: ns1.ams", "")]
    public void An_address_inside_a_routes_prefix_is_to_be_this_hosts_own(string more, string local)
    {
        var config = Load($"sources: {{ probe: [ {{ server: ns1, to: [192.0.2.53, 198.51.100.53]{more} }} ] }}\n"
            + "actions: { bird: [ { name: edge } ] }\nroutes: { r: { prefixes: [192.0.2.0/24], via: edge, servers: [ns1], announce-when: [server-running] } }").Config!;
        Assert.Equal(local, ((Oops.Sources.ISourceConfig)config.Sources.Probe[0]).DependsOn(config));
    }

    [Theory]
    [InlineData("server: ns2, to: [127.0.0.1]", "there is no server 'ns2'")]
    [InlineData("server: ns1", "to")]
    [InlineData("server: ns1, to: []", "to")]
    [InlineData("server: ns1, to: [127.0.0.1, 127.0.0.1@53]", "listed twice")]
    [InlineData("server: ns1, to: [127.0.0.1], timeout: 1s", "not shorter than the interval")]
    [InlineData("server: ns1, to: [127.0.0.1], tries: 0", "tries")]
    [InlineData("server: ns1, to: [127.0.0.1], zones: [a, b, c], rate: 1, zone-interval: 2s", "more than 1 queries per second")]
    public void A_mistake_is_told(string probe, string says) =>
        Assert.Contains(says, Assert.Single(Load($"sources: {{ probe: [ {{ {probe} }} ] }}").Errors.Lines), StringComparison.Ordinal);

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Head + text));

    static string Sample()
    {
        using var stream = typeof(OopsConfig).Assembly.GetManifestResourceStream("sources/probe.yaml")!;
        return new StreamReader(stream).ReadToEnd();
    }
}
