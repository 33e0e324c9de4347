using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Oops.Actions.Gobgp;
using Oops.Lab.Harness;
using Oops.Routers;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>The ways to a real gobgpd: its socket and who may use it, TLS and whose certificate is believed; without a neighbour that answers.</summary>
public sealed class GobgpAccessLabTests : IAsyncLifetime
{
    static readonly IPNetwork Prefix = IPNetwork.Parse(Harness.Lab.Prefix4);

    Gobgpd gobgpd = null!;

    public ValueTask InitializeAsync()
    {
        LabRequires.Programs("gobgpd", "setpriv");
        gobgpd = new Gobgpd();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        if (gobgpd is not null) await gobgpd.DisposeAsync();
    }

    /// <summary>`oops check --live` with the config of an operator, as somebody who may not pass over permissions, as a plain root may.</summary>
    async Task<(int Code, string Text)> CheckAsync()
    {
        LabRequires.Nothing(OopsDaemon.Binary is null ? "oops is not built: make build" : null);
        var directory = Harness.Lab.FreshDirectory("check");
        var config = Path.Combine(directory, "oops.yaml");
        await File.WriteAllTextAsync(config, $$"""
            mode: observe
            servers: { ns1: { kind: other, address: 127.0.0.1 } }
            sources: { probe: [ { server: ns1, to: [192.0.2.53] } ] }
            actions: { gobgp: [ { name: edge, socket: {{gobgpd.Socket}} } ] }
            routes: { anycast: { prefixes: [{{Prefix}}], via: edge, announce-when: [server-running] } }
            state-directory: {{directory}}/state
            runtime-directory: {{directory}}/run
            """);
        return await OopsDaemon.RunProgramAsync(Harness.Lab.Find("setpriv")!, "--bounding-set=-dac_override,-dac_read_search", OopsDaemon.Binary!, "check", "--live", config);
    }

    [Fact]
    public async Task A_config_finds_gobgpd_and_says_what_is_in_the_way()
    {
        var (code, text) = await CheckAsync();
        Assert.True(code == 1 && text.Contains("FAIL  action edge: gobgp: no socket (gobgpd is not running", StringComparison.Ordinal), text);

        await gobgpd.LaunchAsync();
        (code, text) = await CheckAsync();
        Assert.True(code == 0 && text.Contains($"ok    action edge: read back; the router says: gobgpd, process {gobgpd.Process.Pid}, started ", StringComparison.Ordinal), text);

        File.SetUnixFileMode(gobgpd.Socket, UnixFileMode.UserRead);
        (code, text) = await CheckAsync();
        Assert.True(code == 1 && text.Contains("FAIL  action edge: gobgp: permission denied", StringComparison.Ordinal), text);
    }

    [Fact]
    public async Task Over_TLS_only_the_configured_authority_and_name_are_believed()
    {
        var directory = Harness.Lab.FreshDirectory("tls");
        using var authority = Authority("CN=ours");
        using var stranger = Authority("CN=somebody else");
        var (ca, other) = (Path.Combine(directory, "ca.pem"), Path.Combine(directory, "other.pem"));
        await File.WriteAllTextAsync(ca, authority.ExportCertificatePem());
        await File.WriteAllTextAsync(other, stranger.ExportCertificatePem());
        await WriteServerAsync(authority, directory);
        gobgpd.Hosts = "127.0.0.1:50051";
        gobgpd.More = ["--tls", "--tls-cert-file", Path.Combine(directory, "server.pem"), "--tls-key-file", Path.Combine(directory, "server.key")];
        await gobgpd.LaunchAsync();

        using (var link = Link(new GobgpTls(ca, null, null, "gobgp.example.net")))
        {
            var read = await link.ReadAsync([Prefix], default);
            Assert.Equal((null, "gobgpd as it was first seen"), (read.Why, read.Incarnation));
            Assert.Null(await link.ChangeAsync([new(Prefix, new Look(Med: 7))], default));
            Assert.Equal(new PrefixRead(Prefix, new Look(Med: 7), "no BGP session of this family is up"), Assert.Single((await link.ReadAsync([Prefix], default)).Prefixes));

            // Over TCP nobody tells the process: that nothing is left of what it was told does.
            await gobgpd.Process.EndAsync(LabProcess.KillNow);
            await gobgpd.LaunchAsync();
            Assert.Equal("gobgpd after 1 restarts", (await link.ReadAsync([Prefix], default)).Incarnation);
        }

        Assert.Equal("gobgp: its certificate is not that of the configured authority, at 127.0.0.1:50051", await WhyAsync(new GobgpTls(other, null, null, null)));
        Assert.Equal("gobgp: its certificate is not that of the configured authority, or not that of another.example.net, at 127.0.0.1:50051", await WhyAsync(new GobgpTls(ca, null, null, "another.example.net")));
        Assert.Null(await WhyAsync(new GobgpTls(ca, null, null, null)));
        Assert.Null(await WhyAsync(new GobgpTls(ca, Path.Combine(directory, "server.pem"), Path.Combine(directory, "server.key"), null)));
        Assert.Equal($"gobgp: {directory}/none.pem: no such file", await WhyAsync(new GobgpTls(Path.Combine(directory, "none.pem"), null, null, null)));
        Assert.NotNull(await WhyAsync(null));
    }

    static GobgpLink Link(GobgpTls? tls) => new(new GobgpClient(new GobgpPlace(null, new IPEndPoint(IPAddress.Loopback, 50051)) { Tls = tls }, TimeSpan.FromSeconds(5), TimeProvider.System), new GobgpHops(IPAddress.Any, IPAddress.IPv6Any));

    static async Task<string?> WhyAsync(GobgpTls? tls)
    {
        using var link = Link(tls);
        return (await link.ReadAsync([Prefix], default)).Why;
    }

    static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.Now.AddDays(-1), DateTimeOffset.Now.AddDays(1));
    }

    static async Task WriteServerAsync(X509Certificate2 authority, string directory)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=gobgp", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("gobgp.example.net");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, DateTimeOffset.Now.AddHours(-1), DateTimeOffset.Now.AddHours(1), [1, 2, 3]);
        await File.WriteAllTextAsync(Path.Combine(directory, "server.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(directory, "server.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
