using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Oops.Actions.Syslog;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Oops.Tests.Actions.Webhook;
using Oops.Wire.Syslog;
using Xunit;

namespace Oops.Tests.Actions.Syslog;

/// <summary>Receivers, and what they can do to who sends.</summary>
public sealed class SyslogActionTests : IDisposable
{
    readonly TcpListener first = new(IPAddress.Loopback, 0), second = new(IPAddress.Loopback, 0);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public SyslogActionTests()
    {
        first.Start();
        second.Start();
    }

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }

    static Oops.Config.Endpoint At(TcpListener listener) => new(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndpoint).Port);

    SyslogConfig Config => new() { Name = "siem", To = [At(first), At(second)], Transport = SyslogTransport.Tcp, Timeout = TimeSpan.FromSeconds(20) };

    static SyslogAction New(SyslogConfig config) =>
        (SyslogAction)config.Create(ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", "mode: act\nsite: ams1\nservers: { ns1: { kind: other } }\n")).Config!);

    static Task<Outcome> SendAsync(SyslogAction action, string because = "b") => action.ApplyAsync(CloudEventsTests.Reaction with { Because = "keys-changed " + because }, Stop).AsTask();

    static async Task<string> NextAsync(Stream stream)
    {
        var (octet, length) = (new byte[1], 0);
        while (await stream.ReadAsync(octet, Stop) == 1 && octet[0] != ' ')
            length = (length * 10) + octet[0] - '0';
        var message = new byte[length];
        await stream.ReadExactlyAsync(message, Stop);
        return Encoding.UTF8.GetString(message);
    }

    [Fact]
    public async Task A_connection_is_kept_and_the_first_receiver_that_is_there_gets_all()
    {
        using var action = New(Config);
        var sent = SendAsync(action, "one");
        using var there = await first.AcceptTcpClientAsync(Stop);
        Assert.Equal(new Done($"to 127.0.0.1:{At(first).Port}"), await sent);
        Assert.IsType<Done>(await SendAsync(action, "two"));
        Assert.EndsWith(" one", await NextAsync(there.GetStream()), StringComparison.Ordinal);
        Assert.EndsWith(" two", await NextAsync(there.GetStream()), StringComparison.Ordinal);
        Assert.False(first.Pending() || second.Pending());
    }

    [Fact]
    public async Task Where_the_first_has_gone_the_next_one_gets_it_and_nothing_is_written_into_the_dead_connection()
    {
        using var action = New(Config);
        var sent = SendAsync(action, "one");
        using (var there = await first.AcceptTcpClientAsync(Stop))
        {
            await sent;
            await NextAsync(there.GetStream());
            first.Stop();
        }

        // That it has closed is heard by who reads, whenever that is.
        while (!second.Pending())
            Assert.IsType<Done>(await SendAsync(action, "two"));
        using var next = await second.AcceptTcpClientAsync(Stop);
        Assert.EndsWith(" two", await NextAsync(next.GetStream()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_is_there_it_is_tried_again_and_each_is_named()
    {
        first.Stop();
        second.Stop();
        using var action = New(Config with { To = [new(IPAddress.Loopback, 1), new(IPAddress.IPv6Loopback, 1)] });
        Assert.Equal("127.0.0.1:1: connection refused; [::1]:1: connection refused", Assert.IsType<Retry>(await SendAsync(action)).Why);
    }

    [Fact]
    public async Task A_receiver_that_reads_nothing_holds_us_for_the_timeout_and_no_longer()
    {
        using var action = New(Config with { To = [At(first)], Timeout = TimeSpan.FromMilliseconds(300) });
        var outcome = await SendAsync(action, new string('x', 9000));
        using var there = await first.AcceptTcpClientAsync(Stop);
        for (var i = 0; i < 5000 && outcome is Done; i++)
            outcome = await SendAsync(action, new string('x', 9000));
        Assert.EndsWith("no answer within 300ms", Assert.IsType<Retry>(outcome).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_TLS_the_receiver_proves_who_it_is()
    {
        using var certificate = Certificate();
        var pin = TlsPin.Of(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        foreach (var (pins, fits) in new[] { (pin, true), (TlsPin.Of(new byte[32]), false) })
        {
            using var action = New(Config with { To = [At(first)], Transport = SyslogTransport.Tls, Tls = new() { Pins = [pins] } });
            var sent = SendAsync(action, "one");
            using var there = await first.AcceptTcpClientAsync(Stop);
            await using var tls = new SslStream(there.GetStream());
            var greeted = tls.AuthenticateAsServerAsync(certificate);
            if (fits)
            {
                await greeted;
                Assert.EndsWith(" one", await NextAsync(tls), StringComparison.Ordinal);
                Assert.IsType<Done>(await sent);
            }
            else
            {
                Assert.Contains($"the certificate is of another key: pin sha256/{pin}", Assert.IsType<Retry>(await sent).Why, StringComparison.Ordinal);
                await greeted.ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }
    }

    [Fact]
    public async Task A_datagram_is_one_message()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var action = New(Config with { To = [new(IPAddress.Loopback, ((IPEndPoint)socket.LocalEndPoint!).Port)], Transport = SyslogTransport.Udp });
        Assert.IsType<Done>(await SendAsync(action, new string('x', 5000)));
        var buffer = new byte[10000];
        var got = await socket.ReceiveAsync(buffer, Stop);
        Assert.Equal(SyslogMessage.LongestDatagram, got);
        Assert.StartsWith("<30>1 2026-01-02T03:04:05.678000Z ", Encoding.UTF8.GetString(buffer, 0, got), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_carries_routes_is_refused()
    {
        using var action = New(Config);
        Assert.IsType<Failed>(await action.ApplyAsync(new RouterIntent("siem", 1, "b", []), Stop));
    }

    static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=log.test", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }
}
