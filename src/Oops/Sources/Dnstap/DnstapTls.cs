using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Oops.Native;

namespace Oops.Sources.Dnstap;

/// <summary>Our side of TLS.</summary>
internal static class DnstapTls
{
    /// <summary>The options, from files as they are now; or null with the reason.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The certificates live as long as the options.")]
    public static SslServerAuthenticationOptions? Read(DnstapKeys keys, out string why)
    {
        var file = keys.Certificate;
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(keys.Certificate, keys.Key);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(keys.Certificate);
            var options = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
                // A connection lasts: there is nothing to resume.
                AllowTlsResume = false,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            };
            why = "";
            if (keys.Authority is not { } authority) return options;
            file = authority;
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(authority);
            if (trusted.Count == 0)
            {
                why = $"{authority}: no certificate in it";
                return null;
            }

            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
            return options;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            why = e is CryptographicException or ArgumentException ? $"{file}: no PEM certificate, or not that of the key {keys.Key}" : $"{file} or {keys.Key}: {Reason.Of(e)}";
            return null;
        }
    }
}
