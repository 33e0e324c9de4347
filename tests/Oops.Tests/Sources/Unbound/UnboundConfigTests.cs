using System.Text.RegularExpressions;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.Unbound;

public sealed class UnboundConfigTests
{
    const string Head = "mode: observe\nservers: { r1: { kind: unbound } }\n";

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = Repository.Text("src/Oops/Sources/Unbound/sample.yaml");
        Assert.Empty(Load(sample).Errors.Lines);
        var all = Load(Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2"));
        Assert.Empty(all.Errors.Lines);
        Assert.Equal(8953, all.Config!.Sources.Unbound[0].Control!.Value.ToIPEndPoint(1).Port);
    }

    [Fact]
    public void The_example_in_the_readme_loads()
    {
        var example = Regex.Match(Repository.Text("src/Oops/Sources/Unbound/README.md"), "(?s)```yaml\n(.*?)```").Groups[1].Value;
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", example));
        Assert.Empty(loaded.Errors.Lines);
        Assert.Equal("unbound/r1", loaded.Config!.Sources.Unbound[0].Create(loaded.Config).Name);
    }

    [Fact]
    public void It_witnesses_auth_zones_and_the_query_rate()
    {
        var config = Load("sources: { unbound: [ { server: r1 } ] }").Config!;
        Assert.Collection(
            config.Sources.Unbound[0].Create(config).Covers,
            c => Assert.True(c is { Name: "unbound/r1/control", Standing: Standing.Witness, Validity.TotalSeconds: 30 } && c.Measures.Contains(Measure.Expiry) && !c.Measures.Contains(Measure.RefreshFailures)),
            c => Assert.True(c is { Name: "unbound/r1/rate", Standing: Standing.Witness, Validity.TotalSeconds: 30 }));
    }

    [Theory]
    [InlineData("server: ns2", "ns2")]
    [InlineData("server: r1, rate-interval: 10ms", "too short to count queries")]
    [InlineData("server: r1, control: '::1'", "control over TLS needs server-cert")]
    public void What_cannot_work_is_refused(string source, string names) =>
        Assert.Contains(names, string.Join('\n', Load($"sources: {{ unbound: [ {{ {source} }} ] }}").Errors.Lines), StringComparison.Ordinal);

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Head + text));
}
