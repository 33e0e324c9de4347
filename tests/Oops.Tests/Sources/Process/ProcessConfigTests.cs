using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.Process;

public sealed class ProcessConfigTests
{
    const string One = "mode: observe\nservers: { ns1: { kind: knot, pidfile: /run/knot/knot.pid } }\n";
    const string Two = "mode: observe\nservers: { ns1: { kind: knot, pidfile: /run/knot/knot.pid }, box: { kind: other } }\n";

    static Loaded<OopsConfig> Load(string text, string head = One)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", head + text));
        if (loaded.Config is { } config) PolicyCompiler.Compile(config, Wiring.Of(loaded, config), loaded.Errors, loaded.Hash);
        return loaded;
    }

    static string Sample() => Repository.Text("src/Oops/Sources/Process/sample.yaml");

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var loaded = Load(Sample());
        Assert.Empty(loaded.Errors.Lines);
        var all = Load(SampleText.WithAllOptions(Sample()));
        Assert.Empty(all.Errors.Lines);
        Assert.Equal(["knotd"], all.Config!.Sources.Process[0].Executable!);
    }

    [Fact]
    public void It_covers_the_process_and_its_idleness()
    {
        var config = Load(Sample()).Config!;
        var source = config.Sources.Process[0].Create(config);
        Assert.Equal("process/ns1", source.Name);
        Assert.Collection(
            source.Covers,
            c => Assert.True(c is { Name: "process/ns1", Server: "ns1", Process: true, Standing: Standing.Witness, Measures.IsEmpty: true }),
            c => Assert.True(c is { Name: "process/ns1/cpu", Process: false, Measures: [Measure.Idle] } && c.Validity == TimeSpan.FromSeconds(15)));
    }

    [Theory]
    [InlineData("sources: { process: [ { server: ns2 } ] }", "there is no server 'ns2'")]
    [InlineData("sources: { process: [ { server: ns1, executable: [sbin/knotd] } ] }", "neither a name nor an absolute path")]
    [InlineData("sources: { process: [ { server: ns1, recheck: 1ms } ] }", "recheck")]
    [InlineData("sources: { process: [ { server: box, arguments: [x] } ] }", "add executable: NAME")]
    [InlineData("sources: { process: [ { server: box, executable: [boxd] } ] }", "'box' has no pidfile")]
    [InlineData("sources: { process: [ { } ] }", "server")]
    public void A_mistake_is_told(string text, string says) =>
        Assert.Contains(Load(text, Two).Errors.Lines, l => l.Contains(says, StringComparison.Ordinal));
}
