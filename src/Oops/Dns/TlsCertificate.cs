using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Oops.Native;

namespace Oops.Dns;

/// <summary>Where a server's certificate is, in PEM.</summary>
/// <param name="Chain">File of the certificate, and behind it those of the authorities between.</param>
/// <param name="Key">File of its private key, not encrypted.</param>
internal sealed record TlsFiles(string Chain, string Key);

/// <summary>
/// What a server shows of itself. The files are looked at again with a handshake, at most every ten seconds: what renews certificates (certbot, acme.sh) replaces them and tells nobody, and a
/// reload of the whole daemon for it would be one that somebody has to think of. A pair that cannot be used (written in part, a key of another certificate) changes nothing, and is tried again.
/// </summary>
internal sealed class TlsCertificate
{
    const int LongestFile = 1 << 20;

    static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);
    static readonly SslApplicationProtocol Dot = new("dot");

    readonly TlsFiles files;
    readonly TimeProvider time;
    byte[] seen = [];
    long lookedAt;
    SslServerAuthenticationOptions? options;

    TlsCertificate(TlsFiles files, TimeProvider time)
    {
        this.files = files;
        this.time = time;
    }

    /// <summary>How often the files were read and used.</summary>
    public int Readings { get; private set; }

    /// <summary>Why the present files are not used; null: they are.</summary>
    public string? Problem { get; private set; }

    public static bool TryRead(TlsFiles files, TimeProvider time, [NotNullWhen(true)] out TlsCertificate? certificate, [NotNullWhen(false)] out string? error)
    {
        var read = new TlsCertificate(files, time);
        read.Look();
        error = read.Problem;
        certificate = error is null ? read : null;
        return error is null;
    }

    /// <summary>For one handshake.</summary>
    public SslServerAuthenticationOptions Options()
    {
        if (time.GetElapsedTime(lookedAt) >= LookAgain)
            Look();
        return options!;
    }

    void Look()
    {
        lookedAt = time.GetTimestamp();
        if (!TryReadFile(files.Chain, out var chain, out var why) || !TryReadFile(files.Key, out var key, out why))
        {
            Problem = why;
            return;
        }

        var now = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{chain}\0{key}"));
        if (seen.AsSpan().SequenceEqual(now))
        {
            Problem = null;
            return;
        }

        try
        {
            var leaf = X509Certificate2.CreateFromPem(chain, key);
            var others = new X509Certificate2Collection();
            others.ImportFromPem(chain);
            options = OptionsOf(SslStreamCertificateContext.Create(leaf, others, offline: true)); // offline: nothing is fetched for it
            seen = now;
            Readings++;
            Problem = null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            Problem = $"{files.Chain} and {files.Key} are not a certificate and its key in PEM";
        }
    }

    static SslServerAuthenticationOptions OptionsOf(SslStreamCertificateContext context) => new()
    {
        ServerCertificateContext = context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13, // RFC 9325
        ApplicationProtocols = [Dot],
        ClientCertificateRequired = false,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
    };

    static bool TryReadFile(string path, out string text, [NotNullWhen(false)] out string? why)
    {
        (text, why) = ("", null);
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > LongestFile })
                why = $"{path} is longer than a certificate";
            else
                text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"cannot read {path}: {Reason.Of(e)}";
        }

        return why is null;
    }
}
