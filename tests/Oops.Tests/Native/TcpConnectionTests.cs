using System.Net;
using System.Net.Sockets;
using Oops.Native;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Native;

/// <summary>Against sockets of the runtime's, which are in the table of all other threads.</summary>
public sealed class TcpConnectionTests : IDisposable
{
    static readonly TcpThread There = TcpThread.Instance;

    // Small, so that the kernels soon take no more.
    readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };

    public TcpConnectionTests()
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
    }

    public void Dispose() => listener.Dispose();

    async Task<(TcpConnection Ours, Socket Theirs)> PairAsync()
    {
        var ours = await TcpConnection.ConnectAsync(There, null, (IPEndPoint)listener.LocalEndPoint!, _ => null, TimeProvider.System, default);
        return (ours, await listener.AcceptAsync());
    }

    static async Task<byte[]> ReadAsync(Socket from, int count)
    {
        var got = new byte[count];
        for (var n = 0; n < count;)
        {
            var more = await from.ReceiveAsync(got.AsMemory(n));
            if (more == 0) return got[..n];
            n += more;
        }

        return got;
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Both_ends_hear_each_other_and_know_where_they_are(string at)
    {
        var listening = await TcpListening.OpenAsync(There, new IPEndPoint(IPAddress.Parse(at), 0), _ => null, TimeProvider.System);
        var accepting = listening.AcceptAsync(default);
        var one = await TcpConnection.ConnectAsync(There, new IPEndPoint(IPAddress.Parse(at), 0), listening.At, _ => null, TimeProvider.System, default);
        var other = await accepting;
        Assert.Equal((listening.At, one.Local), (one.Remote, other.Remote));
        Assert.True(one.TrySend("ask"u8));
        Assert.True(other.TrySend("answer"u8));
        var buffer = new byte[100];
        Assert.Equal("ask"u8.ToArray(), buffer[..await other.ReceiveAsync(buffer, default)]);
        Assert.Equal("answer"u8.ToArray(), buffer[..await one.ReceiveAsync(buffer, default)]);
        await one.CloseAsync();
        Assert.Equal(0, await other.ReceiveAsync(buffer, default));
        await other.CloseAsync();
        await listening.CloseAsync();
    }

    [Fact]
    public async Task It_is_in_the_table_of_its_thread_alone()
    {
        Assert.Null(There.Shares);
        var (ours, theirs) = await PairAsync();
        using (theirs)
        {
            var inode = File.ReadLines("/proc/self/net/tcp").Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Single(l => l[1].EndsWith($":{ours.Local.Port:X4}", StringComparison.Ordinal) && l[2].EndsWith($":{ours.Remote!.Port:X4}", StringComparison.Ordinal))[9];
            Assert.Contains($"socket:[{inode}]", Open(await ThreadAsync()));
            Assert.DoesNotContain($"socket:[{inode}]", Open("/proc/self/fd"));
            await ours.CloseAsync();
            Assert.DoesNotContain($"socket:[{inode}]", Open(await ThreadAsync()));
        }
    }

    static Task<string> ThreadAsync() => There.AskAsync(() => Path.GetFullPath($"/proc/self/task/{Path.GetFileName(File.ResolveLinkTarget("/proc/thread-self", returnFinalTarget: false)!.FullName)}/fd"));

    static List<string?> Open(string folder) => [.. Directory.EnumerateFiles(folder).Select(f => new FileInfo(f).LinkTarget)];

    [Fact]
    public async Task What_the_kernel_does_not_take_waits_and_comes_in_its_order()
    {
        const int Pieces = 600, Size = 10_000;
        var (ours, theirs) = await PairAsync();
        for (var i = 0; i < Pieces; i++) Assert.True(ours.TrySend(Enumerable.Repeat((byte)i, Size).ToArray()));
        await ours.LookAsync();
        Assert.True(ours.Waiting > 0);
        Assert.True(ours.Stuck > TimeSpan.Zero);
        Assert.False(ours.IsAcknowledged);

        var got = await ReadAsync(theirs, Pieces * Size);
        for (var i = 0; i < got.Length; i++) Assert.Equal((byte)(i / Size), got[i]);
        await Recorder.Eventually(() => ours.Waiting == 0);
        Assert.Equal(TimeSpan.Zero, ours.Stuck);
        await Recorder.Eventually(() =>
        {
            _ = ours.LookAsync();
            return ours.IsAcknowledged;
        });
        await ours.CloseAsync();
        theirs.Dispose();
    }

    [Fact]
    public async Task Who_reads_nothing_costs_no_more_than_a_bound_and_the_others_nothing()
    {
        var (ours, theirs) = await PairAsync();
        var (other, friend) = await PairAsync();
        var sent = 0;
        while (ours.TrySend(new byte[1_000_000])) Assert.True(++sent < 100);
        Assert.InRange(ours.Waiting, 1, TcpConnection.MostWaiting);

        Assert.True(other.TrySend("there"u8));
        Assert.Equal("there"u8.ToArray(), await ReadAsync(friend, 5));
        await other.CloseAsync();
        await ours.CloseAsync();
        Assert.Equal(0, ours.Waiting);
        Assert.True(ours.TrySend([1]));
        Assert.Equal(0, ours.Waiting);
        theirs.Dispose();
        friend.Dispose();
    }

    [Fact]
    public async Task What_was_sent_before_it_is_closed_comes_and_then_the_end_also_where_something_was_unread()
    {
        var (ours, theirs) = await PairAsync();
        await theirs.SendAsync(new byte[10_000]);
        var buffer = new byte[1];
        Assert.Equal(1, await ours.ReceiveAsync(buffer, default));
        Assert.True(ours.TrySend(new byte[5_000]));
        await ours.CloseAsync();
        Assert.Equal(5_000, (await ReadAsync(theirs, 10_000)).Length);
        theirs.Dispose();
    }

    [Fact]
    public async Task A_reset_comes_at_once_whatever_waits()
    {
        var (ours, theirs) = await PairAsync();
        while (ours.TrySend(new byte[1_000_000])) { }
        await ours.CloseAsync(reset: true);
        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => ReadAsync(theirs, int.MaxValue / 2))).SocketErrorCode);
        theirs.Dispose();
    }

    [Fact]
    public async Task A_reset_of_the_peers_is_told_to_who_receives_whoever_learned_of_it()
    {
        var (ours, theirs) = await PairAsync();
        var receiving = ours.ReceiveAsync(new byte[10], default);
        theirs.Close(0);
        Assert.Equal("connection reset by peer", (await Assert.ThrowsAsync<IOException>(() => receiving)).Message);

        // By sending: before that nobody receives.
        Assert.True(ours.TrySend([1]));
        await ours.LookAsync();
        Assert.Equal(0, ours.Waiting);
        Assert.Equal("broken pipe", (await Assert.ThrowsAsync<IOException>(() => ours.ReceiveAsync(new byte[10], default))).Message);
        await ours.CloseAsync();
    }

    [Fact]
    public async Task A_peer_that_has_said_its_last_word_still_hears_ours()
    {
        var (ours, theirs) = await PairAsync();
        theirs.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await ours.ReceiveAsync(new byte[10], default));
        Assert.True(ours.TrySend([]));
        Assert.True(ours.TrySend("bye"u8));
        Assert.Equal("bye"u8.ToArray(), await ReadAsync(theirs, 3));
        await ours.CloseAsync();
        Assert.Empty(await ReadAsync(theirs, 1));
        theirs.Dispose();
    }

    [Fact]
    public async Task Nobody_there_is_told_with_the_kernels_word()
    {
        var gone = (IPEndPoint)listener.LocalEndPoint!;
        listener.Dispose();
        Assert.Equal("connection refused", (await Assert.ThrowsAsync<IOException>(() => TcpConnection.ConnectAsync(There, null, gone, _ => null, TimeProvider.System, default))).Message);
        Assert.Equal("no", (await Assert.ThrowsAsync<IOException>(() => TcpConnection.ConnectAsync(There, null, gone, _ => "no", TimeProvider.System, default))).Message);
        var nowhere = await Assert.ThrowsAsync<IOException>(() => TcpConnection.ConnectAsync(There, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0), gone, _ => null, TimeProvider.System, default));
        Assert.Equal("cannot assign requested address", nowhere.Message);
        await Assert.ThrowsAsync<IOException>(() => TcpListening.OpenAsync(There, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0), _ => null, TimeProvider.System));
    }

    [Fact]
    public async Task Receiving_that_is_given_up_loses_nothing()
    {
        var (ours, theirs) = await PairAsync();
        var buffer = new byte[10];
        using var given = new CancellationTokenSource();
        var receiving = ours.ReceiveAsync(buffer, given.Token);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);

        await theirs.SendAsync("late"u8.ToArray());
        Assert.Equal(1, await ours.ReceiveAsync(buffer.AsMemory(0, 1), default));
        // It is too late, and what is there comes all the same.
        Assert.Equal(3, await ours.ReceiveAsync(buffer, given.Token));
        Assert.Equal("ate"u8.ToArray(), buffer[..3]);
        await ours.CloseAsync();
        theirs.Dispose();
    }

    [Fact]
    public async Task Who_waits_for_what_is_closed_is_told()
    {
        var (ours, theirs) = await PairAsync();
        var receiving = ours.ReceiveAsync(new byte[10], default);
        await ours.CloseAsync();
        await Assert.ThrowsAsync<IOException>(() => receiving);
        await Assert.ThrowsAsync<IOException>(() => ours.ReceiveAsync(new byte[10], default));
        await ours.LookAsync();
        await ours.CloseAsync(reset: true);
        theirs.Dispose();

        var listening = await TcpListening.OpenAsync(There, new IPEndPoint(IPAddress.Loopback, 0), _ => null, TimeProvider.System);
        var accepting = listening.AcceptAsync(default);
        await listening.CloseAsync();
        await Assert.ThrowsAsync<IOException>(() => accepting);
    }

    [Fact]
    public async Task Many_connections_at_once_are_each_served_and_none_is_left_open()
    {
        const int Many = 100;
        var listening = await TcpListening.OpenAsync(There, new IPEndPoint(IPAddress.Loopback, 0), _ => null, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var accepting = AcceptAsync();
        await Task.WhenAll(Enumerable.Range(0, Many).Select(async i =>
        {
            using var theirs = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await theirs.ConnectAsync(listening.At);
            await theirs.SendAsync(new[] { (byte)i });
            Assert.Equal([(byte)i], await ReadAsync(theirs, 1));
            // Its end comes only when ours has closed it.
            theirs.Shutdown(SocketShutdown.Send);
            Assert.Empty(await ReadAsync(theirs, 1));
        }));
        await stop.CancelAsync();
        await accepting;
        await listening.CloseAsync();

        async Task AcceptAsync()
        {
            var open = new List<Task>();
            try
            {
                while (true) open.Add(EchoAsync(await listening.AcceptAsync(stop.Token)));
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(Many, open.Count);
                await Task.WhenAll(open);
            }
        }

        static async Task EchoAsync(TcpConnection connection)
        {
            var buffer = new byte[10];
            while (await connection.ReceiveAsync(buffer, default) is > 0 and var n) Assert.True(connection.TrySend(buffer.AsSpan(0, n)));
            await connection.CloseAsync();
        }
    }
}
