using System.Net;
using System.Net.Sockets;
using Oops.Actions.Speaker;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Actions.Speaker;

/// <summary>A running speaker that is given other options.</summary>
public sealed class SpeakerReloadTests
{
    static readonly IPNetwork Prefix4 = RunningSpeaker.Prefixes[0], Prefix6 = RunningSpeaker.Prefixes[1];

    static readonly OopsConfig Acting = Config(Mode.Act), Observing = Config(Mode.Observe);

    static OopsConfig Config(Mode mode) => new()
    {
        Mode = mode,
        Servers = new Dictionary<string, ServerConfig>(),
        Routes = new Dictionary<string, RouteConfig> { ["a"] = new() { Prefixes = RunningSpeaker.Prefixes, Via = "edge", AnnounceWhen = [] } },
    };

    static SpeakerPeerConfig Peer(int port, string at = "127.0.0.1") => new() { Address = new Endpoint(IPAddress.Parse(at), port), Asn = 64500, NextHop6 = new Endpoint(IPAddress.Parse("2001:db8:99::1"), null) };

    /// <summary>As <see cref="RunningSpeaker"/> has it, with these peers.</summary>
    static SpeakerConfig Own(params SpeakerPeerConfig[] peers) => new() { Name = "edge", Asn = 64501, RouterId = new Endpoint(IPAddress.Loopback, null), Peers = peers };

    static async Task<FakePeerConnection> StandingAsync(FakePeer peer, RunningSpeaker speaker)
    {
        var session = await peer.AcceptAsync();
        await session.EstablishAsync();
        await speaker.HeardAsync();
        await speaker.ApplyAsync(RouteForm.Plain);
        await session.UpdateAsync();
        await session.UpdateAsync();
        return session;
    }

    [Fact]
    public async Task A_degraded_route_that_shall_look_otherwise_is_in_no_form_until_it_was_told_so()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        using var session = await StandingAsync(peer, speaker);
        await speaker.ApplyAsync(RouteForm.Degraded);
        await session.UpdateAsync();
        await session.UpdateAsync();
        Assert.Equal(RouteForm.Degraded, (await speaker.SeenAsync()).Form);

