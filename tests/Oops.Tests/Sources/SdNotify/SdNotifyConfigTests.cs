using System.Text.RegularExpressions;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.SdNotify;

public sealed class SdNotifyConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: knot, pidfile: /run/k.pid }, ns2: { kind: nsd } }\n";

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Sources/SdNotify/sample.yaml"));
        Assert.Empty(Load(sample).Errors.Lines);
        Assert.Empty(Load(Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2")).Errors.Lines);
    }

    [Fact]
    public void The_example_in_the_readme_loads()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Sources/SdNotify/README.md"));
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Regex.Match(readme, "(?s)```yaml\n(.*?)```").Groups[1].Value));
        Assert.Empty(loaded.Errors.Lines);
        Assert.Equal("sd-notify/ns1", loaded.Config!.Sources.SdNotify[0].Create(loaded.Config).Name);
    }

    [Fact]
    public void It_is_a_messenger_of_stopping_and_of_no_zone()
    {
        var config = Load("sources: { process: [ { server: ns1 } ], sd-notify: [ { server: ns1, listen: /run/n } ] }").Config!;
        var channel = Assert.Single(config.Sources.SdNotify[0].Create(config).Covers);
        Assert.True(channel is { Name: "sd-notify/ns1", Standing: Standing.Messenger } && channel.Measures.SequenceEqual([Measure.Stopping]));
    }

    [Theory]
    [InlineData("server: ns3, listen: /run/n", "ns3")]
    [InlineData("server: ns2, listen: /run/n", "nothing tells which process 'ns2' is")]
    [InlineData("server: ns1, listen: run/n", "neither an absolute path nor @NAME")]
    [InlineData("server: ns1, listen: /run/n, forward: '@'", "neither an absolute path nor @NAME")]
    [InlineData("server: ns1, listen: /run/n, forward: /run/n", "would come back for ever")]
    [InlineData("server: ns1, listen: /run/n }, { server: ns1, listen: /run/n", "is listened at twice")]
    [InlineData("server: ns1", "listen")]
    public void What_cannot_work_is_refused(string source, string names) =>
        Assert.Contains(names, Refused($"sources: {{ process: [ {{ server: ns1 }} ], sd-notify: [ {{ {source} }} ] }}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("unbound", 1)]
    [InlineData("bind", 0)]
    public void A_server_that_ends_when_nobody_listens_is_warned_of(string kind, int warnings)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", $"mode: observe\nservers: {{ r1: {{ kind: {kind}, pidfile: /run/r.pid }} }}\nsources: {{ process: [ {{ server: r1 }} ], sd-notify: [ {{ server: r1, listen: /run/n }} ] }}\n"));
        PolicyCompiler.Compile(loaded.Config!, Wiring.Of(loaded, loaded.Config!), loaded.Errors, "");
        Assert.True(loaded.Errors.Ok);
        Assert.Equal(warnings, loaded.Errors.Lines.Count(l => l.Contains("cannot start or reload while oops is down", StringComparison.Ordinal)));
    }

    static string Refused(string text)
    {
        var loaded = Load(text);
        // What is wrong in the record, or in what it refers to.
        if (loaded.Errors.Ok) PolicyCompiler.Compile(loaded.Config!, Wiring.Of(loaded, loaded.Config!), loaded.Errors, "");
        return string.Join('\n', loaded.Errors.Lines);
    }

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Head + text));
}
