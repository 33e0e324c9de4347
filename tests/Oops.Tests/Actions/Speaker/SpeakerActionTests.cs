using System.Net;
using Oops.Actions.Speaker;
using Oops.Config;
using Oops.Core;
using Oops.Tests.Engine;
using Oops.Wire.Bgp;
using Xunit;

namespace Oops.Tests.Actions.Speaker;

/// <summary>The speaker against a peer that does what a test says; how it works with real routers is in the lab.</summary>
public sealed class SpeakerActionTests
{
    static readonly IPNetwork Prefix4 = RunningSpeaker.Prefixes[0], Prefix6 = RunningSpeaker.Prefixes[1];

    [Fact]
    public async Task A_session_gets_the_end_of_each_family_and_then_each_change_and_forms_replace_each_other()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        using var session = await peer.AcceptAsync();
        await session.EstablishAsync();
        await speaker.HeardAsync();
        Assert.Equal(RouteForm.Withdrawn, (await speaker.SeenAsync()).Form);

        foreach (var (form, path, community) in new[] { (RouteForm.Plain, 1, false), (RouteForm.Degraded, 3, false), (RouteForm.Draining, 1, true), (RouteForm.DrainingDegraded, 3, true), (RouteForm.Plain, 1, false) })
        {
            Assert.Equal(Outcome.Done, await speaker.ApplyAsync(form));
            var four = Assert.Single((await session.UpdateAsync()).Prefixes);
            var six = Assert.Single((await session.UpdateAsync()).Prefixes);
            Assert.Equal((Prefix4, Prefix6), (four.Key, six.Key));
            foreach (var attributes in new[] { four.Value!, six.Value! })
            {
                Assert.Equal($"02{path:x2}" + string.Concat(Enumerable.Repeat("0000fbf5", path)), attributes[2]);
                Assert.Equal(community ? "ffff0000" : null, attributes.GetValueOrDefault(8));
                Assert.False(attributes.ContainsKey(5));
            }

            Assert.Equal(("7f000001", "2001:db8:99::1"), (four.Value![3], six.Value![14]));
            var seen = await speaker.SeenAsync();
            Assert.Equal((form, "announced to 127.0.0.1"), (seen.Form!.Value, seen.Detail));
            // Saying it again says nothing.
            Assert.Equal(Outcome.Done, await speaker.ApplyAsync(form));
        }

