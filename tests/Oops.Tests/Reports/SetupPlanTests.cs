using Oops.Config;
using Oops.Reports.Setup;
using Oops.Tests.Sources.ErrorReports;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Reports;

/// <summary>What `oops reports setup` makes of a config.</summary>
public sealed class SetupPlanTests
{
    const string Config = """
        mode: observe
        servers:
          ns1: { kind: nsd, address: 192.0.2.1, peers: [192.0.2.9], zones: { list: [example.net, example.org] } }
          ns2: { kind: knot, address: 192.0.2.2@5353, zones: { list: [example.net] } }
          ns3: { kind: bind, address: 192.0.2.3, zones: { list: [other.test] } }
          cache: { kind: unbound, address: 192.0.2.4 }
        sources:
          error-reports:
            - { server: ns1, listen: [192.0.2.53, "2001:db8::53"], agents: [ { domain: a01.agent-domain.example }, { domain: a02.example, nameservers: [ { name: ns.elsewhere.example } ] } ] }
        """;

    [Fact]
    public void The_lines_are_those_of_the_servers_that_have_the_zone()
    {
        var plan = Plan(Config, "example.net", agent: "a01.agent-domain.example");
        Assert.Equal([("ns1", "192.0.2.1:53"), ("peer of ns1", "192.0.2.9:53"), ("ns2", "192.0.2.2:5353")], plan.Servers.Select(s => (s.Name, s.Address!.ToString())));
        var lines = SetupWords.Servers(plan);
        Assert.Equal(["nsd", "knot"], lines.Select(l => l.Server));
        Assert.Contains("    report-channel: a01.agent-domain.example", lines[0].Lines);
        Assert.Contains("3.5.4", lines[1].Since, StringComparison.Ordinal);
        Assert.Equal(["a01.agent-domain.example. NS ns.a01.agent-domain.example.", "ns.a01.agent-domain.example. A 192.0.2.53", "ns.a01.agent-domain.example. AAAA 2001:db8::53"], SetupWords.Delegation(plan));
        Assert.Equal(["a02.example. NS ns.elsewhere.example."], SetupWords.Delegation(Plan(Config, "example.net", agent: "a02.example")));
        Assert.Empty(SetupWords.Faults(plan));
    }

    [Theory]
    [InlineData("example.net", null, null, "there are several agent domains: write --agent, one of a01.agent-domain.example, a02.example")]
    [InlineData("example.net", null, "a03.example", "the source has no agent domain a03.example; it has a01.agent-domain.example, a02.example")]
    [InlineData("example.net", "ns2", null, "no source error-reports is of the server ns2")]
    public void What_cannot_be_told_apart_is_said(string zone, string? server, string? agent, string problem)
    {
        Assert.Null(SetupPlan.Of(Load(Config), Name(zone), server, agent is null ? null : Name(agent), out var said));
        Assert.Equal(problem, said);
    }

    [Theory]
    [InlineData("agent-domain.example", "it is agent-domain.example or below it, on which it reports (RFC 9567, 8.1: must not)")]
    [InlineData("a01.agent-domain.example", "it is a01.agent-domain.example or below it, on which it reports (RFC 9567, 8.1: must not)")]
    [InlineData("x.a01.agent-domain.example", "x.a01.agent-domain.example is below it, and is answered for here")]
    public void An_agent_domain_at_or_below_its_zone_is_wrong(string zone, string found) => Assert.Equal(found, Assert.Single(SetupWords.Faults(Plan(Config, zone, agent: "a01.agent-domain.example"))).Found);

    [Fact]
    public void A_port_that_no_resolver_asks_is_wrong() =>
        Assert.StartsWith("resolvers ask at port 53, and not at 5300", Assert.Single(SetupWords.Faults(Plan(Config.Replace("192.0.2.53,", "192.0.2.53@5300,", StringComparison.Ordinal), "example.net", agent: "a02.example"))).Found, StringComparison.Ordinal);

    [Theory]
    [InlineData("a.example")]
    [InlineData("a01.agent-domain.example")]
    public void The_longest_name_that_is_told_of_can_be_reported_and_none_longer(string agent)
    {
        var most = SetupWords.Longest(Name(agent));
        Assert.True(ReportName.TryMake([(DnsType)65535], OfOctets(most), 65535, Name(agent), out var report));
        Assert.Equal(DnsName.MaxLength, report.Wire.Length);
        Assert.False(ReportName.TryMake([(DnsType)65535], OfOctets(most + 1), 65535, Name(agent), out _));
    }

    static DnsName OfOctets(int octets)
    {
        var labels = new List<string>();
        for (var left = octets - 1; left > 0;)
        {
            var label = Math.Min(40, left - 1);
            if (left - label - 1 == 1) label--;
            labels.Add(new string('x', label));
            left -= label + 1;
        }

        return Name(string.Join('.', labels));
    }

    static SetupPlan Plan(string config, string zone, string? server = null, string? agent = null) => SetupPlan.Of(Load(config), Name(zone), server, agent is null ? null : Name(agent), out var problem) ?? throw new InvalidOperationException(problem);

    static OopsConfig Load(string text)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", text));
        return loaded.Config ?? throw new InvalidOperationException(string.Join('\n', loaded.Errors.Lines));
    }

    static DnsName Name(string text) => ResponderRig.Name(text);
}
