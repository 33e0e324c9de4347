using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Oops.Config;
using Oops.Wire.Text;

namespace Oops.Dns;

/// <summary>What is spoken within TLS.</summary>
internal enum TlsInside
{
    /// <summary>RFC 7858, RFC 9103.</summary>
    Dns,

    /// <summary>HTTP/1.1.</summary>
    Http,

    /// <summary>RFC 5425, which has no name for it in ALPN.</summary>
    Syslog,
}

/// <summary>
/// How a DNS server over TLS proves who it is (RFC 8310, 5): by a name that an authority vouches for, by one of the public keys that are known of it, or by both. There is no third way: who need not prove
/// anything may be anybody.
/// </summary>
internal sealed record TlsProof
{
    public TlsInside Inside { get; init; }

    /// <summary>Its certificate must have this name, and be valid; null: pins alone count.</summary>
    public string? Name { get; init; }

    /// <summary>File of the authorities for the name, in PEM; null: those that the system trusts.</summary>
    public string? Ca { get; init; }

    /// <summary>Its certificate has one of these keys; empty: any.</summary>
    public IReadOnlyList<TlsPin> Pins { get; init; } = [];

    /// <summary>File of our certificate, in PEM; null: we show none.</summary>
    public string? Certificate { get; init; }

    /// <summary>Of ours.</summary>
    public string? Key { get; init; }

    /// <summary>The options of one handshake; or null and why a file is not usable. Files are read anew: they may have been renewed.</summary>
    public (SslClientAuthenticationOptions? Options, string Why) Open(TlsJudge judge, DateTimeOffset now)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true, VerificationTime = now.UtcDateTime, VerificationTimeIgnored = false };
        if (Ca is not null)
        {
            var (trusted, wrong) = PemFile.Authorities(Ca);
            if (trusted is null)
                return (null, wrong);
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(trusted);
        }

        var options = new SslClientAuthenticationOptions
        {
            TargetHost = Name ?? "",
            ApplicationProtocols = Inside switch { TlsInside.Dns => [TlsJudge.Dot], TlsInside.Http => [SslApplicationProtocol.Http11], _ => null },
            EnabledSslProtocols = Inside == TlsInside.Dns ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13, // RFC 9103, 7.1; RFC 9325
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = judge.Accepts,
            AllowRenegotiation = false,
            AllowTlsResume = false,
            EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        };
        if (Certificate is null)
            return (options, "");
        var (ours, why) = PemFile.Ours(Certificate, Key!);
        options.ClientCertificateContext = ours;
        return ours is null ? (null, why) : (options, "");
    }
}

/// <summary>Judges the certificate of one handshake, and says what is wrong with the handshake.</summary>
internal sealed class TlsJudge(TlsProof proof)
{
    /// <summary>The protocol within (RFC 7858, RFC 9103).</summary>
    public static readonly SslApplicationProtocol Dot = new("dot");

    public TlsProof Proof => proof;

    /// <summary>What is wrong with the certificate that was shown; null: nothing, or none was shown. One line, terminal-safe.</summary>
    public string? Complaint { get; private set; }

