using System.Net;
using System.Net.Sockets;
using Oops.Config;
using Oops.Core;
using Oops.Tests.Engine;
using Oops.Wire.Bgp;
using Xunit;

namespace Oops.Tests.Actions.Speaker;

/// <summary>How connections begin, collide and end; hostile peers.</summary>
public sealed class SpeakerSessionTests
{
    static readonly byte[] NonsenseUpdate = [.. Enumerable.Repeat((byte)0xFF, 16), 0, 33, 2, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

    [Theory]
    [InlineData("as", "2/2", "it says AS 64999, not 64500")]
    [InlineData("version", "2/1", "OPEN: unsupported version number")]
    [InlineData("hold", "2/6", "OPEN: unacceptable hold time")]
    [InlineData("id", "2/3", "OPEN: bad BGP identifier")]
    [InlineData("http", "1/1", "header: connection not synchronized")]
    [InlineData("long", "1/2", "header: bad message length")]
    [InlineData("type", "1/3", "header: bad message type")]
    [InlineData("early", "5/1", "unexpected message in OpenSent")]
    [InlineData("keepless", "5/2", "unexpected message in OpenConfirm")]
    public async Task What_a_peer_does_wrong_it_is_told_and_so_is_the_operator(string what, string code, string words)
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        using var session = await peer.AcceptAsync();
        Assert.Equal(BgpMessageType.Open, (await session.NextAsync())!.Value.Type);
        var open = FakePeerConnection.Bytes(FakePeerConnection.Usual);
        await session.SendAsync(what switch
        {
            "as" => FakePeerConnection.Bytes(FakePeerConnection.Usual with { Asn = 64999 }),
            "version" => [.. open[..19], 3, .. open[20..]],
            "hold" => FakePeerConnection.Bytes(FakePeerConnection.Usual with { HoldTime = 2 }),
            "id" => FakePeerConnection.Bytes(FakePeerConnection.Usual with { Id = 0 }),
            "http" => "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(),
            "long" => [.. open[..16], 0x10, 0x01, .. open[18..]],
            "type" => [.. open[..18], 9, .. open[19..]],
            "early" => BgpHeader.Keepalive(),
            _ => [.. open, .. NonsenseUpdate],
        });
        Assert.Equal(code, await session.RefusalAsync());
        await Recorder.Eventually(() => Said(speaker).Contains(words, StringComparison.Ordinal));
    }

    static string Said(RunningSpeaker speaker) => speaker.ApplyAsync(RouteForm.Plain).Result is Done { Detail: { } detail } ? detail : "";

