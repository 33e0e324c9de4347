using System.Text.RegularExpressions;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.Bind;

public sealed class BindConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: bind, address: 127.0.0.1, zones: { own: { at-least: 1 } } }, bare: { kind: bind }, ns3: { kind: nsd } }\n";

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Sources/Bind/sample.yaml"));
        Assert.Empty(Load(sample).Errors.Lines);
        var all = Load(SampleText.WithAllOptions(sample));
        Assert.Empty(all.Errors.Lines);
        Assert.Equal(["internal", "external"], all.Config!.Sources.Bind[0].Views);
    }

    [Fact]
    public void The_example_in_the_readme_loads()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Sources/Bind/README.md"));
        var example = Regex.Match(readme, "(?s)```yaml\n(.*?)```").Groups[1].Value;
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", example));
        Assert.Empty(loaded.Errors.Lines);
        Assert.Equal("bind/ns1", loaded.Config!.Sources.Bind[0].Create(loaded.Config).Name);
        Assert.InRange(example.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 1, 10);
    }

    [Fact]
    public void The_list_and_the_counters_are_witnesses_that_are_believed_for_three_intervals()
    {
        var config = Load("sources: { bind: [ { server: ns1, interval: 20s, rate-interval: 5s } ] }").Config!;
        Assert.Collection(
            config.Sources.Bind[0].Create(config).Covers,
            c => Assert.True(c is { Name: "bind/ns1/statistics", Standing: Standing.Witness, Validity.TotalSeconds: 60 } && c.Measures.Contains(Measure.Expiry) && !c.Measures.Contains(Measure.SignatureExpiry)),
            c => Assert.True(c is { Name: "bind/ns1/rate", Standing: Standing.Witness, Validity.TotalSeconds: 15 } && c.Measures.Contains(Measure.QueryRate)));
    }

    [Fact]
    public void Without_a_rate_interval_there_is_only_the_list()
    {
        var config = Load("sources: { bind: [ { server: ns1, rate-interval: 0 } ] }").Config!;
        Assert.Equal(["bind/ns1/statistics"], config.Sources.Bind[0].Create(config).Covers.Select(c => c.Name));
        Assert.Equal(["ns1"], config.Sources.Bind[0].ListsZonesOf);
    }

    [Theory]
    [InlineData("server: ns2", "ns2")]
    [InlineData("server: ns3", "'ns3' is of kind nsd; this source reads BIND 9 only")]
    [InlineData("server: bare", "'bare' has no address")]
    [InlineData("server: ns1, statistics: 192.0.2.1@8053", "192.0.2.1 is not this host's loopback")]
    [InlineData("server: ns1, statistics: localhost@8053", "write the IP address")]
    [InlineData("server: ns1, interval: 10ms", "interval")]
    [InlineData("server: ns1, rate-interval: 10ms", "must be 0 or at least 1s")]
    [InlineData("server: ns1, views: [_bind]", "'_bind' has no zones of anybody's")]
    [InlineData("server: ns1, views: [a, b, a]", "the view 'a' is listed twice")]
    [InlineData("server: ns1, view: a", "views")]
    public void What_cannot_work_or_is_not_safe_is_said(string source, string says)
    {
        var loaded = Load($"sources: {{ bind: [ {{ {source} }} ] }}");
        if (loaded.Config is { } config) PolicyCompiler.Compile(config, Wiring.Of(loaded, config), loaded.Errors, loaded.Hash);
        Assert.Contains(says, string.Join('\n', loaded.Errors.Lines), StringComparison.Ordinal);
    }

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Head + text));
}
