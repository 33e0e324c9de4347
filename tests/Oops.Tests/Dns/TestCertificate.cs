using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Oops.Dns;

namespace Oops.Tests.Dns;

/// <summary>A certificate that is issued by nobody but itself, for our listeners.</summary>
internal static class TestCertificate
{
    public static TlsFiles Write(string folder, string name)
    {
        var files = new TlsFiles(Path.Combine(folder, "chain.pem"), Path.Combine(folder, "key.pem"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        File.WriteAllText(files.Chain, certificate.ExportCertificatePem());
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        return files;
    }
}
