using Oops.Config;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Actions.Gobgp;

public sealed class GobgpConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: knot } }\n";

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Head + text));

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = Repository.Text("src/Oops/Actions/Gobgp/sample.yaml");
        Assert.Empty(Load(sample).Errors.Lines);
        // It is the socket or the address; and these keys have digits, which tell them from a sentence no more.
        var all = Load(SampleText.WithAllOptions(sample).Replace("      socket:", "      # socket:", StringComparison.Ordinal).Replace("# next-hop", "next-hop", StringComparison.Ordinal));
        Assert.Empty(all.Errors.Lines);
        var gobgp = all.Config!.Actions.Gobgp[0];
        Assert.Equal(("/etc/oops/gobgp-ca.pem", "gobgp.example.net", "2001:db8:99::1"), (gobgp.Tls!.Ca, gobgp.Tls.ServerName, gobgp.NextHop6));
        using var action = Assert.IsType<PrefixRouter>(gobgp.Create(all.Config));
        Assert.Equal(("edge", "/run/oops/gobgp-edge.routes", true), (action.Name, action.IncludePath, ((Oops.Actions.IActionConfig)gobgp).CarriesRoutes));
    }

    [Theory]
    [InlineData("name: a", "write either the socket")]
    [InlineData("name: a, socket: /s, address: 127.0.0.1", "write either the socket")]
    [InlineData("name: a, socket: s", "socket")]
    [InlineData("name: a, address: 192.0.2.1", "is not this host's loopback")]
    [InlineData("name: a, address: 127.0.0.1", "warning: actions.gobgp[0].address: every user of this host")]
    [InlineData("name: a, socket: /s, tls: { ca: /c }", "is for an address")]
    [InlineData("name: a, address: 192.0.2.1, tls: { ca: /c, key: /k }", "go together")]
    [InlineData("name: a, address: 192.0.2.1, tls: { key: /k, certificate: /c }", "ca")]
    [InlineData("name: a, address: 192.0.2.1, tls: { ca: /c, server-name: 'a b' }", "is not a host's name")]
    [InlineData("name: a, socket: /s, next-hop4: '2001:db8::1'", "is not an IPv4 address")]
    [InlineData("name: a, socket: /s, next-hop6: 192.0.2.1", "is not an IPv6 address")]
    [InlineData("name: a, socket: /s, next-hop6: here", "is not an IPv6 address")]
    [InlineData("name: a, socket: /s, timeout: 1ms", "timeout")]
    public void A_mistake_is_told(string options, string says) =>
        Assert.Contains(says, Assert.Single(Load($"actions: {{ gobgp: [ {{ {options} }} ] }}").Errors.Lines), StringComparison.Ordinal);

    [Fact]
    public void An_address_with_tls_is_taken_without_a_word() =>
        Assert.Empty(Load("actions: { gobgp: [ { name: a, address: 192.0.2.1@50052, tls: { ca: /c, certificate: /o, key: /k } } ] }").Errors.Lines);

    [Theory]
    [InlineData("", true)]
    [InlineData(", next-hop6: '2001:db8::1'", false)]
    public void IPv6_without_a_next_hop_is_warned_of(string option, bool warned)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("x.yaml", $"mode: act\nservers: {{ ns1: {{ kind: knot }} }}\nsources: {{ process: [ {{ server: ns1 }} ] }}\nactions: {{ gobgp: [ {{ name: edge, socket: /s{option} }} ] }}\nroutes: {{ a: {{ prefixes: [\"2001:db8:53::/48\"], via: edge, announce-when: [server-running] }} }}\n"));
        PolicyCompiler.Compile(loaded.Config!, Wiring.Of(loaded, loaded.Config!), loaded.Errors, loaded.Hash);
        Assert.Equal(warned, loaded.Errors.Lines.Any(l => l.Contains("warning: routes.a.prefixes: 2001:db8:53::/48 goes via 'edge', which has no next-hop6: over a session of IPv4 gobgpd has no next hop for it", StringComparison.Ordinal)));
    }
}
