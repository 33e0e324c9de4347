using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Oops.Dns;
using Xunit;

namespace Oops.Tests.Dns;

public sealed class TcpCallerTests
{
    [Fact]
    public async Task Pipelined_requests_are_all_answered_in_order_also_where_the_answers_are_longer()
    {
        const int Long = 4000;
        await using var rig = new ListenerRig(ListenerRig.Loopback, (request, response, in peer) =>
        {
            response[..Long].Clear();
            request.CopyTo(response);
            return Long;
        });
        var tcp = await rig.ConnectAsync(SocketType.Stream);
        const int Many = 4000;
        var all = new byte[Many * 4];
        for (var i = 0; i < Many; i++)
        {
            all[i * 4 + 1] = 2;
            BinaryPrimitives.WriteUInt16BigEndian(all.AsSpan(i * 4 + 2), (ushort)i);
        }

        // Nothing is read until all is written: the answers are 16 MB, more than the kernel holds for both sides.
        var writing = tcp.SendAsync(all);
        await ListenerRig.UntilAsync(() => writing.IsCompleted);
        var answers = await ListenerRig.ReceiveAsync(tcp, Many * (2 + Long));
        Assert.Equal(Many * (2 + Long), answers.Length);
        Assert.Equal(Enumerable.Range(0, Many), Enumerable.Range(0, Many).Select(i => (int)BinaryPrimitives.ReadUInt16BigEndian(answers.AsSpan(i * (2 + Long) + 2))));
        Assert.Equal(Many, rig.Listener.Counts.TcpRequests);
    }

    [Fact]
    public async Task A_reader_that_does_not_read_costs_little_and_ends_by_the_idle_time()
    {
        await using var rig = new ListenerRig(ListenerRig.Loopback with { Idle = TimeSpan.FromSeconds(1) }, (request, response, in peer) => request.Length > 1 ? 4000 : ListenerRig.Echo(request, response, peer));
        var slow = await rig.ConnectAsync(SocketType.Stream);
        var writing = Task.Run(async () =>
        {
            var requests = new byte[4 * 4000];
            for (var i = 0; i < requests.Length; i += 4) requests[i + 1] = 2;
            try
            {
                while (true) await slow.SendAsync(requests);
            }
            catch (SocketException)
            {
                // Closed by the other side.
            }
        });
        var good = await rig.ConnectAsync(SocketType.Stream);
        while (!writing.IsCompleted)
        {
            await ListenerRig.AskAsync(good);
            await Task.Delay(20);
        }

        Assert.Equal(1, rig.Listener.Counts.TcpClosed);
        // What the kernel took of the answers, and not all that was asked for.
        Assert.InRange(rig.Listener.Counts.TcpRequests, 1, 100_000);
    }

    [Fact]
    public async Task Who_sends_in_part_takes_no_more_than_there_is_room_for()
    {
        await using var rig = new ListenerRig(ListenerRig.Loopback with { Room = 64 * 1024, Idle = TimeSpan.FromMinutes(5) }, ListenerRig.Echo);
        var part = new byte[20_000];
        part[0] = part[1] = 255;
        var greedy = new List<Socket>();
        for (var i = 0; i < 6; i++)
        {
            greedy.Add(await rig.ConnectAsync(SocketType.Stream));
            await greedy[i].SendAsync(part);
        }

        await ListenerRig.UntilAsync(() => rig.Listener.Counts.TcpClosed >= 4);
        // A request that comes whole needs no room.
        await ListenerRig.AskAsync(await rig.ConnectAsync(SocketType.Stream));
        greedy.ForEach(s => s.Close());
        // And what they had is there again.
        var tcp = await rig.ConnectAsync(SocketType.Stream);
        await tcp.SendAsync(new byte[] { 0, 2, 1 });
        await Task.Delay(20);
        await tcp.SendAsync(new byte[] { 2 });
        Assert.Equal([0, 2, 1, 2], await ListenerRig.ReceiveAsync(tcp, 4));
    }

