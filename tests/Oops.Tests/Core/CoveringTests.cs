using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>What is said before a drain of who else serves the users.</summary>
public sealed class CoveringTests
{
    const string Peer = "probe/ns1/peer/198.51.100.7";

    static Policy Policy(params RouteSpec[] others)
    {
        var simple = Rig.Simple();
        var peer = new ChannelSpec(Peer, "ns1", Standing.Reference, [Measure.Serial], TimeSpan.FromSeconds(30), IPAddress.Parse("198.51.100.7"), Peer: true);
        return simple with
        {
            Channels = [.. simple.Channels, peer, peer with { Name = "probe/ns1/primary/198.51.100.1", Target = IPAddress.Parse("198.51.100.1"), Peer = false }],
            Routes = [simple.Routes[0], .. others],
        };
    }

    static ImmutableArray<string> Covers(Rig rig) => [.. rig.Route().Covers.Select(c => $"{Words.Of(c.State)} {c}")];

    [Fact]
    public void A_peer_covers_while_it_answers_and_a_primary_never()
    {
        var rig = new Rig(Policy()).Say(Rig.Router()).Say([.. Rig.Healthy()]);
        Assert.Equal([$"unknown peer 198.51.100.7 of ns1: not opened yet"], Covers(rig));
        rig.Say(new ChannelOpened(Peer), new ChannelOpened("probe/ns1/primary/198.51.100.1")).Pass(1);
        Assert.Equal(["unknown peer 198.51.100.7 of ns1: has not been asked yet"], Covers(rig));
        rig.Pass(30);
        Assert.Equal(["not-met peer 198.51.100.7 of ns1: has never answered, for 31s"], Covers(rig));
        rig.Say(new ZoneSignal(Peer, "a", Measure.Serial, 1)).Pass(2);
        Assert.Equal(["met peer 198.51.100.7 of ns1: answered 2s ago"], Covers(rig));
        rig.Pass(60);
        Assert.Equal(["not-met peer 198.51.100.7 of ns1: has not answered for 1m2s"], Covers(rig));
    }

    [Fact]
    public void A_route_covers_the_addresses_within_its_prefix_while_its_router_shows_it()
    {
        var wider = Rig.Simple().Routes[0] with { Name = "last4", Prefixes = [IPNetwork.Parse("192.0.0.0/16")], LastResort = true, Via = "other" };
        var apart = wider with { Name = "apart", Prefixes = [IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("192.0.2.128/25")] };
        var rig = new Rig(Policy(wider, apart) with { Channels = Rig.Simple().Channels });
        Assert.Equal(["unknown route last4 (last resort) via other: its router is not known to show it"], Covers(rig));
        rig.Say(new RouterObserved("other", [new("last4", RouteForm.Withdrawn)], []));
        Assert.Equal(["not-met route last4 (last resort) via other: is withdrawn"], Covers(rig));
        rig.Say(new RouterObserved("other", [new("last4", RouteForm.Degraded)], []));
        Assert.Equal(["met route last4 (last resort) via other: is announced, degraded"], Covers(rig));
    }

    [Fact]
    public void A_route_for_some_of_the_prefixes_covers_perhaps()
    {
        var other = Rig.Simple().Routes[0] with { Name = "last4", Via = "other" };
        var policy = Policy(other) with { Channels = Rig.Simple().Channels };
        var rig = new Rig(policy with { Routes = [policy.Routes[0] with { Prefixes = [.. policy.Routes[0].Prefixes, IPNetwork.Parse("2001:db8:53::/48")] }, policy.Routes[1]] });
        rig.Say(new RouterObserved("other", [new("last4", RouteForm.Plain)], []));
        Assert.Equal(["unknown route last4 via other: covers 1 of 2 prefixes"], Covers(rig));
    }
}
