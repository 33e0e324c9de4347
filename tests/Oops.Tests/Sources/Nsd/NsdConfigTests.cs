using System.Text.RegularExpressions;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.Nsd;

public sealed class NsdConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: nsd, address: 127.0.0.1, control: /run/nsd.ctl, zones: { own: { at-least: 1 } } } }\n";

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = Repository.Text("src/Oops/Sources/Nsd/sample.yaml");
        Assert.Empty(Load(sample).Errors.Lines);
        var all = Load(Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2"));
        Assert.Empty(all.Errors.Lines);
        Assert.Equal(8952, all.Config!.Sources.Nsd[0].Control!.Value.ToIPEndPoint(1).Port);
    }

    [Fact]
    public void The_example_in_the_readme_loads()
    {
        var example = Regex.Match(Repository.Text("src/Oops/Sources/Nsd/README.md"), "(?s)```yaml\n(.*?)```").Groups[1].Value;
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", example));
        Assert.Empty(loaded.Errors.Lines);
        Assert.Equal("nsd/ns1", loaded.Config!.Sources.Nsd[0].Create(loaded.Config).Name);
    }

    [Fact]
    public void It_witnesses_zones_and_speaks_of_the_query_rate_where_the_version_has_one()
    {
        var config = Load("sources: { nsd: [ { server: ns1, interval: 20s } ] }").Config!;
        Assert.Collection(
            config.Sources.Nsd[0].Create(config).Covers,
            c => Assert.True(c is { Name: "nsd/ns1/control", Standing: Standing.Witness, Validity.TotalSeconds: 60 } && c.Measures.Contains(Measure.Expiry) && !c.Measures.Contains(Measure.Stopping)),
            c => Assert.True(c is { Name: "nsd/ns1/rate", Standing: Standing.Messenger, Validity.TotalSeconds: 30 } && c.Measures.Contains(Measure.QueryRate)));
        Assert.Equal(["ns1"], config.Sources.Nsd[0].ListsZonesOf);
    }

    [Fact]
    public void A_rate_that_was_asked_for_is_waited_for()
    {
        var config = Load("sources: { nsd: [ { server: ns1, rate-interval: 10s } ] }").Config!;
        Assert.Contains(config.Sources.Nsd[0].Create(config).Covers, c => c is { Name: "nsd/ns1/rate", Standing: Standing.Witness });
    }

    [Fact]
    public void With_a_rate_interval_of_zero_there_is_only_the_control()
    {
        var config = Load("sources: { nsd: [ { server: ns1, rate-interval: 0s } ] }").Config!;
        Assert.Equal(["nsd/ns1/control"], config.Sources.Nsd[0].Create(config).Covers.Select(c => c.Name));
    }

    [Fact]
    public void A_server_without_an_address_is_warned_about()
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", "mode: observe\nservers: { ns1: { kind: nsd } }\nsources: { nsd: [ { server: ns1 } ] }\n"));
        loaded.Config!.Sources.Nsd[0].CheckAgainst(loaded.Config, loaded.Errors, "sources.nsd[0]");
        Assert.Contains("add address to the server", Assert.Single(loaded.Errors.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server: ns2", "ns2")]
    [InlineData("server: ns1, interval: 10ms", "interval")]
    [InlineData("server: ns1, rate-interval: 10ms", "too short to count queries")]
    [InlineData("server: ns1, control: 127.0.0.1", "control over TLS needs server-cert")]
    [InlineData("server: ns1, control: 127.0.0.1, server-cert: /a, key: /b", "control over TLS needs cert")]
    [InlineData("server: ns1, cert: /a", "cert is for a control socket over TLS")]
    [InlineData("server: ns1, control: 127.0.0.1, server-cert: a, key: /b, cert: /c", "server-cert")]
    public void What_cannot_work_is_refused(string source, string names) =>
        Assert.Contains(names, string.Join('\n', Load($"sources: {{ nsd: [ {{ {source} }} ] }}").Errors.Lines), StringComparison.Ordinal);

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Head + text));
}
