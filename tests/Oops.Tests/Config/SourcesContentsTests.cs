using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Config;

/// <summary>What the table of contents of the sources says that they measure, against what they say themselves.</summary>
public sealed class SourcesContentsTests
{
    const string All = """
        mode: observe
        servers:
          ns1: { kind: knot, address: 127.0.0.1, pidfile: /run/knot.pid, control: /run/knot.sock, zones: { list: [nl] }, primaries: [198.51.100.1] }
          ns2: { kind: nsd, address: 127.0.0.1 }
          r1: { kind: unbound }
        conditions: { reported: { kind: error-reported, codes: [7] } }
        sources:
          process: [ { server: ns1 } ]
          knot: [ { server: ns1 } ]
          probe: [ { server: ns1, to: [192.0.2.53], expire: true, signatures: true } ]
          nsd: [ { server: ns2 } ]
          unbound: [ { server: r1 } ]
          notify: [ { server: ns1, listen: [127.0.0.1@5353] } ]
          dnstap: [ { server: ns1, listen: /run/oops/ns1.dnstap } ]
          systemd: [ { server: ns1 } ]
          error-reports: [ { server: ns1, listen: [127.0.0.1@5354], agents: [ { domain: a01.example } ] } ]
          keys: [ { server: ns2, parent: [198.51.100.2], zones: [nl] } ]
          sd-notify: [ { server: ns1, listen: /run/ns1.notify } ]
        """;

    [Theory]
    [InlineData("dnstap")]
    [InlineData("error-reports")]
    [InlineData("keys")]
    [InlineData("knot")]
    [InlineData("notify")]
    [InlineData("nsd")]
    [InlineData("unbound")]
    [InlineData("process")]
    [InlineData("probe")]
    [InlineData("sd-notify")]
    [InlineData("systemd")]
    public void A_source_measures_what_is_said_of_its_kind(string kind)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("c.yaml", All));
        Assert.True(loaded.Errors.Ok, string.Join("\n", loaded.Errors.Lines));
        var own = Wiring.Of(loaded, loaded.Config!).Sources.Where(s => s.Path.StartsWith($"sources.{kind}[", StringComparison.Ordinal)).SelectMany(s => s.Source.Covers).Where(c => c.Standing != Standing.Reference).ToArray();
        var measured = own.SelectMany(c => c.Measures).Concat(own.Any(c => c.Process) ? [Measure.Answering] : []).Distinct().Order();

        var said = Oops.Config.Shape.Attribute<MeasuresAttribute>(Oops.Config.Shape.Key(ConfigJson.Default.SourcesConfig, kind))!;

        Assert.Equal(measured, said.Measures.Order());
    }
}
