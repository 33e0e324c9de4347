using Oops.Config;
using Xunit;

namespace Oops.Tests.Actions.Speaker;

public sealed class SpeakerConfigTests
{
    const string Good = "{ name: edge, asn: 64501, router-id: 10.99.0.1, peers: [{ address: 10.99.0.2, asn: 64500, next-hop6: \"2001:db8:99::1\" }] }";

    static List<string> Check(string speaker, string route = "")
    {
        var text = $$"""
            mode: act
            servers: { ns1: { kind: knot, address: 127.0.0.1, pidfile: /run/knot.pid, control: /run/knot.sock, zones: { list: [nl] } } }
            sources: { knot: [ { server: ns1 } ], process: [ { server: ns1 } ], probe: [ { server: ns1, to: [192.0.2.1, "2001:db8:53::1"] } ] }
            actions: { speaker: [ {{speaker}} ] }
            routes: { a: { prefixes: [192.0.2.0/24, "2001:db8:53::/48"], via: edge, announce-when: [server-running, all-zones-ready]{{route}} } }
            """;
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("c.yaml", text));
        if (loaded.Config is { } config) PolicyCompiler.Compile(config, Wiring.Of(loaded, config), loaded.Errors, loaded.Hash);
        return [.. loaded.Errors.Lines];
    }

    [Fact]
    public void The_least_config_is_good() => Assert.Empty(Check(Good));

    [Theory]
    [InlineData("router-id: 10.99.0.1", "router-id: \"::1\"", "router-id: ::1 is not an IPv4 address; write one of this host, without a port")]
    [InlineData("asn: 64501", "asn: 0", "asn")]
    [InlineData("asn: 64500", "asn: 64500, hold-time: 2s", "hold-time")]
    [InlineData("asn: 64500", "asn: 64500, hold-time: 3500ms", "hold-time: is not whole seconds")]
    [InlineData("asn: 64500", "asn: 64500, passive: true", "passive: we do not connect to it, and it cannot connect to us; write where: listen: [ADDRESS]")]
    [InlineData("asn: 64500", "asn: 64500, next-hop4: \"2001:db8::1\"", "next-hop4: '2001:db8::1' is not an IPv4 address, such as 192.0.2.1")]
    [InlineData("asn: 64500", "asn: 64500, local-address: 10.99.0.1@179", "local-address: '10.99.0.1@179' is not an IPv4 address, such as 192.0.2.1")]
    [InlineData(", next-hop6: \"2001:db8:99::1\"", "", "routes.a.prefixes: no peer of 'edge' can have 2001:db8:53::/48: there is no IPv6 next hop; write next-hop6 at a peer")]
    [InlineData("peers: [", "peers: [{ address: 10.99.0.2@1179, asn: 1 }, ", "peers[1].address: 10.99.0.2 is listed twice; remove one")]
    public void What_cannot_work_is_refused(string from, string to, string error) =>
        Assert.Contains(Check(Good.Replace(from, to, StringComparison.Ordinal)), l => l.Contains(error, StringComparison.Ordinal) && !l.Contains("warning:", StringComparison.Ordinal));

    [Fact]
    public void Where_all_sessions_are_of_IPv6_it_is_warned_that_IPv4_prefixes_may_have_no_next_hop()
    {
        const string Six = "{ name: edge, asn: 64501, router-id: 10.99.0.1, peers: [{ address: \"2001:db8:99::2\", asn: 64500 }] }";
        Assert.Contains(Check(Six), l => l.Contains("warning:", StringComparison.Ordinal) && l.Contains("routes.a.prefixes: all sessions of 'edge' are of IPv6, and no peer has a next-hop4: 192.0.2.0/24 is announced only to a peer that takes an IPv6 next hop for it (RFC 8950)", StringComparison.Ordinal));
        Assert.Empty(Check(Six.Replace("asn: 64500", "asn: 64500, next-hop4: 10.99.0.1", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_last_resort_does_not_go_by_what_dies_with_us() =>
        Assert.Contains("routes.a.via: 'edge' is a speaker, whose routes die with oops, and a last resort must not: send it via a router of its own, such as bird", string.Join('\n', Check(Good, ", last-resort: true")), StringComparison.Ordinal);

    [Fact]
    public void A_written_hold_at_exit_is_warned_of()
    {
        Assert.Contains(Check(Good, ", on-exit: hold"), l => l.Contains("warning:", StringComparison.Ordinal) && l.Contains("nothing holds them", StringComparison.Ordinal));
        Assert.Empty(Check(Good, ", on-exit: withdraw"));
    }
}
