using System.Text.RegularExpressions;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.Knot;

public sealed class KnotConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: knot, control: /run/k.sock, zones: { own: { at-least: 1 } } } }\n";

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Root(), "src/Oops/Sources/Knot/sample.yaml"));
        Assert.Empty(Load(sample).Errors.Lines);
        var all = Load(Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2"));
        Assert.Empty(all.Errors.Lines);
        Assert.Equal(TimeSpan.FromSeconds(60), all.Config!.Sources.Knot[0].Interval);
    }

    [Fact]
    public void The_example_in_the_readme_loads()
    {
        var readme = File.ReadAllText(Path.Combine(Root(), "src/Oops/Sources/Knot/README.md"));
        var example = Regex.Match(readme, "(?s)```yaml\n(.*?)```").Groups[1].Value;
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", example));
        Assert.Empty(loaded.Errors.Lines);
        Assert.Equal("knot/ns1", loaded.Config!.Sources.Knot[0].Create(loaded.Config).Name);
    }

    [Fact]
    public void The_bus_is_a_messenger_and_the_control_socket_a_witness()
    {
        var config = Load("sources: { knot: [ { server: ns1, interval: 20s } ] }").Config!;
        Assert.Collection(
            config.Sources.Knot[0].Create(config).Covers,
            c => Assert.True(c is { Name: "knot/ns1/control", Standing: Standing.Witness, Validity.TotalSeconds: 60 } && c.Measures.Contains(Measure.Expiry) && !c.Measures.Contains(Measure.Stopping)),
            c => Assert.True(c is { Name: "knot/ns1/bus", Standing: Standing.Messenger } && c.Validity == Timeout.InfiniteTimeSpan && c.Measures.Contains(Measure.Stopping)));
    }

    [Fact]
    public void Without_a_bus_there_is_only_the_witness()
    {
        var config = Load("sources: { knot: [ { server: ns1, bus: none } ] }").Config!;
        Assert.Equal(["knot/ns1/control"], config.Sources.Knot[0].Create(config).Covers.Select(c => c.Name));
        Assert.Equal(["ns1"], config.Sources.Knot[0].ListsZonesOf);
    }

    [Theory]
    [InlineData("server: ns2", "ns2")]
    [InlineData("server: ns1, bus: '/run/dbus'", "only unix:path= and unix:abstract= addresses can be used")]
    [InlineData("server: ns1, interval: 10ms", "interval")]
    [InlineData("server: ns1, intervall: 10s", "intervall")]
    public void What_cannot_work_is_refused(string source, string names) =>
        Assert.Contains(names, string.Join('\n', Load($"sources: {{ knot: [ {{ {source} }} ] }}").Errors.Lines), StringComparison.Ordinal);

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Head + text));

    static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "oops.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
