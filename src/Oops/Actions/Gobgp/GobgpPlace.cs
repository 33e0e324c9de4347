using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Oops.Native;
using Oops.Servers;

namespace Oops.Actions.Gobgp;

/// <summary>Where gobgpd's API is: one of the two.</summary>
/// <param name="Socket">Path of a Unix socket.</param>
/// <param name="Address">TCP.</param>
internal sealed record GobgpPlace(string? Socket, IPEndPoint? Address)
{
    /// <summary>For TCP that leaves the host.</summary>
    public GobgpTls? Tls { get; init; }

    /// <summary>As messages name it.</summary>
    public string Where => Socket ?? Address!.ToString();

    /// <summary>The root of its calls. The name in it is what the handler asks a certificate for, and not where it connects to; a Unix socket has none.</summary>
    public Uri Root => Address is { } a ? new UriBuilder(Tls is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps, Tls?.ServerName ?? a.Address.ToString(), a.Port).Uri : new("http://localhost/");
}

/// <summary>Files of TLS, read anew for each connection that is made after a failure.</summary>
/// <param name="Ca">Who signed gobgpd's certificate.</param>
/// <param name="Certificate">Ours; null: none.</param>
/// <param name="Key">Of ours.</param>
/// <param name="ServerName">What gobgpd's must be called; null: anything.</param>
internal sealed record GobgpTls(string Ca, string? Certificate, string? Key, string? ServerName)
{
    /// <summary>Null and why where a file is not usable.</summary>
    /// <param name="refused">Told when the certificate is not one to believe.</param>
    public (SslClientAuthenticationOptions? Options, string Why) Open(Action refused)
    {
        var file = Ca;
        try
        {
            var authority = new X509Certificate2Collection();
            authority.ImportFromPemFile(Ca);
            if (authority.Count == 0) return (null, $"{Ca} holds no certificate in PEM");
            var options = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, given, _, errors) =>
                {
                    var good = given is not null && (ServerName is null || (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0) && Authority.Vouches(authority, given);
                    if (!good) refused();
                    return good;
                },
            };
            if (Certificate is null) return (options, "");
            file = Certificate;
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(Certificate);
            file = Key!;
            var ours = X509Certificate2.CreateFromPemFile(Certificate, Key);
            options.ClientCertificateContext = SslStreamCertificateContext.Create(ours, chain, offline: true);
            return (options, "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"{file}: {Reason.Of(e)}");
        }
        catch (CryptographicException)
        {
            return (null, $"{file} is not what it should be, in PEM");
        }
    }
}
