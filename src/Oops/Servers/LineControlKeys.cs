using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Oops.Servers;

/// <summary>
/// The certificates of a control socket over TLS, as nsd-control-setup and unbound-control-setup make them: ours with its key, and the server's, which is the authority of both.
/// Read when first needed, and again after a failure: they may have been renewed.
/// </summary>
/// <param name="serverCert">Path of the server's certificate, or of the authority's that issued it.</param>
/// <param name="key">Path of our key.</param>
/// <param name="cert">Path of our certificate.</param>
internal sealed class LineControlKeys(string serverCert, string key, string cert)
{
    readonly Lock gate = new();
    (X509Certificate2 Ours, X509Certificate2Collection Trusted)? loaded;

    /// <summary>The options of a session, or why there are none.</summary>
    public (SslClientAuthenticationOptions? Options, string Why) Load()
    {
        lock (gate)
        {
            try
            {
                if (loaded is null)
                {
                    var trusted = new X509Certificate2Collection();
                    trusted.ImportFromPemFile(serverCert);
                    if (trusted.Count == 0) return (null, $"{serverCert} holds no certificate");
                    loaded = (X509Certificate2.CreateFromPemFile(cert, key), trusted);
                }
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
            {
                return (null, $"{serverCert}, {key}, {cert}: {e.Message}");
            }

            var (ours, roots) = loaded.Value;
            return (new SslClientAuthenticationOptions
            {
                TargetHost = "control",
                ClientCertificates = [ours],
                // The server asks for ours by the name of an authority that it need not share.
                LocalCertificateSelectionCallback = (_, _, _, _, _) => ours,
                RemoteCertificateValidationCallback = (_, given, _, _) => given is not null && Authority.Vouches(roots, given),
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                // Unbound 1.17.1 refuses a session that is resumed: it sets no context for its id.
                AllowTlsResume = false,
            }, "");
        }
    }

    /// <summary>They did not fit: read anew the next time.</summary>
    public void Forget()
    {
        lock (gate) loaded = null;
    }
}
