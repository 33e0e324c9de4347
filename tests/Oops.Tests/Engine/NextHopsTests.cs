using Oops.Core;
using Oops.Engine;
using Xunit;

namespace Oops.Tests.Engine;

/// <summary>A reload that would send what is announced elsewhere.</summary>
public sealed class NextHopsTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("oops-hops-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    Plan Load(string action)
    {
        var path = Path.Combine(folder, "oops.yaml");
        File.WriteAllText(path, $$"""
            mode: act
            servers: { ns1: { kind: knot, address: 127.0.0.1@53, pidfile: /run/knot/knot.pid, zones: { list: [nl] } } }
            sources: { process: [ { server: ns1 } ] }
            actions: { {{action}} }
            routes: { a: { prefixes: [192.0.2.0/24, "2001:db8:53::/48", "2001:db8:54::/48"], via: edge, announce-when: [server-running] } }
            """);
        var plan = Plan.Load(path, out var errors);
        Assert.True(plan is not null, string.Join('\n', errors.Lines));
        return plan;
    }

    static StatusReport Status(RouteForm wanted, bool shadow = false) => new(Mode.Act, "site", "hash")
    {
        Routes = [new RouteReport("a", "edge", ["192.0.2.0/24", "2001:db8:53::/48", "2001:db8:54::/48"], RouteState.Announced, wanted, wanted, null, "") { Waiting = ["2001:db8:54::/48"], Shadow = shadow }],
    };

    [Theory]
    [InlineData("gobgp: [ { name: edge, socket: /run/gobgp.sock, next-hop6: '2001:db8::1' } ]", "gobgp: [ { name: edge, socket: /run/gobgp.sock, next-hop6: '2001:db8::2' } ]", "2001:db8::2 instead of 2001:db8::1")]
    [InlineData("gobgp: [ { name: edge, socket: /run/gobgp.sock, next-hop6: '2001:db8::1' } ]", "gobgp: [ { name: edge, socket: /run/gobgp.sock } ]", "its own address instead of 2001:db8::1")]
    [InlineData("exabgp: [ { name: edge } ]", "exabgp: [ { name: edge, next-hop6: '2001:db8::2' } ]", "2001:db8::2 instead of its own address")]
    public void Another_next_hop_of_what_is_announced_waits_for_a_person(string before, string after, string words)
    {
        var (was, next) = (Load(before), Load(after));
        Assert.Equal([$"a: the next hop of 2001:db8:53::/48 is {words}"], NextHops.Differences(Status(RouteForm.Degraded), was, next));
        Assert.Empty(NextHops.Differences(Status(RouteForm.Withdrawn), was, next));
        Assert.Empty(NextHops.Differences(Status(RouteForm.Plain, shadow: true), was, next));
    }

    [Theory]
    [InlineData("exabgp: [ { name: edge } ]", "exabgp: [ { name: edge, next-hop6: self, read-every: 5s } ]")]
    [InlineData("gobgp: [ { name: edge, socket: /run/gobgp.sock, next-hop6: '2001:db8::1' } ]", "gobgp: [ { name: edge, socket: /run/gobgp.sock, next-hop6: '2001:DB8:0::1' } ]")]
    [InlineData("bird: [ { name: edge } ]", "bird: [ { name: edge, read-every: 5s } ]")]
    public void The_same_written_otherwise_does_not(string before, string after) => Assert.Empty(NextHops.Differences(Status(RouteForm.Plain), Load(before), Load(after)));
}
