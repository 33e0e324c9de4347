using System.Text;

namespace Oops.Config;

/// <summary>
/// FNV-1a of 64 bits: tells one text from another where nobody has a reason to forge one. Not SHA-256, because that loads OpenSSL, some 5 MB of resident memory that a daemon
/// without TSIG and TLS does not need.
/// </summary>
internal sealed class Fingerprint
{
    const ulong Offset = 14695981039346656037;
    const ulong Prime = 1099511628211;

    public ulong Value { get; private set; } = Offset;

    public static ulong Of(string text) => new Fingerprint().Add(text).Value;

    public Fingerprint Add(string text)
    {
        foreach (var octet in Encoding.UTF8.GetBytes(text)) Value = (Value ^ octet) * Prime;
        return this;
    }

    /// <summary>16 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
