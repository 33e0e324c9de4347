using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Oops.Core;
using Oops.Sources.Dnstap;
using Xunit;

namespace Oops.Tests.Sources.Dnstap;

public sealed class DnstapTlsTests : IAsyncDisposable
{
    readonly DnstapRig rig = new();
    readonly X509Certificate2 authority = Authority("authority");
    readonly X509Certificate2 stranger = Authority("stranger");

    public ValueTask DisposeAsync() => rig.DisposeAsync();

    [Fact]
    public async Task A_server_with_a_certificate_of_the_authority_is_heard()
    {
        await ListenAsync();
        using var secure = await DialAsync(Signed(authority, "ns1"));
        await DnstapRig.ShakeAsync(secure);
        await secure.WriteAsync(Frames.Of("unbound"));
        await rig.UntilAsync("it is heard", () => rig.Source.Counts.Totals.Queries == 7);
    }

    [Fact]
    public async Task A_server_without_one_or_with_one_of_another_authority_is_not()
    {
        await ListenAsync();
        foreach (var own in new[] { null, Signed(stranger, "ns1") })
        {
            var before = rig.Source.Counts[ConnectionEnd.NoTls];
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                using var secure = await DialAsync(own);
                await DnstapRig.ShakeAsync(secure);
            });
            await rig.UntilAsync("it is counted", () => rig.Source.Counts[ConnectionEnd.NoTls] == before + 1);
        }

        Assert.Contains("no certificate of the authority", rig.Engine.Next<ChannelLost>(l => l.Why.Contains("TLS", StringComparison.Ordinal)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_octets_are_no_TLS()
    {
        await ListenAsync();
        using var server = await rig.DialAsync();
        await server.SendAsync(Frames.Control(Oops.Wire.Dnstap.ControlType.Ready, withDnstap: true));
        await DnstapRig.RestAsync(server);
        await rig.UntilAsync("it is counted", () => rig.Source.Counts[ConnectionEnd.NoTls] == 1);
    }

    [Theory]
    [InlineData("own.pem", "no PEM certificate")]
    [InlineData("ca.pem", "no PEM certificate")]
    public async Task A_file_that_is_no_certificate_is_said_and_tried_again(string broken, string why)
    {
        Write();
        var good = await File.ReadAllTextAsync(rig.File(broken));
        await File.WriteAllTextAsync(rig.File(broken), "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
        rig.Start(Target());
        Assert.Contains(why, rig.Engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
        await File.WriteAllTextAsync(rig.File(broken), good);
        await rig.UntilAsync("it listens", () => rig.Source.Listening is not null);
    }

    [Fact]
    public async Task A_key_file_that_is_not_there_is_said()
    {
        Write();
        File.Delete(rig.File("own.key"));
        rig.Start(Target());
        Assert.Contains("no such file", rig.Engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
        await rig.EndAsync();
    }

    DnstapTarget Target() => rig.Target with { Path = null, Address = new IPEndPoint(IPAddress.Loopback, 0), Keys = new(rig.File("own.pem"), rig.File("own.key"), rig.File("ca.pem")) };

    async Task ListenAsync()
    {
        Write();
        await rig.ListeningAsync(Target());
    }

    void Write()
    {
        using var own = Signed(authority, "oops");
        File.WriteAllText(rig.File("own.pem"), own.ExportCertificatePem());
        File.WriteAllText(rig.File("own.key"), own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(rig.File("ca.pem"), authority.ExportCertificatePem());
    }

    async Task<SslStream> DialAsync(X509Certificate2? own)
    {
        var secure = new SslStream(new NetworkStream(await rig.DialAsync(), ownsSocket: true));
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "oops",
            ClientCertificates = own is null ? null : [own],
            LocalCertificateSelectionCallback = (_, _, _, _, _) => own!,
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { authority } },
        });
        return secure;
    }

    static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    static X509Certificate2 Signed(X509Certificate2 by, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(by, DateTimeOffset.UtcNow.AddHours(-12), DateTimeOffset.UtcNow.AddHours(12), RandomNumberGenerator.GetBytes(8));
        using var whole = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
