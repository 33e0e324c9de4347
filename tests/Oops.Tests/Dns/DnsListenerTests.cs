using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Oops.Dns;
using Xunit;

namespace Oops.Tests.Dns;

public sealed class DnsListenerTests : IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    DnsListener? listener;
    Task running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        listener?.Dispose();
        stop.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Both_transports_answer_on_each_address(int threads)
    {
        List<IPEndPoint> wanted = [new(IPAddress.Loopback, 0), new(IPAddress.Parse("127.0.0.2"), 0)];
        if (HasV6())
            wanted.Add(new(IPAddress.IPv6Loopback, 0));
        var peers = new List<Peer>();
        Start(new DnsListenerOptions { Addresses = wanted, Threads = threads }, (request, response, in peer) =>
        {
            lock (peers)
                peers.Add(peer);
            return Echo(request, response, peer);
        });
        foreach (var address in listener!.Addresses)
        {
            using var udp = await ConnectAsync(address, SocketType.Dgram);
            await udp.SendAsync(new byte[] { 1, 2, 3 });
            Assert.Equal([1, 2, 3], await ReceiveAsync(udp, 3));
            AssertLast(udp, address, Transport.Udp);
            using var tcp = await ConnectAsync(address, SocketType.Stream);
            await tcp.SendAsync(new byte[] { 0, 2, 8, 9 });
            Assert.Equal([0, 2, 8, 9], await ReceiveAsync(tcp, 4));
            AssertLast(tcp, address, Transport.Tcp);
        }

        void AssertLast(Socket socket, IPEndPoint address, Transport over)
        {
            lock (peers)
            {
                var local = (IPEndPoint)socket.LocalEndPoint!;
                Assert.Equal(new Peer(PeerAddress.From(local.Address), (ushort)local.Port, over, address), peers[^1] with { At = default });
            }
        }
    }

    [Fact]
    public async Task Requests_may_be_pipelined_and_come_octet_by_octet()
    {
        Start(Loopback(), Echo);
        using var tcp = await ConnectAsync(listener!.Addresses[0], SocketType.Stream);
        await tcp.SendAsync(new byte[] { 0, 1, 7, 0, 2, 8, 9, 0 });
        Assert.Equal([0, 1, 7, 0, 2, 8, 9], await ReceiveAsync(tcp, 7));
        foreach (var octet in new byte[] { 3, 4, 5, 6 })
        {
            await tcp.SendAsync(new[] { octet });
            await Task.Delay(5);
        }

        Assert.Equal([0, 3, 4, 5, 6], await ReceiveAsync(tcp, 5));
        Assert.Equal(3, listener.Counts.TcpRequests);
    }

    [Fact]
    public async Task No_response_is_sent_where_none_is_due()
    {
        Start(Loopback(), (request, response, in peer) => request[0] == 0 ? 0 : Echo(request, response, peer));
        using var udp = await ConnectAsync(listener!.Addresses[0], SocketType.Dgram);
        await udp.SendAsync(new byte[] { 0 });
        await udp.SendAsync(new byte[] { 1 });
        Assert.Equal([1], await ReceiveAsync(udp, 1));
        using var tcp = await ConnectAsync(listener.Addresses[0], SocketType.Stream);
        await tcp.SendAsync(new byte[] { 0, 1, 0, 0, 1, 1 });
        Assert.Equal([0, 1, 1], await ReceiveAsync(tcp, 3));
    }

    [Fact]
    public async Task A_connection_that_drips_is_closed_and_one_that_asks_is_not()
    {
        Start(Loopback() with { Idle = TimeSpan.FromSeconds(1) }, Echo);
        using var busy = await ConnectAsync(listener!.Addresses[0], SocketType.Stream);
        using var drips = await ConnectAsync(listener.Addresses[0], SocketType.Stream);
        var closed = Closed(drips);
        await drips.SendAsync(new byte[] { 0, 100 });
        var watch = Stopwatch.StartNew();
        while (!closed.IsCompleted && watch.ElapsedMilliseconds < 5000)
        {
            try
            {
                await drips.SendAsync(new byte[] { 1 });
            }
            catch (SocketException)
            {
                break;
            }

            await busy.SendAsync(new byte[] { 0, 1, 7 });
            Assert.Equal([0, 1, 7], await ReceiveAsync(busy, 3));
            await Task.Delay(50);
        }

        await closed.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.True(watch.ElapsedMilliseconds < 4000);
        await busy.SendAsync(new byte[] { 0, 1, 7 });
        Assert.Equal([0, 1, 7], await ReceiveAsync(busy, 3));
    }

    [Fact]
    public async Task At_the_limit_the_quietest_connection_makes_room()
    {
        Start(Loopback() with { Connections = 3 }, Echo);
        var address = listener!.Addresses[0];
        var sockets = new List<Socket>();
        for (var i = 0; i < 3; i++)
        {
            sockets.Add(await ConnectAsync(address, SocketType.Stream));
            await AskAsync(sockets[i]);
        }

        await AskAsync(sockets[0]); // now the second is the quietest
        sockets.Add(await ConnectAsync(address, SocketType.Stream));
        await AskAsync(sockets[3]);
        await Closed(sockets[1]).WaitAsync(TimeSpan.FromSeconds(5));
        await AskAsync(sockets[0]);
        await AskAsync(sockets[2]);
        Assert.Equal(1, listener.Counts.TcpClosed);
        sockets.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task One_peer_cannot_take_all_connections()
    {
        Start(Loopback() with { ConnectionsPerPeer = 2 }, Echo);
        var address = listener!.Addresses[0];
        using var a = await ConnectAsync(address, SocketType.Stream);
        using var b = await ConnectAsync(address, SocketType.Stream);
        await AskAsync(a);
        await AskAsync(b);
        using var c = await ConnectAsync(address, SocketType.Stream);
        await Closed(c).WaitAsync(TimeSpan.FromSeconds(5));
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0));
        await other.ConnectAsync(address);
        await AskAsync(other);
        await AskAsync(a);
    }

    [Fact]
    public async Task Resets_and_connections_that_never_speak_do_no_harm()
    {
        // Which may all be open at once, until their ends are read.
        Start(Loopback() with { ConnectionsPerPeer = 100 }, Echo);
        var address = listener!.Addresses[0];
        for (var i = 0; i < 50; i++)
        {
            using var socket = await ConnectAsync(address, SocketType.Stream);
            if (i % 2 == 0)
                await socket.SendAsync(new byte[] { 0, 9, 1 });
            socket.LingerState = new LingerOption(true, 0); // close sends RST
        }

        using var good = await ConnectAsync(address, SocketType.Stream);
        await AskAsync(good);
    }

    [Fact]
    public async Task It_stops_at_once_with_connections_open_and_sockets_silent()
    {
        // An address that nobody else takes a port of meanwhile.
        Start(Loopback() with { Addresses = [new(IPAddress.Parse("127.0.77.1"), 0)], Threads = 2 }, Echo);
        using var tcp = await ConnectAsync(listener!.Addresses[0], SocketType.Stream);
        await AskAsync(tcp);
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(5));
        // and the port is free again
        Assert.True(DnsListener.TryBind(new DnsListenerOptions { Addresses = [listener.Addresses[0]] }, TimeProvider.System, out var again, out var error), error);
        again.Dispose();
    }

    [Fact]
    public void An_address_in_use_or_not_ours_is_named_with_its_reason()
    {
        Start(Loopback(), Echo);
        Assert.False(DnsListener.TryBind(new DnsListenerOptions { Addresses = [listener!.Addresses[0]] }, TimeProvider.System, out _, out var error));
        Assert.Equal($"cannot listen on {listener.Addresses[0]}: the address is in use by another process", error);
        Assert.False(DnsListener.TryBind(new DnsListenerOptions { Addresses = [new(IPAddress.Parse("192.0.2.1"), 0)] }, TimeProvider.System, out _, out error));
        Assert.Equal("cannot listen on 192.0.2.1:0: this host does not have the address", error);
    }

    [Theory]
    [InlineData(SocketType.Dgram)]
    [InlineData(SocketType.Stream)]
    public async Task A_fault_of_the_handler_ends_the_listener_loudly(SocketType type)
    {
        Start(Loopback() with { Idle = TimeSpan.FromMilliseconds(200) }, (_, _, in _) => throw new InvalidOperationException("a bug"));
        using var socket = await ConnectAsync(listener!.Addresses[0], type);
        await socket.SendAsync(new byte[] { 0, 1, 1 });
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => running.WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.Equal("a bug", fault.Message);
    }

    [Fact]
    public async Task Datagrams_are_served_without_garbage()
    {
        long first = -1, last = -1;
        var count = 0;
        Start(Loopback(), (request, response, in peer) =>
        {
            if (++count == 500)
                first = GC.GetAllocatedBytesForCurrentThread();
            last = GC.GetAllocatedBytesForCurrentThread();
            return Echo(request, response, peer);
        });
        using var udp = await ConnectAsync(listener!.Addresses[0], SocketType.Dgram);
        var buffer = new byte[64];
        for (var i = 0; i < 2000; i++)
        {
            udp.Send(buffer);
            udp.Receive(buffer);
        }

        Assert.Equal(2000, listener.Counts.UdpRequests);
        Assert.Equal(first, last);
    }

    [Fact]
    public void Prefixes_contain_addresses_of_their_family_only()
    {
        var v4 = new PeerPrefix(IPNetwork.Parse("192.0.2.0/24"));
        Assert.True(v4.Contains(Address("192.0.2.255")));
        Assert.False(v4.Contains(Address("192.0.3.0")));
        Assert.False(v4.Contains(Address("2001:db8::1")));
        Assert.True(v4.Contains(Address("::ffff:192.0.2.1")));
        var v6 = new PeerPrefix(IPNetwork.Parse("2001:db8::/33"));
        Assert.True(v6.Contains(Address("2001:db8:7fff::1")));
        Assert.False(v6.Contains(Address("2001:db8:8000::1")));
        Assert.True(new PeerPrefix(IPNetwork.Parse("0.0.0.0/0")).Contains(Address("198.51.100.1")));
        Assert.False(new PeerPrefix(IPNetwork.Parse("0.0.0.0/0")).Contains(Address("::1")));
        Assert.True(new PeerPrefix(IPNetwork.Parse("198.51.100.7/32")).Contains(Address("198.51.100.7")));
        Assert.Equal("198.51.100.7", Address("198.51.100.7").ToString());
        Assert.Equal("2001:db8::1", Address("2001:db8::1").ToString());
        static PeerAddress Address(string text) => PeerAddress.From(IPAddress.Parse(text));
    }

    static DnsListenerOptions Loopback() => new() { Addresses = [new(IPAddress.Loopback, 0)] };

    static int Echo(ReadOnlySpan<byte> request, Span<byte> response, in Peer peer)
    {
        request.CopyTo(response);
        return request.Length;
    }

    internal static bool HasV6() => File.Exists("/proc/net/if_inet6") && File.ReadAllText("/proc/net/if_inet6").Contains("00000000000000000000000000000001 ", StringComparison.Ordinal);

    void Start(DnsListenerOptions options, DnsHandler handler)
    {
        Assert.True(DnsListener.TryBind(options, TimeProvider.System, out listener, out var error), error);
        running = listener.RunAsync(handler, stop.Token);
    }

    static async Task<Socket> ConnectAsync(IPEndPoint address, SocketType type)
    {
        var socket = new Socket(address.AddressFamily, type, type == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp) { ReceiveTimeout = 5000 };
        await socket.ConnectAsync(address);
        return socket;
    }

    static async Task AskAsync(Socket tcp)
    {
        await tcp.SendAsync(new byte[] { 0, 1, 5 });
        Assert.Equal([0, 1, 5], await ReceiveAsync(tcp, 3));
    }

    static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var buffer = new byte[count];
        var have = 0;
        while (have < count)
        {
            var n = await socket.ReceiveAsync(buffer.AsMemory(have), SocketFlags.None, limit.Token);
            if (n == 0)
                break;
            have += n;
        }

        return buffer[..have];
    }

    /// <summary>Ends when the peer closes or resets.</summary>
    static async Task Closed(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1], SocketFlags.None));
        }
        catch (SocketException)
        {
        }
    }
}
