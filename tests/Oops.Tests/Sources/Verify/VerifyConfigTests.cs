using System.Text.RegularExpressions;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Sources.Verify;

public sealed class VerifyConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: nsd, address: 192.0.2.1, zones: { list: [example] } }, box: { kind: other, zones: { list: [a] } } }\n";

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Head + text));

    static string Sample() => File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Sources/Verify/sample.yaml"));

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        Assert.Empty(Load(Sample()).Errors.Lines);
        var all = Load(Regex.Replace(Sample(), "(?m)^( +)# ([a-z-]+: )", "$1$2"));
        Assert.Empty(all.Errors.Lines);
        Assert.Equal("/var/lib/knot/new/%s.zone", all.Config!.Sources.Verify[0].Gate!.NewZone);
        var verify = all.Config.Sources.Verify[0];
        Assert.Equal((2, 2, 2, 10.0, 100L), (verify.From!.Count, verify.Require.Count, verify.Policy.Count, verify.Brake!.Percent, verify.Brake.Least));
    }

    [Fact]
    public void It_covers_whether_zones_are_good_and_when_their_signatures_end()
    {
        var config = Load("sources: { verify: [ { server: ns1, interval: 1m, transfer-timeout: 30s } ] }").Config!;
        var covers = config.Sources.Verify[0].Create(config).Covers;
        Assert.Equal(("verify/ns1/zones", Standing.Messenger, 0), (covers[1].Name, covers[1].Standing, covers[1].Measures.Length));
        Assert.Equal(2, covers.Length);
        var channel = covers[0];
        Assert.Equal(("verify/ns1", "ns1", Standing.Witness, TimeSpan.FromSeconds(210)), (channel.Name, channel.Server, channel.Standing, channel.Validity));
        Assert.Equal([Measure.Invalid, Measure.SignatureExpiry], channel.Measures);
    }

    [Fact]
    public void A_gate_is_for_knotd()
    {
        var loaded = Load("sources: { verify: [ { server: ns1, gate: { new-zone: /new/%s.zone } } ] }");
        PolicyCompiler.Compile(loaded.Draft!, Wiring.Of(loaded, loaded.Draft!), loaded.Errors, "");
        Assert.Contains(loaded.Errors.Lines, l => l.Contains("ns1 is not of kind knot", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("server: box", "where are the zones transferred from? Write from, or the address of box")]
    [InlineData("server: ns1, key: k", "needs a key file; write keys: /path")]
    [InlineData("server: ns1, from: { address: 192.0.2.2, key: k }", "192.0.2.2 has the key k, and there is no key file")]
    [InlineData("server: ns1, from: [192.0.2.2, 192.0.2.2@53]", "is listed twice; remove one")]
    [InlineData("server: ns1, from: { address: 192.0.2.2, tls: {} }", "how does the primary prove who it is?")]
    [InlineData("server: ns1, policy: { nonsense: error }", "there is no fault 'nonsense'; `oops schema zone-faults` lists them")]
    [InlineData("server: ns1, policy: { ttl-mismatch: fatal }", "policy")]
    [InlineData("server: ns1, require: [peace]", "require")]
    [InlineData("server: ns1, brake: { percent: -1 }", "brake.percent")]
    [InlineData("server: ns1, gate: { new-zone: new/%s.zone }", "gate.new-zone")]
    [InlineData("server: ns1, gate: { new-zone: /new/%s.zone, bus: nonsense }", "gate.bus")]
    [InlineData("server: ns1, gate: { new-zone: /new/%s.zone, deadline: 1h }", "gate.knotd-timeout")]
    public void What_cannot_be_is_refused_where_it_stands(string text, string problem)
    {
        var errors = Load($"sources: {{ verify: [ {{ {text} }} ] }}").Errors;
        Assert.Contains(errors.Lines, l => l.Contains(problem, StringComparison.Ordinal));
        Assert.False(errors.Ok);
    }
}
