using System.Security.Cryptography.X509Certificates;

namespace Oops.Servers;

/// <summary>Whose certificate a server may show.</summary>
internal static class Authority
{
    /// <summary>
    /// It is one of the trusted certificates, or one of them issued it, and it is valid now. Names do not count: the address is what is written in the config, and the setup programs of NSD and Unbound
    /// write the software's.
    /// </summary>
    public static bool Vouches(X509Certificate2Collection trusted, X509Certificate given)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(given.GetRawCertData());
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate);
    }
}