    /// <summary>Begins TLS over a connection that stands, which is closed with it. Null, and why: a file of ours is not usable; what is wrong with the peer throws.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<(SslStream? Stream, string Why)> BeginAsync(Stream connection, TimeProvider time, CancellationToken stop)
    {
        var (options, why) = proof.Open(this, time.GetUtcNow());
        if (options is null)
            return (null, why);
        var stream = new SslStream(connection, leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsClientAsync(options, stop).ConfigureAwait(false);
            return (stream, "");
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A <see cref="RemoteCertificateValidationCallback"/>.</summary>
    public bool Accepts(object sender, X509Certificate? given, X509Chain? chain, SslPolicyErrors errors)
    {
        Complaint = given is null ? "it shows no certificate" : OfKey(given) ?? (proof.Name is null ? null : OfName(given, chain, errors));
        return Complaint is null;
    }

    /// <summary>Why a handshake failed, or what came behind it was no TLS. What SslStream throws depends on what the peer sent.</summary>
    public string Words(Exception e)
    {
        if (Complaint is not null)
            return Complaint;
        for (var at = e; at is not null; at = at.InnerException)
        {
            if (at is System.Net.Sockets.SocketException socket)
                return $"TLS: {DnsAsker.Explain(socket.SocketErrorCode).Why}";
            // OpenSSL's own text: error:0A00010B:SSL routines::wrong version number
            if (at.Message.LastIndexOf("SSL routines:", StringComparison.Ordinal) is >= 0 and var found)
                return OfLibrary(at.Message[(at.Message.IndexOf(':', found + "SSL routines:".Length) + 1)..]);
        }

        return e is IOException ? "TLS: connection closed" : "TLS: what answers there is not TLS";
    }

    string OfLibrary(string text) => text switch
    {
        "wrong version number" or "http request" or "packet length too long" or "record layer failure" => "TLS: what answers there is not TLS",
        _ when text.EndsWith("alert protocol version", StringComparison.Ordinal) || text is "unsupported protocol" => $"TLS: it does not speak TLS {(proof.Inside == TlsInside.Dns ? "1.3" : "1.2 or 1.3")}",
        _ when text.EndsWith("no application protocol", StringComparison.Ordinal) => $"TLS: it does not offer {(proof.Inside == TlsInside.Dns ? "DNS (ALPN dot)" : "HTTP/1.1")}",
        _ when text.EndsWith("certificate required", StringComparison.Ordinal) => "TLS: it asks for a certificate of ours",
        _ => $"TLS: {PrintableText.Of(System.Text.Encoding.UTF8.GetBytes(text))}",
    };

    /// <summary>The key of the certificate itself and of no other in the chain: without an authority anybody can put a known one behind his own.</summary>
    string? OfKey(X509Certificate given)
    {
        if (proof.Pins.Count == 0)
            return null;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(PublicKeyOf(given.GetRawCertData()).Span, hash);
        var known = false;
        foreach (var pin in proof.Pins)
            known |= pin.Is(hash);
        return known ? null : $"the certificate is of another key: pin sha256/{TlsPin.Of(hash)}";
    }

    string? OfName(X509Certificate given, X509Chain? chain, SslPolicyErrors errors)
    {
        if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            foreach (var status in chain?.ChainStatus ?? [])
            {
                if ((status.Status & X509ChainStatusFlags.NotTimeValid) != 0)
                    return OfTime(chain!);
            }

            return $"no authority {(proof.Ca is null ? "that the system trusts" : $"in {proof.Ca}")} vouches for the certificate";
        }

        return (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0 ? null
            : given is X509Certificate2 { Subject.Length: > 0 } named ? $"the certificate is not for {proof.Name} ({PrintableText.Of(System.Text.Encoding.UTF8.GetBytes(named.Subject))})" : $"the certificate is not for {proof.Name}";
    }

    static string OfTime(X509Chain chain)
    {
        var now = chain.ChainPolicy.VerificationTime.ToUniversalTime();
        foreach (var element in chain.ChainElements)
        {
            var (from, until) = (element.Certificate.NotBefore.ToUniversalTime(), element.Certificate.NotAfter.ToUniversalTime());
            if (now > until)
                return FormattableString.Invariant($"the certificate expired at {until:yyyy-MM-dd HH:mm:ss'Z'}");
            if (now < from)
                return FormattableString.Invariant($"the certificate is not valid before {from:yyyy-MM-dd HH:mm:ss'Z'}");
        }

        return "the certificate is out of time";
    }

    /// <summary>The SubjectPublicKeyInfo as it stands in the certificate (RFC 5280, 4.1).</summary>
    internal static ReadOnlyMemory<byte> PublicKeyOf(byte[] certificate)
    {
        var body = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (body.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 0)))
            body.ReadEncodedValue();
        for (var i = 0; i < 5; i++) // serial number, signature algorithm, issuer, validity, subject
            body.ReadEncodedValue();
        return body.ReadEncodedValue();
    }
}
