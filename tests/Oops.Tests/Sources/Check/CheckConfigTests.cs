using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.Check;

public sealed class CheckConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: knot, address: 127.0.0.1@5300 } }\n";

    static Loaded<OopsConfig> Load(string text)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Head + text));
        if (loaded.Config is { } config) PolicyCompiler.Compile(config, Wiring.Of(loaded, config), loaded.Errors, loaded.Hash);
        return loaded;
    }

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = Repository.Text("src/Oops/Sources/Check/sample.yaml");
        Assert.Empty(Load(sample).Errors.Lines);
        var all = Load(SampleText.WithAllOptions(sample));
        Assert.Empty(all.Errors.Lines);
        var source = all.Config!.Sources.Check[0].Create(all.Config);
        Assert.Equal("check/ns1/uplink", source.Name);
        var channel = Assert.Single(source.Covers);
        Assert.Equal(("check/ns1/uplink", "ns1", Standing.Witness, TimeSpan.FromSeconds(35)), (channel.Name, channel.Server, channel.Standing, channel.Validity));
    }

    [Fact]
    public void On_update_goes_with_a_source_that_hears_of_serials() =>
        Assert.Empty(Load("conditions: { up: { kind: external, polarity: good } }\nsources: { probe: [ { server: ns1, to: [127.0.0.1@5300] } ], check: [ { server: ns1, condition: up, command: [/bin/x], on-update: true } ] }").Errors.Lines);

    [Theory]
    [InlineData("{ server: ns1, condition: up }", "command")]
    [InlineData("{ server: ns1, condition: up, command: [x/y] }", "neither an absolute path nor a name")]
    [InlineData("{ server: ns1, condition: server-down, command: [/bin/x] }", "is not of kind external")]
    [InlineData("{ server: ns1, condition: late, command: [/bin/x] }", "is not of kind external")]
    [InlineData("{ server: ns1, condition: none, command: [/bin/x] }", "there is no condition 'none'")]
    [InlineData("{ server: ns1, condition: up, name: A, command: [/bin/x] }", "is not a name")]
    [InlineData("{ server: ns1, condition: up, command: [/bin/x], interval: 1ms }", "interval")]
    [InlineData("{ server: ns1, condition: up, command: [/bin/x], environment: [A] }", "write NAME=value")]
    [InlineData("{ server: ns1, condition: up, command: [/bin/x], on-update: true }", "sources.check[0].on-update: no source hears of new serials of server ns1; add one under sources: knot or ")]
    [InlineData("{ server: ns1, condition: up, command: [/bin/x] }, { server: ns1, condition: up, command: [/bin/y] }", "asks the same as")]
    public void A_mistake_is_told(string check, string says) =>
        Assert.Contains(Load($"conditions: {{ up: {{ kind: external, polarity: good }}, late: {{ kind: zone-expiring, before: 1h }} }}\nsources: {{ check: [ {check} ] }}").Errors.Lines, l => l.Contains(says, StringComparison.Ordinal));
}
