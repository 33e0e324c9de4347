using System.Text.RegularExpressions;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.Systemd;

public sealed class SystemdConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: knot }, ns2: { kind: other } }\n";

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Sources/Systemd/sample.yaml"));
        Assert.Empty(Load(sample).Errors.Lines);
        Assert.Empty(Load(Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2")).Errors.Lines);
    }

    [Fact]
    public void The_example_in_the_readme_loads()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Sources/Systemd/README.md"));
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Regex.Match(readme, "(?s)```yaml\n(.*?)```").Groups[1].Value));
        Assert.Empty(loaded.Errors.Lines);
        Assert.Equal("systemd/ns1", loaded.Config!.Sources.Systemd[0].Create(loaded.Config).Name);
    }

    [Fact]
    public void It_is_a_witness_of_stopping_for_three_intervals()
    {
        var config = Load("sources: { systemd: [ { server: ns1, interval: 20s } ] }").Config!;
        var channel = Assert.Single(config.Sources.Systemd[0].Create(config).Covers);
        Assert.True(channel is { Name: "systemd/ns1", Standing: Standing.Witness, Validity.TotalSeconds: 60 } && channel.Measures.SequenceEqual([Measure.Stopping]));
    }

    [Theory]
    [InlineData("server: ns3", "ns3")]
    [InlineData("server: ns2", "no usual unit")]
    [InlineData("server: ns1, unit: knot", "is not the whole name of a service")]
    [InlineData("server: ns1, unit: \"a'b.service\"", "is not the whole name of a service")]
    [InlineData("server: ns1, unit: kresd@.service", "is not the whole name of a service")]
    [InlineData("server: ns1, unit: knot.socket", "is not the whole name of a service")]
    [InlineData("server: ns1, bus: '/run/dbus'", "only unix:path= and unix:abstract= addresses can be used")]
    [InlineData("server: ns1, interval: 10ms", "interval")]
    public void What_cannot_work_is_refused(string source, string names) =>
        Assert.Contains(names, Refused($"sources: {{ systemd: [ {{ {source} }} ] }}"), StringComparison.Ordinal);

    static string Refused(string text)
    {
        var loaded = Load(text);
        // What is wrong in the record, or in what it refers to.
        if (loaded.Errors.Ok) PolicyCompiler.Compile(loaded.Config!, Wiring.Of(loaded, loaded.Config!), loaded.Errors, "");
        return string.Join('\n', loaded.Errors.Lines);
    }

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Head + text));
}
