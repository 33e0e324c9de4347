using Oops.Config;
using Xunit;

namespace Oops.Tests.Actions.Frr;

public sealed class FrrConfigTests
{
    [Theory]
    [InlineData("med 0", true)]
    [InlineData("med 1", false)]
    [InlineData("prepend 3", false)]
    public void A_degradation_by_the_MED_that_every_route_of_bgpd_has_is_refused(string degrade, bool refused)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("x.yaml", $"mode: act\nservers: {{ ns1: {{ kind: knot }} }}\nsources: {{ process: [ {{ server: ns1 }} ] }}\nactions: {{ frr: [ {{ name: edge }} ] }}\nroutes: {{ a: {{ prefixes: [192.0.2.0/24], via: edge, degrade: {degrade}, announce-when: [server-running] }} }}\n"));
        PolicyCompiler.Compile(loaded.Config!, Wiring.Of(loaded, loaded.Config!), loaded.Errors, loaded.Hash);
        Assert.Equal(refused, loaded.Errors.Lines.Any(l => l.Contains("routes.a.degrade: 'edge' is an FRR, and bgpd gives MED 0 to every route", StringComparison.Ordinal)));
    }
}
