using Oops.Actions.Exabgp;
using Oops.Config;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Actions.Exabgp;

public sealed class ExabgpConfigTests
{
    [Fact]
    public void The_readmes_example_and_the_sample_are_valid()
    {
        var page = Repository.Text("src/Oops/Actions/Exabgp/README.md");
        var begin = page.IndexOf("```yaml\n", StringComparison.Ordinal) + "```yaml\n".Length;
        var yaml = page[begin..page.IndexOf("```", begin, StringComparison.Ordinal)];
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("README.md", yaml));
        Assert.Equal("", string.Join('\n', loaded.Errors.All));
        using var action = Assert.IsType<PrefixRouter>(loaded.Config!.Actions.Exabgp[0].Create(loaded.Config));
        Assert.Equal("/run/oops/exabgp-edge.routes", action.IncludePath);

        var sample = Repository.Text("src/Oops/Actions/Exabgp/sample.yaml");
        var all = sample.Replace("\n      # ", "\n      ", StringComparison.Ordinal).Replace("actions:", "", StringComparison.Ordinal);
        var whole = yaml[..yaml.IndexOf("actions:", StringComparison.Ordinal)] + "actions:\n" + all + yaml[yaml.IndexOf("routes:", StringComparison.Ordinal)..];
        var full = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("sample.yaml", whole));
        Assert.Equal("", string.Join('\n', full.Errors.All));
        Assert.Equal((64501, "self", "2001:db8:99::1", TimeSpan.FromSeconds(10)), (full.Config!.Actions.Exabgp[0].Asn!.Value, full.Config.Actions.Exabgp[0].NextHop4, full.Config.Actions.Exabgp[0].NextHop6, full.Config.Actions.Exabgp[0].ReadEvery));
    }

    [Theory]
    [InlineData("pipes: exabgp", "pipes")]
    [InlineData("next-hop4: 2001:db8::1", "an IPv4 address")]
    [InlineData("next-hop6: 192.0.2.1", "an IPv6 address")]
    [InlineData("next-hop4: '192.0.2.1 med 5'", "an IPv4 address")]
    [InlineData("next-hop4: '192.0.2'", "an IPv4 address")]
    [InlineData("neighbors: ['192.0.2.1 local-as 5']", "as ExaBGP prints it")]
    [InlineData("neighbors: ['2001:DB8::1']", "as ExaBGP prints it")]
    [InlineData("next-hop6: '2001:db8::1@179'", "an IPv6 address, such as 2001:db8::1, nor `self`")]
    [InlineData("asn: 0", "asn")]
    public void A_config_that_cannot_work_is_refused(string option, string why)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("x.yaml", "mode: act\nservers: { ns1: { kind: knot } }\nactions:\n  exabgp:\n    - name: edge\n      " + option + "\n"));
        Assert.Contains(loaded.Errors.Lines, l => l.Contains(why, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "2001:db8:53::/48", true)]
    [InlineData("", "192.0.2.0/24", false)]
    [InlineData(", neighbors: ['192.0.2.1']", "2001:db8:53::/48", true)]
    [InlineData(", neighbors: ['2001:db8::1']", "2001:db8:53::/48", false)]
    [InlineData(", next-hop6: '2001:DB8::1'", "2001:db8:53::/48", false)]
    public void IPv6_without_a_next_hop_is_warned_of_where_a_session_may_be_of_IPv4(string option, string prefix, bool warned)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("x.yaml", $"mode: act\nservers: {{ ns1: {{ kind: knot }} }}\nsources: {{ process: [ {{ server: ns1 }} ] }}\nactions: {{ exabgp: [ {{ name: edge{option} }} ] }}\nroutes: {{ a: {{ prefixes: [\"{prefix}\"], via: edge, announce-when: [server-running] }} }}\n"));
        PolicyCompiler.Compile(loaded.Config!, Wiring.Of(loaded, loaded.Config!), loaded.Errors, loaded.Hash);
        Assert.Equal(warned, loaded.Errors.Lines.Any(l => l.Contains("warning: routes.a.prefixes: 2001:db8:53::/48 goes via 'edge', which has no next-hop6: over a session of IPv4 ExaBGP has no next hop for it", StringComparison.Ordinal)));
    }
}
