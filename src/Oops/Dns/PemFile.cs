using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Oops.Native;

namespace Oops.Dns;

/// <summary>What who begins TLS has in files, in PEM: as they are now, since they may have been renewed.</summary>
internal static class PemFile
{
    /// <summary>Null and why where the file is not usable.</summary>
    public static (X509Certificate2Collection? Trusted, string Why) Authorities(string file)
    {
        try
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(file);
            return trusted.Count > 0 ? (trusted, "") : (null, $"{file} holds no certificate in PEM");
        }
        catch (Exception e) when (Complaint(file, e) is { } why)
        {
            return (null, why);
        }
    }

    /// <summary>Our certificate with those behind it, and its key; null and why where a file is not usable.</summary>
    public static (SslStreamCertificateContext? Ours, string Why) Ours(string certificate, string key)
    {
        var file = certificate;
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificate);
            file = key;
            var ours = X509Certificate2.CreateFromPemFile(certificate, key);
            return (SslStreamCertificateContext.Create(ours, chain, offline: true), "");
        }
        catch (Exception e) when (Complaint(file, e) is { } why)
        {
            return (null, why);
        }
    }

    /// <summary>Null: it is nothing that a file can do.</summary>
    static string? Complaint(string file, Exception e) => e switch
    {
        IOException or UnauthorizedAccessException => $"{file}: {Reason.Of(e)}",
        CryptographicException or ArgumentException => $"{file} is not what it should be, in PEM",
        _ => null,
    };
}
