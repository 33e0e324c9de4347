using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Oops.Config;
using Oops.Dns;
using Oops.Tests.Wire.Dns;
using Oops.Wire.Dns;
using Oops.Zones;
using Xunit;

namespace Oops.Tests.Zones;

public sealed class TransferTlsTests : IAsyncDisposable
{
    static readonly byte[] Secret = Encoding.ASCII.GetBytes("sixteen-octets-k");

    readonly FakePrimary primary = new();
    readonly string folder = Directory.CreateTempSubdirectory("oops-xot").FullName;

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public TransferTlsTests() => primary.Serve = (query, wire) => wire.SendAsync(New(query).Soa(5).Ptr("a.zones.cat.test", "a").Soa(5).Bytes());

    public async ValueTask DisposeAsync()
    {
        await primary.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_zone_comes_over_TLS_from_who_has_the_key()
    {
        var shown = Show(SelfSigned("anything.test"));
        var result = await RunAsync(new() { Pins = [PinOf("other"), PinOf(shown)] });
        Assert.Equal((TransferOutcome.Full, 3, null), (result.Outcome, result.Records, result.Why));
    }

    [Fact]
    public async Task Another_key_is_refused_and_named()
    {
        var shown = Show(SelfSigned("anything.test"));
        Fails(await RunAsync(new() { Pins = [PinOf("other")] }), TransferOutcome.Untrusted, $"the certificate is of another key: pin sha256/{PinOf(shown)}");
        Assert.Empty(primary.Asked);
    }

    [Fact]
    public async Task With_a_pin_neither_the_name_nor_the_dates_count()
    {
        var shown = Show(SelfSigned("anything.test", Now.AddYears(-2), Now.AddYears(-1)));
        Assert.Equal(TransferOutcome.Full, (await RunAsync(new() { Pins = [PinOf(shown)] })).Outcome);
    }

    [Fact]
    public async Task The_key_of_an_authority_behind_another_certificate_proves_nothing()
    {
        using var authority = SelfSigned("authority.test");
        using var leaf = SelfSigned("attacker.test");
        primary.Tls = Options(SslStreamCertificateContext.Create(leaf, [authority], offline: true));
        Assert.Equal(TransferOutcome.Untrusted, (await RunAsync(new() { Pins = [PinOf(authority)] })).Outcome);
    }

    [Fact]
    public async Task A_name_that_an_authority_vouches_for_is_enough()
    {
        var shown = Show(SelfSigned("ns1.test"));
        Assert.Equal(TransferOutcome.Full, (await RunAsync(new() { Name = "ns1.test", Ca = Pem(shown) })).Outcome);
        Assert.Equal(TransferOutcome.Full, (await RunAsync(new() { Name = "ns1.test", Ca = Pem(shown), Pins = [PinOf(shown)] })).Outcome);
        Assert.Equal(TransferOutcome.Untrusted, (await RunAsync(new() { Name = "ns1.test", Ca = Pem(shown), Pins = [PinOf("other")] })).Outcome);
    }

    [Fact]
    public async Task Another_name_another_authority_and_another_time_are_refused_and_named()
    {
        var shown = Show(SelfSigned("ns1.test"));
        Fails(await RunAsync(new() { Name = "ns2.test", Ca = Pem(shown) }), TransferOutcome.Untrusted, "the certificate is not for ns2.test (CN=ns1.test)");
        Fails(await RunAsync(new() { Name = "ns1.test" }), TransferOutcome.Untrusted, "no authority that the system trusts vouches for the certificate");
        using var other = SelfSigned("other.test");
        var ca = Pem(other);
        Fails(await RunAsync(new() { Name = "ns1.test", Ca = ca }), TransferOutcome.Untrusted, $"no authority in {ca} vouches for the certificate");
        var old = Show(SelfSigned("ns1.test", new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2021, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        Fails(await RunAsync(new() { Name = "ns1.test", Ca = Pem(old) }), TransferOutcome.Untrusted, "the certificate expired at 2021-01-01 00:00:00Z");
        var early = Show(SelfSigned("ns1.test", new(2220, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2221, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        Fails(await RunAsync(new() { Name = "ns1.test", Ca = Pem(early) }), TransferOutcome.Untrusted, "the certificate is not valid before 2220-01-01 00:00:00Z");
        Assert.Empty(primary.Asked);
    }

    [Fact]
    public async Task A_hostile_name_does_not_reach_the_terminal()
    {
        var shown = Show(SelfSigned("\u001b[2Jbad\u202e"));
        var result = await RunAsync(new() { Name = "ns1.test", Ca = Pem(shown) });
        Assert.Equal(TransferOutcome.Untrusted, result.Outcome);
        Assert.All(result.Why!, c => Assert.InRange(c, ' ', '~'));
    }

    [Fact]
    public async Task TLS_1_2_is_refused()
    {
        var shown = SelfSigned("anything.test");
        Show(shown);
        primary.Tls!.EnabledSslProtocols = SslProtocols.Tls12;
        Fails(await RunAsync(new() { Pins = [PinOf(shown)] }), TransferOutcome.Unreachable, "TLS: it does not speak TLS 1.3");
    }

    [Fact]
    public async Task Another_protocol_within_is_refused()
    {
        var shown = Show(SelfSigned("anything.test"));
        primary.Tls!.ApplicationProtocols = [new("http/1.1")];
        Fails(await RunAsync(new() { Pins = [PinOf(shown)] }), TransferOutcome.Unreachable, "TLS: it does not offer DNS (ALPN dot)");
    }

    [Fact]
    public async Task Plain_TCP_at_the_port_is_told()
    {
        primary.Banner = "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray();
        Fails(await RunAsync(new() { Pins = [PinOf("any")] }), TransferOutcome.Unreachable, "TLS: what answers there is not TLS");
        primary.Banner = [];
        Assert.StartsWith("TLS: connection ", (await RunAsync(new() { Pins = [PinOf("any")] })).Why, StringComparison.Ordinal);
        // What speaks DNS over TCP takes the hello for the length of a question.
        primary.Banner = null;
        Fails(await RunAsync(new() { Pins = [PinOf("any")] }, idle: 300), TransferOutcome.Unreachable, "TLS: no end of the handshake within 300ms");
    }

    [Fact]
    public async Task A_handshake_without_an_end_is_bounded()
    {
        primary.Hangs = true;
        Fails(await RunAsync(new() { Pins = [PinOf("any")] }, idle: 300), TransferOutcome.Unreachable, "TLS: no end of the handshake within 300ms");
    }

    [Fact]
    public async Task Our_certificate_is_shown_to_who_asks_for_it()
    {
        using var ours = SelfSigned("oops.test");
        var shown = Show(SelfSigned("anything.test"));
        primary.Tls!.ClientCertificateRequired = true;
        var told = "";
        primary.Tls.RemoteCertificateValidationCallback = (_, given, _, _) => (told = given?.Subject ?? "") == "CN=oops.test";
        var key = Path.Combine(folder, "ours.key");
        File.WriteAllText(key, ours.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        Assert.Equal(TransferOutcome.Full, (await RunAsync(new() { Pins = [PinOf(shown)], Certificate = Pem(ours), Key = key })).Outcome);
        Assert.Equal("CN=oops.test", told);
        Assert.False((await RunAsync(new() { Pins = [PinOf(shown)] })).Ok);
    }

    [Fact]
    public async Task A_file_that_is_not_there_or_is_something_else_is_named()
    {
        Fails(await RunAsync(new() { Name = "ns1.test", Ca = "/nowhere/ca.pem" }), TransferOutcome.Untrusted, "/nowhere/ca.pem: no such file");
        var file = Path.Combine(folder, "empty");
        File.WriteAllText(file, "nothing");
        Fails(await RunAsync(new() { Name = "ns1.test", Ca = file }), TransferOutcome.Untrusted, $"{file} holds no certificate in PEM");
    }

    [Fact]
    public async Task A_stream_is_signed_over_TLS_too_and_may_be_cut()
    {
        var shown = Show(SelfSigned("anything.test"));
        var key = new TsigKey(DnsNameTests.Name("k-sha256"), TsigAlgorithm.HmacSha256, Secret);
        primary.Serve = async (query, wire) =>
        {
            var stream = new SignedStream(SignedStream.MacOf(query), Secret);
            await wire.SendAsync(stream.Signed(New(query).Soa(5).Bytes(), Now.ToUnixTimeSeconds()));
            await wire.SendAsync(stream.Signed(New(query).Soa(5).Bytes(), Now.ToUnixTimeSeconds()));
        };
        Assert.Equal(TransferOutcome.Full, (await RunAsync(new() { Pins = [PinOf(shown)] }, key)).Outcome);
        primary.Serve = (query, wire) => wire.SendAsync(New(query).Soa(5).Bytes());
        Fails(await RunAsync(new() { Pins = [PinOf(shown)] }), TransferOutcome.Cut, "connection closed after 1 records");
        primary.Serve = async (query, wire) =>
        {
            await wire.SendAsync(New(query).Soa(5).Bytes());
            wire.Reset();
        };
        Assert.Equal(TransferOutcome.Cut, (await RunAsync(new() { Pins = [PinOf(shown)] })).Outcome);
    }

    [Theory]
    [InlineData("0DnJXvUe8bxhEZmjVYdfWd1AqHlRqZNRC5xtIeYT1RU=", true)]
    [InlineData("sha256/0DnJXvUe8bxhEZmjVYdfWd1AqHlRqZNRC5xtIeYT1RU=", true)]
    [InlineData("0DnJXvUe8bxhEZmjVYdfWd1AqHlRqZNRC5xtIeYT1R==", false)]
    [InlineData("0DnJXvUe8bxhEZmjVYdfWd1AqHlRqZNRC5xtIeYT1RU", false)]
    [InlineData("d039c95ef51ef1bc611199a355875f59dd40a87951a993510b9c6d21e613d515", false)]
    public void A_pin_is_the_base64_of_a_SHA_256(string text, bool good) => Assert.Equal(good, TlsPin.Parse(text, out _) is not null);

    X509Certificate2 Show(X509Certificate2 certificate)
    {
        primary.Tls = Options(SslStreamCertificateContext.Create(certificate, null, offline: true));
        return certificate;
    }

    static SslServerAuthenticationOptions Options(SslStreamCertificateContext context) => new() { ServerCertificateContext = context, ApplicationProtocols = [new("dot")] };

    string Pem(X509Certificate2 certificate)
    {
        var file = Path.Combine(folder, Path.GetRandomFileName());
        File.WriteAllText(file, certificate.ExportCertificatePem());
        return file;
    }

    static TlsPin PinOf(X509Certificate2 certificate) => TlsPin.Of(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    static TlsPin PinOf(string other) => TlsPin.Of(SHA256.HashData(Encoding.ASCII.GetBytes(other)));

    static X509Certificate2 SelfSigned(string name, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName($"CN=\"{name}\""), key, HashAlgorithmName.SHA256);
        if (name.All(char.IsAscii) && !name.Any(char.IsControl))
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
        }

        return request.CreateSelfSigned(from ?? Now.AddHours(-1), until ?? Now.AddHours(1));
    }

    static TransferMessage New(byte[] query) => new(FakePrimary.IdOf(query), "cat.test", FakePrimary.TypeOf(query));

    static void Fails(TransferResult result, TransferOutcome outcome, string why) => Assert.Equal((outcome, why), (result.Outcome, result.Why));

    Task<TransferResult> RunAsync(TlsProof proof, TsigKey? key = null, int idle = 5000) =>
        new ZoneTransfer(TimeProvider.System).RunAsync(
            new() { Server = primary.Address, Zone = DnsNameTests.Name("cat.test"), Key = key, Tls = proof, Limits = new() { Idle = TimeSpan.FromMilliseconds(idle) } }, new Transferred(), TestContext.Current.CancellationToken);
}
