using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Oops.Dns;
using Oops.Tests.Native;
using Oops.Tests.Sources.Notify;
using Xunit;

namespace Oops.Tests.Dns;

public sealed class TlsCallerTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly TlsFiles files;

    public TlsCallerTests() => files = Write("first.test");

    DnsListenerOptions Options => new() { Addresses = [], TlsAddresses = [new(IPAddress.Loopback, 0)], Tls = files };

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Requests_are_answered_and_the_handler_knows_how_they_came(SslProtocols version)
    {
        var over = new List<Peer>();
        await using var rig = new ListenerRig(Options, (request, response, in peer) =>
        {
            lock (over) over.Add(peer);
            return request.Length == 3 ? 0 : ListenerRig.Echo(request, response, peer);
        });
        await using var tls = await ConnectAsync(rig, version);
        Assert.Equal("dot", tls.NegotiatedApplicationProtocol.ToString());
        // Two in one write, one without a response, one in two parts.
        await tls.WriteAsync(new byte[] { 0, 1, 7, 0, 2, 8, 9, 0, 3, 1, 1, 1, 0 });
        Assert.Equal([0, 1, 7, 0, 2, 8, 9], await ReadAsync(tls, 7));
        await tls.WriteAsync(new byte[] { 4, 1, 2, 3, 4 });
        Assert.Equal([0, 4, 1, 2, 3, 4], await ReadAsync(tls, 6));
        Assert.All(over, p => Assert.Equal((Transport.Tls, PeerAddress.From(IPAddress.Loopback), rig.Listener.TlsAddresses[0]), (p.Over, p.Address, p.Local)));
        Assert.Equal(4, rig.Listener.Counts.Tls.Requests);
        Assert.Equal(0, rig.Listener.Counts.TcpAccepted);
    }

    [Fact]
    public async Task Long_requests_and_many_answers_that_are_read_late_come_whole()
    {
        await using var rig = new ListenerRig(Options, (request, response, in peer) =>
        {
            response[..4000].Fill(request[^1]);
            return 4000;
        });
        await using var tls = await ConnectAsync(rig);
        var longest = new byte[2 + 65_535];
        longest[0] = longest[1] = 255;
        longest[^1] = 3;
        await tls.WriteAsync(longest);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 2000; i++) await tls.WriteAsync(new byte[] { 0, 1, 3 });
        });
        var all = await ReadAsync(tls, 2001 * 4002);
        await writing;
        Assert.Equal(2001 * 4002, all.Length);
        Assert.Equal(2001 * 4000, all.Count(b => b == 3));
    }

    [Fact]
    public async Task Plain_text_ends_that_connection_only()
    {
        await using var rig = new ListenerRig(Options, ListenerRig.Echo);
        await using var good = await ConnectAsync(rig);
        foreach (var garbage in new byte[][] { [0, 1, 5], "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), [22, 3, 1, 255, 255, .. new byte[300]], [128, 46, 1, 3, 1, 0, 0, 0, 0], [22, 3, 3, 0, 4, 1, 0, 0, 0] })
        {
            var socket = await rig.ConnectAsync(SocketType.Stream, to: rig.Listener.TlsAddresses[0]);
            await socket.SendAsync(garbage);
            socket.Shutdown(SocketShutdown.Send);
            await ListenerRig.ClosedAsync(socket);
            await AskAsync(good);
        }

        await ListenerRig.UntilAsync(() => rig.Listener.Counts.Tls.Ungreeted == 5);
        Assert.False(rig.Running.IsCompleted);
    }

    [Fact]
    public async Task Garbage_within_a_connection_ends_it_and_a_reset_does_no_harm()
    {
        await using var rig = new ListenerRig(Options, ListenerRig.Echo);
        await using var good = await ConnectAsync(rig);
        var socket = await rig.ConnectAsync(SocketType.Stream, to: rig.Listener.TlsAddresses[0]);
        await using var broken = await HandshakeAsync(socket);
        await AskAsync(broken);
        await socket.SendAsync(new byte[] { 23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 });
        await ListenerRig.ClosedAsync(socket);
        var reset = await rig.ConnectAsync(SocketType.Stream, to: rig.Listener.TlsAddresses[0]);
        await using var hasty = await HandshakeAsync(reset);
        await hasty.WriteAsync(new byte[] { 0, 9, 1 });
        reset.LingerState = new LingerOption(true, 0);
        reset.Close();
        await AskAsync(good);
    }

    [Fact]
    public async Task A_handshake_that_hangs_is_closed_and_keeps_nobody_waiting()
    {
        await using var rig = new ListenerRig(Options with { HandshakeTime = TimeSpan.FromSeconds(1) }, ListenerRig.Echo);
        var silent = await rig.ConnectAsync(SocketType.Stream, to: rig.Listener.TlsAddresses[0]);
        var begins = await rig.ConnectAsync(SocketType.Stream, to: rig.Listener.TlsAddresses[0]);
        await begins.SendAsync(new byte[] { 22, 3, 1, 1 });
        await using var good = await ConnectAsync(rig);
        await AskAsync(good);
        await ListenerRig.ClosedAsync(silent);
        await ListenerRig.ClosedAsync(begins);
        await AskAsync(good); // the idle time is another
        Assert.Equal((2, 2), (rig.Listener.Counts.Tls.Closed, rig.Listener.Counts.Tls.Ungreeted));
    }

    [Fact]
    public async Task Of_too_many_handshakes_the_oldest_makes_room()
    {
        await using var rig = new ListenerRig(Options with { Handshakes = 3, HandshakeTime = TimeSpan.FromMinutes(5) }, ListenerRig.Echo);
        var hanging = new List<Socket>();
        for (var i = 0; i < 3; i++) hanging.Add(await rig.ConnectAsync(SocketType.Stream, to: rig.Listener.TlsAddresses[0]));
        await ListenerRig.UntilAsync(() => rig.Listener.Counts.Tls.Accepted == 3);
        await using var good = await ConnectAsync(rig);
        await AskAsync(good);
        await ListenerRig.ClosedAsync(hanging[0]);
        Assert.Equal(1, rig.Listener.Counts.Tls.Closed);
    }

    [Fact]
    public async Task A_quiet_connection_is_closed_and_so_is_one_that_makes_room()
    {
        await using var rig = new ListenerRig(Options with { TlsConnections = 2, Idle = TimeSpan.FromSeconds(2) }, ListenerRig.Echo);
        await using var first = await ConnectAsync(rig);
        await AskAsync(first);
        await using var second = await ConnectAsync(rig);
        await AskAsync(second);
        await using var third = await ConnectAsync(rig);
        await AskAsync(third);
        Assert.Empty(await ReadAsync(first, 1));
        Assert.Empty(await ReadAsync(second, 1));
        Assert.Empty(await ReadAsync(third, 1));
        Assert.Equal(3, rig.Listener.Counts.Tls.Closed);
    }

    [Fact]
    public async Task It_stops_with_connections_and_handshakes_open()
    {
        await using var rig = new ListenerRig(Options, ListenerRig.Echo);
        await using var good = await ConnectAsync(rig);
        await AskAsync(good);
        await rig.ConnectAsync(SocketType.Stream, to: rig.Listener.TlsAddresses[0]);
        await ListenerRig.UntilAsync(() => rig.Listener.Counts.Tls.Accepted == 2);
        await rig.StopAsync();
    }

    [Fact]
    public async Task A_fault_of_the_handler_ends_the_listener_loudly()
    {
        await using var rig = new ListenerRig(Options, (_, _, in _) => throw new InvalidOperationException("a bug"));
        await using var tls = await ConnectAsync(rig);
        await tls.WriteAsync(new byte[] { 0, 1, 1 });
        Assert.Equal("a bug", (await Assert.ThrowsAsync<InvalidOperationException>(() => rig.Running.WaitAsync(TimeSpan.FromSeconds(10)))).Message);
    }

    [Fact]
    public async Task A_new_certificate_is_shown_without_a_reload_and_half_of_one_is_not()
    {
        var time = new SteppedTime();
        await using var rig = new ListenerRig(Options with { Idle = TimeSpan.FromHours(1), HandshakeTime = TimeSpan.FromHours(1) }, ListenerRig.Echo, time);
        var before = File.ReadAllText(files.Key);
        Write("second.test");
        var after = File.ReadAllText(files.Key);
        File.WriteAllText(files.Key, before);
        Assert.Equal("CN=first.test", await ShownAsync(rig)); // not looked at yet
        time.Step(TimeSpan.FromSeconds(11));
        Assert.Equal("CN=first.test", await ShownAsync(rig));
        Assert.Equal($"{files.Chain} and {files.Key} are not a certificate and its key in PEM", rig.Listener.Certificate!.Problem);
        File.WriteAllText(files.Key, after);
        time.Step(TimeSpan.FromSeconds(11));
        Assert.Equal("CN=second.test", await ShownAsync(rig));
        Assert.Null(rig.Listener.Certificate.Problem);
        File.Delete(files.Chain);
        time.Step(TimeSpan.FromSeconds(11));
        Assert.Equal("CN=second.test", await ShownAsync(rig));
        Assert.Equal($"cannot read {files.Chain}: no such file", rig.Listener.Certificate.Problem);
    }

    [Fact]
    public void Without_a_usable_certificate_nothing_is_bound()
    {
        Assert.False(DnsListener.TryBind(Options with { Tls = files with { Key = "/none" } }, TimeProvider.System, out _, out var error));
        Assert.Equal("cannot read /none: no such file", error);
        var chain = File.ReadAllText(files.Chain);
        Write("second.test");
        File.WriteAllText(files.Chain, chain);
        Assert.False(DnsListener.TryBind(Options, TimeProvider.System, out _, out error));
        Assert.Equal($"{files.Chain} and {files.Key} are not a certificate and its key in PEM", error);
    }

    static async Task<SslStream> ConnectAsync(ListenerRig rig, SslProtocols version = SslProtocols.None) =>
        await HandshakeAsync(await rig.ConnectAsync(SocketType.Stream, to: rig.Listener.TlsAddresses[0]), version);

    static async Task<SslStream> HandshakeAsync(Socket socket, SslProtocols version = SslProtocols.None)
    {
        var tls = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "any.test", EnabledSslProtocols = version, ApplicationProtocols = [new("dot")] });
        return tls;
    }

    static async Task<string> ShownAsync(ListenerRig rig)
    {
        await using var tls = await ConnectAsync(rig);
        await AskAsync(tls);
        return tls.RemoteCertificate!.Subject;
    }

    static async Task AskAsync(SslStream tls)
    {
        await tls.WriteAsync(new byte[] { 0, 1, 5 });
        Assert.Equal([0, 1, 5], await ReadAsync(tls, 3));
    }

    /// <summary>As many octets as that, fewer where the other side closes before.</summary>
    static async Task<byte[]> ReadAsync(SslStream tls, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var buffer = new byte[count];
        var have = 0;
        try
        {
            while (have < count && await tls.ReadAsync(buffer.AsMemory(have), limit.Token) is > 0 and var n) have += n;
        }
        catch (IOException)
        {
            // Reset, or ended without a close_notify.
        }

        return buffer[..have];
    }

    TlsFiles Write(string name) => TestCertificate.Write(folder.Path, name);
}
