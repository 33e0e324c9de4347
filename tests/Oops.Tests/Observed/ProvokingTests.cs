using Oops.Core;
using Oops.Engine;
using Oops.Observed;
using Xunit;

namespace Oops.Tests.Observed;

/// <summary>How a cause is provoked by hand: right for its kind, its server and its list.</summary>
public sealed class ProvokingTests : IDisposable
{
    const string Config = """
        mode: observe
        servers:
          ns1: { kind: knot, address: 127.0.0.1@53, pidfile: /run/knot/knot.pid, control: /run/knot/knot.sock, zones: { list: [nl] }, primaries: [198.51.100.1] }
          ns2: { kind: nsd, address: 127.0.0.1@54, zones: { list: [nl] } }
        conditions:
          expired: { kind: zone-expiring, before: 0s }
          closed: { kind: external, polarity: bad, class: local, proof: true }
          open: { kind: external, polarity: good, class: local }
          flooded: { kind: query-rate-high, threshold: 1000 }
          reported: { kind: error-reported, codes: [6], reports: 20, networks: 4 }
          ill: { any: [server-down, closed] }
        sources:
          systemd: [ { server: ns1, unit: my-knot.service } ]
        actions:
          exec: []
        """;

    readonly string file = Path.Combine(Directory.CreateTempSubdirectory("oops-provoking-").FullName, "oops.yaml");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);

    Provoking Ways()
    {
        File.WriteAllText(file, Config);
        var plan = Plan.Load(file, out var errors);
        Assert.True(plan is not null, string.Join('\n', errors.Lines));
        return new(plan.Config, plan.Policy);
    }

    [Fact]
    public void The_way_is_that_of_the_condition()
    {
        var ways = Ways();
        string Withdraw(string condition, bool not = false, string server = "ns1", bool relative = true) => ways.Of(new(condition, not) { Relative = relative }, announce: false, server);
        Assert.StartsWith("kill -9 $(cat /run/knot/knot.pid)", Withdraw("server-down"), StringComparison.Ordinal);
        Assert.StartsWith("kill -9 $(pidof nsd)", Withdraw("server-down", server: "ns2"), StringComparison.Ordinal);
        Assert.StartsWith("systemctl stop my-knot.service", Withdraw("server-shutting-down"), StringComparison.Ordinal);
        Assert.StartsWith("systemctl stop nsd.service", Withdraw("server-shutting-down", server: "ns2"), StringComparison.Ordinal);
        Assert.Contains("knotc reload", Withdraw("zone-ready", not: true), StringComparison.Ordinal);
        // What is compared with its primary must still hear that one.
        Assert.Contains("refuse this server the transfers", Withdraw("expired"), StringComparison.Ordinal);
        Assert.Contains("ip route add blackhole 198.51.100.1", Withdraw("expired", relative: false), StringComparison.Ordinal);
        Assert.EndsWith("ask from 4 networks or more by resolvers that report, until 20 reports have come", Withdraw("reported"), StringComparison.Ordinal);
        Assert.Contains("-Q 1200", Withdraw("flooded"), StringComparison.Ordinal);
        Assert.Equal("server-down: kill -9 $(cat /run/knot/knot.pid); start it again where nothing else does; closed: oops signal closed ns1 met --valid-for 5m, where no `check` command claims it; else let that command fail", Withdraw("ill"));
    }

    [Fact]
    public void A_list_asks_for_the_state_that_speaks_against_the_route()
    {
        var ways = Ways();
        Assert.Contains("oops signal closed ns1 met ", ways.Of(new("closed"), announce: false, "ns1"), StringComparison.Ordinal);
        Assert.Contains("oops signal closed ns1 met ", ways.Of(new("closed", Not: true), announce: true, "ns1"), StringComparison.Ordinal);
        Assert.Contains("oops signal open ns1 not-met ", ways.Of(new("open"), announce: true, "ns1"), StringComparison.Ordinal);
        Assert.Contains("oops signal open ns1 not-met ", ways.Of(new("open", Not: true), announce: false, "ns1"), StringComparison.Ordinal);
        Assert.EndsWith("; it takes 50% of the zones; it counts after 1m", ways.Of(new("zone-ready", Not: true) { Share = 0.5, For = TimeSpan.FromMinutes(1) }, announce: false, "ns1"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_is_known_by_all_that_makes_it_another_one()
    {
        Assert.Equal("not zone-ready, share 50%, for 1m, not relative", new EntrySpec("zone-ready", Not: true) { Share = 0.5, For = TimeSpan.FromMinutes(1), Relative = false }.Label);
        var many = Enumerable.Range(0, 1000).Select(i => $"zone{i}.example").ToArray();
        var (one, other) = (new EntrySpec("zone-ready") { Zones = new([.. many]) }.Label, new EntrySpec("zone-ready") { Zones = new([.. many[..^1]]) }.Label);
        Assert.True(one.Length < 150 && one != other, one);
    }
}
