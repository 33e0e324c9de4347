using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Oops.Config;
using Oops.Lab.Harness;

namespace Oops.Lab.Zones;

/// <summary>A real server on 127.0.0.1 that gives one zone over TLS (RFC 9103), by TSIG or without, with a certificate that an authority of the test's issued.</summary>
internal sealed class XotServer(string server, string zone) : IAsyncDisposable
{
    public const int Port = 8853;
    public const string Name = "ns1.lab.test";
    public const string KeyName = "transfer-key";
    public const string Secret = "0jnu3SdsMvzzlmTDPYRceA==";

    LabProcess? process;

    public string Folder { get; } = Harness.Lab.FreshDirectory("xot-" + server);

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    /// <summary>File of the authority.</summary>
    public string Authority => Path.Combine(Folder, "ca.pem");

    /// <summary>File of the key, as BIND and our options take it.</summary>
    public string Keys => Path.Combine(Folder, "keys");

    public TlsPin Pin { get; private set; }

    public async Task StartAsync(string text)
    {
        WriteCertificates();
        await File.WriteAllTextAsync(Keys, $$"""key "{{KeyName}}" { algorithm hmac-sha256; secret "{{Secret}}"; };""");
        await ZoneText.WriteAsync(Path.Combine(Folder, "zone"), text);
        await File.WriteAllTextAsync(Path.Combine(Folder, "conf"), server == "nsd" ? Nsd() : Named());
        process = LabProcess.Start(Path.Combine(Folder, "log"), server == "nsd" ? ["nsd", "-d", "-c", Path.Combine(Folder, "conf")] : ["named", "-g", "-c", Path.Combine(Folder, "conf")]);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    void WriteCertificates()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority of the laboratory", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        request = new CertificateRequest($"CN={Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, now.AddDays(-1), now.AddDays(1), [1, 2, 3, 4]);
        File.WriteAllText(Authority, authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(Folder, "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(Folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        Pin = TlsPin.Of(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    string Nsd() => $"""
        {Harness.Nsd.Head(Folder, null, $"ip-address: 127.0.0.1@{ZoneServer.Port}", $"ip-address: 127.0.0.1@{Port}", $"tls-port: {Port}", $"tls-service-key: \"{Folder}/key.pem\"", $"tls-service-pem: \"{Folder}/cert.pem\"")}
        key:
          name: {KeyName}
          algorithm: hmac-sha256
          secret: "{Secret}"
        zone:
          name: "{zone}"
          zonefile: "{Folder}/zone"
          provide-xfr: 127.0.0.1 NOKEY
          provide-xfr: 127.0.0.1 {KeyName}

        """;

    string Named() => $$"""
        key {{KeyName}} { algorithm hmac-sha256; secret "{{Secret}}"; };
        tls xot { cert-file "{{Folder}}/cert.pem"; key-file "{{Folder}}/key.pem"; };
        options {
            directory "{{Folder}}"; pid-file "{{Folder}}/named.pid"; session-keyfile "{{Folder}}/session.key";
            listen-on port {{ZoneServer.Port}} { 127.0.0.1; }; listen-on port {{Port}} tls xot { 127.0.0.1; }; listen-on-v6 { none; };
            recursion no; dnssec-validation no; notify no;
        };
        controls { };
        zone {{zone}} { type primary; file "{{Folder}}/zone"; allow-transfer { 127.0.0.1; }; };

        """;
}