    [Fact]
    public async Task The_longest_request_is_taken()
    {
        await using var rig = new ListenerRig(ListenerRig.Loopback, (request, response, in peer) =>
        {
            BinaryPrimitives.WriteUInt16BigEndian(response, (ushort)request.Length);
            response[2] = request[^1];
            return 3;
        });
        var tcp = await rig.ConnectAsync(SocketType.Stream);
        var request = new byte[2 + 65_535 + 3];
        request[0] = request[1] = 255;
        request[65_536] = 9;
        (request[65_538], request[65_539]) = (1, 4);
        for (var at = 0; at < request.Length; at += 10_000) await tcp.SendAsync(request.AsMemory(at, Math.Min(10_000, request.Length - at)));
        Assert.Equal([0, 3, 255, 255, 9, 0, 3, 0, 1, 4], await ListenerRig.ReceiveAsync(tcp, 10));
    }

    [Fact]
    public async Task Who_closes_its_half_still_gets_its_answers()
    {
        await using var rig = new ListenerRig(ListenerRig.Loopback, ListenerRig.Echo);
        var tcp = await rig.ConnectAsync(SocketType.Stream);
        await tcp.SendAsync(new byte[] { 0, 1, 7, 0, 2, 8, 9 });
        tcp.Shutdown(SocketShutdown.Send);
        Assert.Equal([0, 1, 7, 0, 2, 8, 9], await ListenerRig.ReceiveAsync(tcp, 100));
        // Also in the middle of a request, for which there is none.
        var other = await rig.ConnectAsync(SocketType.Stream);
        await other.SendAsync(new byte[] { 0, 1, 7, 0, 2, 8 });
        other.Shutdown(SocketShutdown.Send);
        Assert.Equal([0, 1, 7], await ListenerRig.ReceiveAsync(other, 100));
        Assert.Equal(0, rig.Listener.Counts.TcpClosed);
    }

    [Fact]
    public async Task A_request_of_no_length_is_passed_over()
    {
        await using var rig = new ListenerRig(ListenerRig.Loopback, ListenerRig.Echo);
        var tcp = await rig.ConnectAsync(SocketType.Stream);
        await tcp.SendAsync(new byte[] { 0, 0, 0, 0, 0, 1, 7 });
        Assert.Equal([0, 1, 7], await ListenerRig.ReceiveAsync(tcp, 3));
    }

    [Fact]
    public async Task Two_thousand_that_say_nothing_keep_nobody_from_an_answer()
    {
        const int Many = 2000;
        await using var rig = new ListenerRig(ListenerRig.Loopback with { Connections = Many + 10, ConnectionsPerPeer = 100 }, ListenerRig.Echo);
        for (var i = 0; i < Many; i++) await rig.ConnectAsync(SocketType.Stream, $"127.0.3.{1 + i % 100}");
        await ListenerRig.UntilAsync(() => rig.Listener.Counts.TcpAccepted == Many);
        await ListenerRig.AskAsync(await rig.ConnectAsync(SocketType.Stream));
        var udp = await rig.ConnectAsync(SocketType.Dgram);
        await udp.SendAsync(new byte[] { 3 });
        Assert.Equal([3], await ListenerRig.ReceiveAsync(udp, 1));
        Assert.Equal(0, rig.Listener.Counts.TcpClosed);
    }

    [Fact]
    public async Task Connections_of_both_families_on_several_addresses_are_one_crowd()
    {
        Assert.SkipUnless(DnsListenerTests.HasV6(), "no IPv6 here");
        await using var rig = new ListenerRig(new() { Addresses = [new(IPAddress.Loopback, 0), new(IPAddress.IPv6Loopback, 0)], Connections = 2 }, ListenerRig.Echo);
        var first = await rig.ConnectAsync(SocketType.Stream, to: rig.Listener.Addresses[1]);
        await ListenerRig.AskAsync(first);
        await ListenerRig.AskAsync(await rig.ConnectAsync(SocketType.Stream, to: rig.Listener.Addresses[0]));
        await ListenerRig.AskAsync(await rig.ConnectAsync(SocketType.Stream, to: rig.Listener.Addresses[0]));
        await ListenerRig.ClosedAsync(first);
    }
}
