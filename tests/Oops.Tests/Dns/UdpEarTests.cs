using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Oops.Dns;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Dns;

public sealed class UdpEarTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Many_peers_at_once_get_each_its_own_answer(string address)
    {
        Assert.SkipUnless(address != "::1" || DnsListenerTests.HasV6(), "no IPv6 here");
        using var held = new ManualResetEventSlim();
        await using var rig = new ListenerRig(new() { Addresses = [new(IPAddress.Parse(address), 0)] }, (request, response, in peer) =>
        {
            held.Wait(TimeSpan.FromSeconds(10)); // so that the others come in one batch
            response[0] = request[0];
            response[1] = (byte)(peer.Port >> 8);
            response[2] = (byte)peer.Port;
            return 3;
        });
        var peers = new List<Socket>();
        for (var i = 0; i < 100; i++) peers.Add(await rig.ConnectAsync(SocketType.Dgram));
        for (var i = 0; i < peers.Count; i++) await peers[i].SendAsync(new[] { (byte)i });
        held.Set();
        for (var i = 0; i < peers.Count; i++)
        {
            var port = ((IPEndPoint)peers[i].LocalEndPoint!).Port;
            Assert.Equal([(byte)i, (byte)(port >> 8), (byte)port], await ListenerRig.ReceiveAsync(peers[i], 3));
        }

        Assert.Equal(100, rig.Listener.Counts.UdpRequests);
        Assert.Equal(0, rig.Listener.Counts.UdpErrors);
    }

    [Fact]
    public async Task Datagrams_that_are_empty_or_too_long_are_not_answered_and_do_no_harm()
    {
        var shortest = int.MaxValue;
        await using var rig = new ListenerRig(ListenerRig.Loopback, (request, response, in peer) =>
        {
            shortest = Math.Min(shortest, request.Length);
            return ListenerRig.Echo(request, response, peer);
        });
        var udp = await rig.ConnectAsync(SocketType.Dgram);
        for (var i = 0; i < 3; i++)
        {
            await udp.SendAsync(Array.Empty<byte>());
            await udp.SendAsync(new byte[65_000]);
            await udp.SendAsync(new byte[] { 1, 2 });
            Assert.Equal([1, 2], await ListenerRig.ReceiveAsync(udp, 2));
        }

        Assert.Equal(2, shortest);
        Assert.Equal(9, rig.Listener.Counts.UdpRequests);
        Assert.Equal(3, rig.Listener.Counts.UdpErrors);
        var longest = new byte[DatagramBatch.LongestRequest];
        await udp.SendAsync(longest);
        Assert.Equal(longest, await ListenerRig.ReceiveAsync(udp, longest.Length));
    }

    [Fact]
    public async Task Two_threads_share_an_address()
    {
        var threads = new ConcurrentDictionary<int, int>();
        await using var rig = new ListenerRig(ListenerRig.Loopback with { Threads = 2 }, (request, response, in peer) =>
        {
            threads[Environment.CurrentManagedThreadId] = 1;
            return ListenerRig.Echo(request, response, peer);
        });
        // The kernel deals them out by address and port.
        for (var i = 0; i < 64; i++)
        {
            var udp = await rig.ConnectAsync(SocketType.Dgram);
            await udp.SendAsync(new[] { (byte)i });
            Assert.Equal([(byte)i], await ListenerRig.ReceiveAsync(udp, 1));
        }

        Assert.Equal(2, threads.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task It_stops_in_a_flood(int threads)
    {
        await using var rig = new ListenerRig(ListenerRig.Loopback with { Threads = threads }, ListenerRig.Echo);
        using var over = new CancellationTokenSource();
        var udp = await rig.ConnectAsync(SocketType.Dgram);
        var flood = new Thread(() =>
        {
            while (!over.IsCancellationRequested)
            {
                try
                {
                    udp.Send(new byte[40]);
                }
                catch (SocketException)
                {
                    // Nobody listens any more.
                }
            }
        });
        flood.Start();
        try
        {
            await ListenerRig.UntilAsync(() => rig.Listener.Counts.UdpRequests > 1000);
            await rig.StopAsync();
        }
        finally
        {
            await over.CancelAsync();
            flood.Join();
        }
    }

    [Fact]
    public async Task It_may_be_disposed_while_it_runs_and_before_it_runs()
    {
        await using var rig = new ListenerRig(ListenerRig.Loopback, ListenerRig.Echo);
        var udp = await rig.ConnectAsync(SocketType.Dgram);
        await udp.SendAsync(new byte[] { 1 });
        await ListenerRig.ReceiveAsync(udp, 1);
        rig.Listener.Dispose();
        await rig.StopAsync();
        Assert.True(DnsListener.TryBind(new() { Addresses = [rig.Listener.Addresses[0]] }, TimeProvider.System, out var again, out var error), error);
        again.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => again.RunAsync(ListenerRig.Echo, CancellationToken.None));
    }
}
