using System.Net;
using System.Net.Sockets;
using Oops.Actions.Speaker;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Oops.Tests.Engine;
using Oops.Wire.Bgp;
using Xunit;

namespace Oops.Tests.Actions.Speaker;

/// <summary>What an operator sees of sessions that do not stand.</summary>
public sealed class SpeakerTroubleTests
{
    static SessionReport Session(RunningSpeaker speaker) => speaker.Action.Sessions[0];

    [Fact]
    public async Task A_session_is_shown_in_its_states_and_why_it_ended_stays_while_nobody_is_there()
    {
        RunningSpeaker speaker;
        using (var peer = new FakePeer())
        {
            speaker = new RunningSpeaker(peer.Port);
            using var session = await peer.AcceptAsync();
            Assert.Equal(BgpMessageType.Open, (await session.NextAsync())!.Value.Type);
            await Recorder.Eventually(() => Session(speaker).State == "OpenSent");
            await session.SendAsync(FakePeerConnection.Bytes(FakePeerConnection.Usual));
            await Recorder.Eventually(() => Session(speaker).State == "OpenConfirm");
            Assert.Equal((0, "not connected yet"), (Session(speaker).Transitions, Session(speaker).Down));
            await session.SendAsync(BgpHeader.Keepalive());
            await Recorder.Eventually(() => Session(speaker).State == "Established");
            Assert.Equal(("edge", "127.0.0.1", 64500, 1, null, null), (Session(speaker).Action, Session(speaker).Peer, Session(speaker).Asn, Session(speaker).Transitions, Session(speaker).Down, Session(speaker).LastError));
            Assert.Empty((await speaker.ObservedAsync()).Troubles);

            var text = "bye\u001b[2J"u8.ToArray();
            await session.SendAsync([.. Enumerable.Repeat((byte)0xFF, 16), 0, (byte)(22 + text.Length), 3, 6, 4, (byte)text.Length, .. text]);
            await Recorder.Eventually(() => Session(speaker).State != "Established");
        }

        await using var running = speaker;
        const string Reason = "it ended the session: Cease, administrative reset: bye?[2J";
        await Recorder.Eventually(() => Session(speaker) is { LastError: Reason, Down: not (null or Reason) });
        var trouble = Assert.Single((await speaker.ObservedAsync()).Troubles);
        Assert.Equal(("session/edge/127.0.0.1", $"no session with 127.0.0.1 any more: {Reason}"), (trouble.Id, trouble.Says));
        Assert.NotNull(trouble.Now);
        Assert.Contains($"; before that, {Reason}", Assert.IsType<Done>(await speaker.ApplyAsync(RouteForm.Plain)).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(7, false)]
    [InlineData(8, true)]
    public async Task A_NOTIFICATION_that_only_refuses_a_connection_replaces_no_reason(byte subcode, bool tells)
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        using var session = await peer.AcceptAsync();
        await session.NextAsync();
        await session.SendAsync(BgpNotification.Write(new(BgpFault.Cease, subcode)));
        await Recorder.Eventually(() => Session(speaker).Down!.StartsWith("it ended the session: Cease, ", StringComparison.Ordinal));
        Assert.Equal(tells, Session(speaker).LastError is not null);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_a_trouble_until_it_is_free_and_a_passive_peer_waits_for_it()
    {
        var taker = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taker.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taker.Listen();
        var at = (IPEndPoint)taker.LocalEndPoint!;
        await using var speaker = new RunningSpeaker(1, listen: [new Endpoint(at.Address, at.Port)], peer: p => p.Passive = true);
        // Said at once, and not at the next look.
        var trouble = Assert.Single((await speaker.Engine.NextAsync<RouterObserved>()).Troubles);
        Assert.Equal($"listen/edge/127.0.0.1@{at.Port}", trouble.Id);
        Assert.StartsWith($"cannot listen at 127.0.0.1@{at.Port}: ", trouble.Says, StringComparison.Ordinal);
        Assert.Equal(("Idle", trouble.Says), (Session(speaker).State, Assert.Single(speaker.Action.Listening).Down));

        taker.Dispose();
        Assert.Empty((await speaker.Engine.NextAsync<RouterObserved>()).Troubles);
        Assert.Equal(("Active", null), (Session(speaker).State, speaker.Action.Listening[0].Down));
    }

    [Fact]
    public async Task Why_peers_cannot_connect_is_said_once_for_all_of_them()
    {
        using var taker = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taker.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taker.Listen();
        var at = (IPEndPoint)taker.LocalEndPoint!;
        await using var speaker = new RunningSpeaker(1, listen: [new Endpoint(at.Address, at.Port)], peer: p => p.Passive = true,
            more: [new SpeakerPeerConfig { Address = new Endpoint(IPAddress.Parse("127.0.0.3"), 1), Asn = 64500, Passive = true }]);
        await speaker.Engine.NextAsync<RouterObserved>();
        var outcome = Assert.IsType<Done>(await speaker.ApplyAsync(RouteForm.Plain)).Detail!;
        foreach (var words in new[] { outcome, (await speaker.SeenAsync()).Detail! })
        {
            Assert.Contains("no session with 127.0.0.1: ", words, StringComparison.Ordinal);
            Assert.Contains("no session with 127.0.0.3: ", words, StringComparison.Ordinal);
            Assert.Single(words.Split("; "), w => w.Contains("cannot listen at", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_live_check_finds_what_would_keep_sessions_from_coming_to_be_and_connects_to_nobody()
    {
        using var taker = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taker.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taker.Listen();
        var port = ((IPEndPoint)taker.LocalEndPoint!).Port;
        await using var speaker = new RunningSpeaker(1, run: false, peer: p => p.PasswordFile = "/nonexistent/password",
            listen: [new Endpoint(IPAddress.Loopback, port), new Endpoint(IPAddress.Parse("192.0.2.77"), 1179), new Endpoint(IPAddress.Parse("127.0.0.9"), port)]);
        var problems = await speaker.Action.ProveAsync(_ => Task.FromResult(false));
        Assert.Equal("the password of 127.0.0.1: /nonexistent/password: there is no such file", problems[0]);
        Assert.StartsWith($"cannot listen at 127.0.0.1@{port}: ", problems[1], StringComparison.Ordinal);
        Assert.Equal("cannot listen at 192.0.2.77@1179: the address is not on this host", problems[2]);
        Assert.Equal(3, problems.Count);

        // What is taken by ourselves is where we listen; what is not of this host is nobody's.
        var asked = new List<string>();
        problems = await speaker.Action.ProveAsync(address =>
        {
            asked.Add(address);
            return Task.FromResult(true);
        });
        Assert.Equal([$"127.0.0.1@{port}"], asked);
        Assert.Equal(2, problems.Count);
    }
}