        Assert.Equal(Outcome.Done, await speaker.ApplyAsync(RouteForm.Withdrawn));
        Assert.Null((await session.UpdateAsync()).Prefixes[Prefix4]);
        Assert.Null((await session.UpdateAsync()).Prefixes[Prefix6]);
        Assert.Equal(RouteForm.Withdrawn, (await speaker.SeenAsync()).Form);
    }

    [Fact]
    public async Task What_no_session_ever_had_is_told_when_it_is_taken_back_and_what_one_had_for_a_moment_is_not()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        // Announced by the first intent, degraded by the second.
        Assert.Empty((await speaker.ApplyAsync(RouteForm.Plain)).Unheard);
        Assert.Empty((await speaker.ApplyAsync(RouteForm.Degraded)).Unheard);
        var outcome = Assert.IsType<Done>(await speaker.ApplyAsync(RouteForm.Withdrawn));
        Assert.Equal([new("a", 1)], outcome.Unheard);
        Assert.Contains("no peer has had a since it was announced: that announcement does not count", outcome.Detail, StringComparison.Ordinal);
        // It is out already.
        Assert.Empty((await speaker.ApplyAsync(RouteForm.Withdrawn)).Unheard);

        await speaker.ApplyAsync(RouteForm.Plain);
        using (var session = await peer.AcceptAsync())
        {
            await session.EstablishAsync(empty: false);
            Assert.Equal(Prefix4, Assert.Single((await session.UpdateAsync()).Prefixes).Key);
            await speaker.HeardAsync();
        }

        await speaker.HeardAsync();
        Assert.Empty((await speaker.ApplyAsync(RouteForm.Withdrawn)).Unheard);
    }

    [Fact]
    public async Task A_peer_that_is_down_is_told_in_the_outcome_and_gets_the_table_when_it_comes()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        Assert.StartsWith("no session with 127.0.0.1: ", Assert.IsType<Done>(await speaker.ApplyAsync(RouteForm.Degraded)).Detail, StringComparison.Ordinal);
        var seen = await speaker.SeenAsync();
        Assert.Null(seen.Form);
        Assert.Contains("no session with 127.0.0.1", seen.Detail, StringComparison.Ordinal);

        using (var session = await peer.AcceptAsync())
        {
            await session.EstablishAsync(empty: false);
            Assert.Equal(Prefix4, Assert.Single((await session.UpdateAsync()).Prefixes).Key);
            Assert.Equal(Prefix6, Assert.Single((await session.UpdateAsync()).Prefixes).Key);
            Assert.Equal([BgpFamily.Ip4], (await session.UpdateAsync()).Ends);
            Assert.Equal([BgpFamily.Ip6], (await session.UpdateAsync()).Ends);
            Assert.Equal(RouteForm.Degraded, (await speaker.HeardAsync()).Form);
        }

        // It goes, which is said at once; and comes back.
        seen = await speaker.HeardAsync();
        Assert.Null(seen.Form);
        using var again = await peer.AcceptAsync();
        await again.EstablishAsync(empty: false);
        Assert.Equal(Prefix4, Assert.Single((await again.UpdateAsync()).Prefixes).Key);
    }

    [Fact]
    public async Task Of_several_peers_each_has_the_table_and_one_that_is_down_is_no_failure()
    {
        using FakePeer one = new(), two = new("127.0.0.3");
        await using var speaker = new RunningSpeaker(one.Port, more: [new SpeakerPeerConfig { Address = new Endpoint(IPAddress.Parse("127.0.0.3"), two.Port), Asn = 65550, NextHop6 = new Endpoint(IPAddress.Parse("2001:db8:99::1"), null) }]);
        using var first = await one.AcceptAsync();
        using var second = await two.AcceptAsync();
        await first.EstablishAsync();
        await speaker.HeardAsync();
        var down = Assert.IsType<Done>(await speaker.ApplyAsync(RouteForm.Plain));
        Assert.Equal("no session with 127.0.0.3: not connected yet", down.Detail);
        var seen = await speaker.SeenAsync();
        Assert.Equal((RouteForm.Plain, "announced to 127.0.0.1; no session with 127.0.0.3: not connected yet"), (seen.Form!.Value, seen.Detail));

        await second.EstablishAsync(FakePeerConnection.Usual with { Asn = 65550 }, empty: false);
        Assert.Equal(Prefix4, Assert.Single((await second.UpdateAsync()).Prefixes).Key);
        Assert.Equal("announced to 127.0.0.1, 127.0.0.3", (await speaker.HeardAsync()).Detail!.Replace(" (not acknowledged yet)", "", StringComparison.Ordinal));
        Assert.Equal(Outcome.Done, await speaker.ApplyAsync(RouteForm.Draining));
    }

    [Fact]
    public async Task What_is_in_no_route_of_the_config_is_never_sent()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        using var session = await peer.AcceptAsync();
        await session.EstablishAsync();
        await speaker.ApplyAsync(RouteForm.Plain, "b", IPNetwork.Parse("198.51.100.0/24"));
        await speaker.ApplyAsync(RouteForm.Plain, "a", IPNetwork.Parse("203.0.113.0/24"), Prefix4);
        Assert.Equal(Prefix4, Assert.Single((await session.UpdateAsync()).Prefixes).Key);
        await speaker.ApplyAsync(RouteForm.Withdrawn);
        Assert.Equal(Prefix4, Assert.Single((await session.UpdateAsync()).Prefixes).Key);
    }

    [Fact]
    public async Task A_reload_of_routes_leaves_the_session_and_what_left_the_config_stands_until_it_is_released()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        using var session = await peer.AcceptAsync();
        await session.EstablishAsync();
        await speaker.ApplyAsync(RouteForm.Plain);
        await session.UpdateAsync();
        await session.UpdateAsync();

        var other = IPNetwork.Parse("198.51.100.0/24");
        var own = new SpeakerConfig { Name = "edge", Asn = 64501, RouterId = new Endpoint(IPAddress.Loopback, null), Peers = [new() { Address = new Endpoint(IPAddress.Loopback, peer.Port), Asn = 64500, NextHop6 = new Endpoint(IPAddress.Parse("2001:db8:99::1"), null) }] };
        Assert.True(speaker.Action.Renew(own, Config(("a", [Prefix4]), ("b", [other]))));
        var observed = Assert.IsType<RouterObserved>(await speaker.Action.ReadAsync(null, default));
        Assert.Equal(["a", "b"], observed.Routes.Select(r => r.Route));
        Assert.Equal([Prefix6], observed.Orphans);
        Assert.Equal([Prefix6], observed.Followed);
        await speaker.ApplyAsync(RouteForm.Plain, "b", other);
        Assert.Equal(other, Assert.Single((await session.UpdateAsync()).Prefixes).Key);

        await speaker.Action.ApplyAsync(new RouterIntent("edge", 99, "a test", []) { Released = [Prefix6] }, default);
        Assert.Equal((Prefix6, null), Assert.Single((await session.UpdateAsync()).Prefixes) is var (p, a) ? (p, a) : default);
        // From act to observe, another takes its place.
        Assert.False(speaker.Action.Renew(own, Config() with { Mode = Mode.Observe }));
    }

    static OopsConfig Config(params (string Name, IPNetwork[] Prefixes)[] routes) => new()
    {
        Mode = Mode.Act,
        Servers = new Dictionary<string, ServerConfig>(),
        Routes = routes.ToDictionary(r => r.Name, r => new RouteConfig { Prefixes = r.Prefixes, Via = "edge", AnnounceWhen = [] }),
    };

    [Fact]
    public async Task With_routes_that_are_only_observed_no_peer_is_spoken_to()
    {
        using var peer = new FakePeer();
        var config = new SpeakerConfig { Name = "edge", Asn = 64501, RouterId = new Endpoint(IPAddress.Loopback, null), Peers = [new SpeakerPeerConfig { Address = new Endpoint(IPAddress.Loopback, peer.Port), Asn = 64500 }] };
        var action = new SpeakerAction(config, [new Oops.Routers.RouterRoute("a", [Prefix4], Observed: true)], TimeProvider.System);
        await action.RunAsync(new Recorder(), default);
        await action.ApplyAsync(new RouterIntent("edge", 1, "a test", [new RouteWanted("a", [Prefix4], RouteForm.Plain, new Degradation())]), default);
        Assert.Equal(RouteForm.Withdrawn, Assert.IsType<RouterObserved>(await action.ReadAsync(null, default)).Routes[0].Form);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refresh_sends_all_of_the_family_again(bool enhanced)
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        using var session = await peer.AcceptAsync();
        await session.EstablishAsync(FakePeerConnection.Usual with { EnhancedRefresh = enhanced });
        await speaker.ApplyAsync(RouteForm.Plain);
        await session.UpdateAsync();
        await session.UpdateAsync();

        await session.SendAsync(new BgpRefresh(BgpRefreshKind.Request, 25, 65).Write(), new BgpRefresh(BgpRefreshKind.Request, BgpFamily.Ip6).Write());
        if (enhanced) Assert.Equal(new BgpRefresh(BgpRefreshKind.Begin, BgpFamily.Ip6).Write(), (await session.NextAsync())!.Value.Whole);
        Assert.Equal(Prefix6, Assert.Single((await session.UpdateAsync()).Prefixes).Key);
        if (enhanced) Assert.Equal(new BgpRefresh(BgpRefreshKind.End, BgpFamily.Ip6).Write(), (await session.NextAsync())!.Value.Whole);
    }

    [Fact]
    public async Task An_internal_peer_gets_no_path_and_a_preference_instead()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port, peer: p => p.Asn = 64501);
        using var session = await peer.AcceptAsync();
        await session.EstablishAsync(FakePeerConnection.Usual with { Asn = 64501, Id = 0x7F000002 });
        foreach (var (form, preference) in new[] { (RouteForm.Plain, "00000064"), (RouteForm.Degraded, "00000032"), (RouteForm.Draining, "00000000") })
        {
            await speaker.ApplyAsync(form);
            var attributes = (await session.UpdateAsync()).Prefixes[Prefix4]!;
            await session.UpdateAsync();
            Assert.Equal(("", preference), (attributes[2], attributes[5]));
        }
    }

    [Fact]
    public async Task A_peer_without_IPv6_gets_IPv4_and_what_it_lacks_is_said()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        using var session = await peer.AcceptAsync();
        await session.EstablishAsync(FakePeerConnection.Usual with { Ip6 = false }, empty: false);
        await speaker.HeardAsync();
        await speaker.ApplyAsync(RouteForm.Plain);
        var seen = await speaker.SeenAsync();
        Assert.Equal([Prefix6], seen.Lacks);
        Assert.Contains("127.0.0.1 does not take this family, or there is no next hop of it", seen.Detail, StringComparison.Ordinal);
    }
}