    [Fact]
    public async Task No_UPDATE_of_a_peer_ends_the_session()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        using var session = await peer.AcceptAsync();
        await session.EstablishAsync();
        for (var i = 0; i < 1000; i++) await session.SendAsync(NonsenseUpdate);
        await session.SendAsync(new BgpRefresh(BgpRefreshKind.Request, BgpFamily.Ip4).Write());
        Assert.Equal(new BgpRefresh(BgpRefreshKind.Begin, BgpFamily.Ip4).Write(), (await session.NextAsync())!.Value.Whole);
        await speaker.ApplyAsync(RouteForm.Plain);
    }

    [Fact]
    public async Task A_second_OPEN_ends_the_session_and_a_NOTIFICATION_is_told_in_words()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        using (var session = await peer.AcceptAsync())
        {
            await session.EstablishAsync();
            await session.SendAsync(FakePeerConnection.Bytes(FakePeerConnection.Usual));
            Assert.Equal("5/3", await session.RefusalAsync());
        }

        using var again = await peer.AcceptAsync();
        await again.EstablishAsync();
        await again.SendAsync(BgpNotification.WriteShutdown("maintenance"));
        Assert.Null(await again.NextAsync());
        await Recorder.Eventually(() => Said(speaker).Contains("it ended the session: Cease, administrative shutdown: maintenance", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("oops stops")]
    [InlineData("oops reloads")]
    public async Task Words_of_ours_that_a_peer_sends_back_are_told_as_ours(string words)
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        using var session = await peer.AcceptAsync();
        await session.EstablishAsync();
        await session.SendAsync(BgpNotification.WriteShutdown(words));
        Assert.Null(await session.NextAsync());
        await Recorder.Eventually(() => Said(speaker).Contains($"it ended the session: Cease, administrative shutdown: {words} (our own words of earlier, which it sends back)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_oops_stops_each_peer_is_told_so()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port);
        using var session = await peer.AcceptAsync();
        await session.EstablishAsync();
        await speaker.StopAsync();
        Assert.Equal("6/2 oops stops", await session.RefusalAsync());
    }

    [Fact]
    public async Task A_silent_peer_is_gone_after_the_hold_time_and_gets_KEEPALIVEs_until_then()
    {
        var time = new FakeTime();
        var from = time.GetTimestamp();
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port, time, peer: p => p.HoldTime = TimeSpan.FromSeconds(9));
        using var session = await peer.AcceptAsync();
        await session.EstablishAsync();
        await speaker.HeardAsync();
        var keepalives = 0;
        var ends = ReadAsync();
        while (!ends.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.WhenAny(ends, Task.Delay(20));
        }

        Assert.Equal((4, 0), await ends);
        Assert.InRange(keepalives, 2, 6);
        Assert.InRange(time.GetElapsedTime(from), TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(20));

        async Task<(int, int)> ReadAsync()
        {
            while (await session.NextAsync(keepalives: true) is { } next)
            {
                if (next.Type == BgpMessageType.Notification) return (next.Whole[19], next.Whole[20]);
                keepalives++;
            }

            return default;
        }
    }

    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(2, 1, false)]
    public async Task Of_two_connections_the_one_stays_that_the_higher_identifier_made(int own, int theirs, bool theirsStays)
    {
        using var peer = new FakePeer();
        var port = Free();
        await using var speaker = new RunningSpeaker(peer.Port, listen: [new Endpoint(IPAddress.Loopback, port)], own: own);
        using var ours = await peer.AcceptAsync();
        using var other = await ToAsync(port);
        var open = FakePeerConnection.Usual with { Id = 0x7F000000 + (uint)theirs };
        Assert.Equal(BgpMessageType.Open, (await ours.NextAsync())!.Value.Type);
        Assert.Equal(BgpMessageType.Open, (await other.NextAsync())!.Value.Type);

        await ours.SendAsync(FakePeerConnection.Bytes(open));
        Assert.Equal(BgpMessageType.Keepalive, (await ours.NextAsync(keepalives: true))!.Value.Type);
        await other.SendAsync(FakePeerConnection.Bytes(open));

        var (stays, goes) = theirsStays ? (other, ours) : (ours, other);
        Assert.Equal("6/7", await goes.RefusalAsync());
        await stays.SendAsync(BgpHeader.Keepalive());
        Assert.Equal([BgpFamily.Ip4], (await stays.UpdateAsync()).Ends);

        // What is established stays, whoever comes.
        using var late = await ToAsync(port);
        Assert.Equal(BgpMessageType.Open, (await late.NextAsync())!.Value.Type);
        await late.SendAsync(FakePeerConnection.Bytes(open));
        Assert.Equal("6/7", await late.RefusalAsync());
    }

    [Fact]
    public async Task A_passive_peer_connects_and_a_stranger_is_not_answered()
    {
        var port = Free();
        await using var speaker = new RunningSpeaker(1, listen: [new Endpoint(IPAddress.Loopback, port)], peer: p => p.Passive = true);
        using (var stranger = await ToAsync(port, "127.0.0.2")) Assert.Null(await stranger.NextAsync());
        using var session = await ToAsync(port);
        await session.EstablishAsync();
        await speaker.ApplyAsync(RouteForm.Plain);
        Assert.Single((await session.UpdateAsync()).Prefixes);
    }

    [Fact]
    public async Task A_password_that_cannot_be_read_is_told_and_nobody_is_connected_to_without_it()
    {
        using var peer = new FakePeer();
        await using var speaker = new RunningSpeaker(peer.Port, peer: p => p.PasswordFile = "/nonexistent/password");
        await Recorder.Eventually(() => Said(speaker).Contains("/nonexistent/password: there is no such file", StringComparison.Ordinal));
    }

    static async Task<FakePeerConnection> ToAsync(int port, string from = "127.0.0.1")
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await FakePeerConnection.ToAsync(port, from);
            }
            catch (SocketException) when (tries < 500)
            {
                await Task.Delay(10);
            }
        }
    }

    static int Free()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
