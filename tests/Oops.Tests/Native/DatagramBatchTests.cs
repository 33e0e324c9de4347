using System.Net;
using System.Net.Sockets;
using Oops.Dns;
using Oops.Native;
using Oops.Tests.Dns;
using Xunit;

namespace Oops.Tests.Native;

public sealed class DatagramBatchTests : IDisposable
{
    readonly DatagramBatch batch = new();
    readonly List<Socket> sockets = [];

    public void Dispose()
    {
        sockets.ForEach(s => s.Dispose());
        batch.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Datagrams_of_several_peers_come_in_one_call_and_each_gets_its_own_answer(string address)
    {
        Assert.SkipUnless(address != "::1" || DnsListenerTests.HasV6(), "no IPv6 here");
        var server = Bind(address);
        var peers = Enumerable.Range(0, 5).Select(_ => Bind(address, server)).ToArray();
        for (byte i = 0; i < peers.Length; i++) peers[i].Send([i]);
        Assert.Equal(peers.Length, batch.Receive(server.SafeHandle));
        for (var i = 0; i < peers.Length; i++)
        {
            Assert.Equal([(byte)i], batch.Request(i).ToArray());
            Assert.Equal(PeerAddress.From(IPAddress.Parse(address)), PeerAddress.From(batch.Name(i), out var port));
            Assert.Equal(((IPEndPoint)peers[i].LocalEndPoint!).Port, port);
            // One of them asks nothing that is answered.
            if (i == 1) continue;
            batch.Response[0] = (byte)(100 + i);
            batch.Answer(i, 1);
        }

        Assert.Equal(0, batch.Send(server.SafeHandle));
        for (var i = 0; i < peers.Length; i++)
        {
            if (i == 1) continue;
            Assert.Equal([(byte)(100 + i)], Receive(peers[i]));
        }

        Assert.Equal(0, peers[1].Available);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_peer_that_cannot_be_answered_does_not_keep_the_others_from_theirs(int refused)
    {
        var server = Bind("127.0.0.1");
        var peers = Enumerable.Range(0, 4).Select(_ => Bind("127.0.0.1", server)).ToArray();
        for (byte i = 0; i < peers.Length; i++) peers[i].Send([i]);
        Assert.Equal(peers.Length, batch.Receive(server.SafeHandle));
        for (var i = 0; i < peers.Length; i++)
        {
            batch.Response[0] = (byte)i;
            batch.Answer(i, 1);
        }

        // The broadcast address is EACCES to a socket without SO_BROADCAST.
        batch.Name(refused)[4..8].Fill(255);
        Assert.Equal(1, batch.Send(server.SafeHandle));
        for (var i = 0; i < peers.Length; i++)
        {
            if (i != refused) Assert.Equal([(byte)i], Receive(peers[i]));
        }
    }

    [Fact]
    public void What_is_too_long_is_cut_and_says_so_and_what_is_empty_is_there()
    {
        var server = Bind("127.0.0.1");
        var peer = Bind("127.0.0.1", server);
        peer.Send(new byte[DatagramBatch.LongestRequest]);
        peer.Send(new byte[60_000]);
        peer.Send(ReadOnlySpan<byte>.Empty);
        peer.Send([7]);
        Assert.Equal(4, batch.Receive(server.SafeHandle));
        Assert.Equal([false, true, false, false], Enumerable.Range(0, 4).Select(batch.IsCut));
        Assert.Equal([DatagramBatch.LongestRequest, DatagramBatch.LongestRequest, 0, 1], Enumerable.Range(0, 4).Select(i => batch.Request(i).Length));
    }

    [Fact]
    public void More_than_a_batch_is_left_for_the_next_call()
    {
        var server = Bind("127.0.0.1");
        var peer = Bind("127.0.0.1", server);
        for (var i = 0; i < DatagramBatch.Size + 3; i++) peer.Send([(byte)i]);
        Assert.Equal(DatagramBatch.Size, batch.Receive(server.SafeHandle));
        Assert.Equal(3, batch.Receive(server.SafeHandle));
        Assert.Equal([(byte)DatagramBatch.Size], batch.Request(0).ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_receive_that_waits_ends_and_so_does_one_that_comes_later(bool later)
    {
        var server = Bind("127.0.0.1");
        if (later) DatagramBatch.EndReceives(server.SafeHandle);
        var ended = new TaskCompletionSource<int>();
        new Thread(() => ended.SetResult(batch.Receive(server.SafeHandle))) { IsBackground = true }.Start();
        if (!later)
        {
            await Task.Delay(50); // it waits by now, most likely; if not it is the other case
            DatagramBatch.EndReceives(server.SafeHandle);
        }

        Assert.InRange(await ended.Task.WaitAsync(TimeSpan.FromSeconds(10)), 0, 1);
    }

    Socket Bind(string address, Socket? to = null)
    {
        var local = new IPEndPoint(IPAddress.Parse(address), 0);
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
        sockets.Add(socket);
        socket.Bind(local);
        if (to is not null) socket.Connect(to.LocalEndPoint!);
        return socket;
    }

    static byte[] Receive(Socket socket)
    {
        var buffer = new byte[16];
        return buffer[..socket.Receive(buffer)];
    }
}
