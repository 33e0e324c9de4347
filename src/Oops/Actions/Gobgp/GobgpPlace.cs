using System.Net;
using System.Net.Security;
using Oops.Dns;
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
        var (authority, wrong) = PemFile.Authorities(Ca);
        if (authority is null) return (null, wrong);
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
        var (ours, why) = PemFile.Ours(Certificate, Key!);
        options.ClientCertificateContext = ours;
        return ours is null ? (null, why) : (options, "");
    }
}