        // The config of these tests prepends three times, and it was told to be prepended twice.
        Assert.True(speaker.Action.Renew(Own(Peer(peer.Port)), Acting));
        var seen = await speaker.SeenAsync();
        Assert.Null(seen.Form);
        Assert.Contains("prepended 2 times, not as the config has it", seen.Detail, StringComparison.Ordinal);
        await speaker.Action.ApplyAsync(new RouterIntent("edge", 100, "a test", [new RouteWanted("a", RunningSpeaker.Prefixes, RouteForm.Degraded, new Degradation(Prepend: 3))]), default);
        var four = Assert.Single((await session.UpdateAsync()).Prefixes);
        Assert.Equal("0204" + string.Concat(Enumerable.Repeat("0000fbf5", 4)), four.Value![2]);
        Assert.Equal(RouteForm.Degraded, (await speaker.SeenAsync()).Form);
    }

    [Fact]
    public async Task What_does_not_concern_a_session_leaves_it_and_a_new_peer_gets_the_table_without_an_intent()
    {
        using var peer = new FakePeer();
        using var second = new FakePeer("127.0.0.2");
        await using var speaker = new RunningSpeaker(peer.Port);
        using var session = await StandingAsync(peer, speaker);
        var own = Own(Peer(peer.Port), Peer(second.Port, "127.0.0.2")) with { ReadEvery = TimeSpan.FromSeconds(3), Listen = [new Endpoint(IPAddress.Loopback, Free())] };
        Assert.Empty(speaker.Action.Losses(own, Acting));
        Assert.True(speaker.Action.Renew(own, Acting));
        Assert.Equal(TimeSpan.FromSeconds(3), speaker.Action.ReadEvery);

        using var more = await second.AcceptAsync();
        await more.EstablishAsync(empty: false);
        Assert.Equal(Prefix4, Assert.Single((await more.UpdateAsync()).Prefixes).Key);
        // The next word of the old session is the next change.
        await speaker.ApplyAsync(RouteForm.Withdrawn);
        Assert.Null((await session.UpdateAsync()).Prefixes[Prefix4]);
    }

    [Fact]
    public async Task A_peer_with_other_options_is_told_that_it_is_a_reload_and_gets_the_table_with_the_next_session()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        using var session = await StandingAsync(peer, speaker);
        var own = Own(Peer(peer.Port) with { HoldTime = TimeSpan.FromSeconds(60) });
        Assert.Equal([$"edge: the session with 127.0.0.1 ends, which takes {Prefix4} {Prefix6} from it until the next session stands: some seconds, or as long as it pauses after an end"], speaker.Action.Losses(own, Acting));
        Assert.True(speaker.Action.Renew(own, Acting));
        Assert.Equal("6/2 oops reloads", await session.RefusalAsync());

        using var next = await peer.AcceptAsync();
        await next.EstablishAsync(empty: false);
        Assert.Equal(Prefix4, Assert.Single((await next.UpdateAsync()).Prefixes).Key);
        Assert.Equal(Prefix6, Assert.Single((await next.UpdateAsync()).Prefixes).Key);
    }

    [Fact]
    public async Task A_peer_that_leaves_the_config_is_left_and_the_other_is_not()
    {
        using var peer = new FakePeer();
        using var second = new FakePeer("127.0.0.2");
        await using var speaker = new RunningSpeaker(peer.Port, more: [Peer(second.Port, "127.0.0.2")]);
        using var gone = await second.AcceptAsync();
        await gone.EstablishAsync();
        await speaker.HeardAsync();
        using var session = await StandingAsync(peer, speaker);
        await gone.UpdateAsync();
        await gone.UpdateAsync();
        var own = Own(Peer(peer.Port));
        Assert.EndsWith("from it for good: it is no peer any more", Assert.Single(speaker.Action.Losses(own, Acting)), StringComparison.Ordinal);
        Assert.True(speaker.Action.Renew(own, Acting));
        Assert.Equal("6/2 oops reloads", await gone.RefusalAsync());
        Assert.Equal(["127.0.0.1"], speaker.Action.Sessions.Select(s => s.Peer));
        await speaker.ApplyAsync(RouteForm.Withdrawn);
        Assert.Null((await session.UpdateAsync()).Prefixes[Prefix4]);
    }

    [Fact]
    public async Task A_session_that_the_peer_began_outlives_the_address_where_it_came()
    {
        var (before, after) = (Free(), Free());
        await using var speaker = new RunningSpeaker(1, listen: [new Endpoint(IPAddress.Loopback, before)], peer: p => p.Passive = true);
        await UntilListeningAsync(speaker, before);
        using var session = await FakePeerConnection.ToAsync(before);
        await session.EstablishAsync();
        var own = Own(Peer(1) with { Passive = true }) with { Listen = [new Endpoint(IPAddress.Loopback, after)] };
        Assert.True(speaker.Action.Renew(own, Acting));
        await UntilListeningAsync(speaker, after);
        await Assert.ThrowsAsync<SocketException>(() => FakePeerConnection.ToAsync(before));
        await speaker.ApplyAsync(RouteForm.Plain);
        Assert.Equal(Prefix4, Assert.Single((await session.UpdateAsync()).Prefixes).Key);
    }

    [Fact]
    public async Task What_is_lost_with_all_sessions_is_said_and_nothing_is_where_nothing_is_announced()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        var same = Own(Peer(peer.Port));
        Assert.Empty(speaker.Action.Losses(null, Acting));
        using var session = await StandingAsync(peer, speaker);
        Assert.Empty(speaker.Action.Losses(same, Acting));
        Assert.EndsWith("for good: the action leaves the config", Assert.Single(speaker.Action.Losses(null, Acting)), StringComparison.Ordinal);
        Assert.EndsWith("its routes are only observed, or go elsewhere", Assert.Single(speaker.Action.Losses(same, Observing)), StringComparison.Ordinal);
        Assert.Single(speaker.Action.Losses(same with { Asn = 64502 }, Acting));
        // Another takes its place then, and its peers are told why.
        Assert.False(speaker.Action.Renew(same, Observing));
        speaker.Action.Retire();
        await speaker.StopAsync();
        Assert.Equal("6/2 oops reloads", await session.RefusalAsync());
    }

    static Task UntilListeningAsync(RunningSpeaker speaker, int port) =>
        Engine.Recorder.Eventually(() => speaker.Action.Listening is [{ Down: null } one] && one.Address == $"127.0.0.1@{port}");

    static int Free()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
