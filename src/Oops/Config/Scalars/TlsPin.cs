using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Oops.Config;

/// <summary>The SHA-256 of a certificate's public key (RFC 7858, 4.2), in base64 as `kdig +tls-pin` and Knot DNS take it; `sha256/` may stand before it.</summary>
[JsonConverter(typeof(ScalarConverter<TlsPin>))]
internal readonly record struct TlsPin(string Text) : IScalar<TlsPin>
{
    const string Before = "sha256/";

    public static string What => "the SHA-256 of a public key in base64, such as kdig +tls prints it";

    public static string Example => "0DnJXvUe8bxhEZmjVYdfWd1AqHlRqZNRC5xtIeYT1RU=";

    public static string Pattern => "^(sha256/)?[A-Za-z0-9+/]{43}=$";

    /// <summary>True for a hash of this value; how long it takes says nothing of it.</summary>
    public bool Is(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(Text), hash);

    public static TlsPin Of(ReadOnlySpan<byte> hash) => new(Convert.ToBase64String(hash));

    public static TlsPin? Parse(string text, out string problem)
    {
        problem = $"{ConfigErrors.Show(text)} is not {What}";
        var bare = text.StartsWith(Before, StringComparison.Ordinal) ? text[Before.Length..] : text;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes + 2];
        return bare.Length == 44 && Convert.TryFromBase64String(bare, hash, out var length) && length == SHA256.HashSizeInBytes ? new TlsPin(bare) : null;
    }

    public override string ToString() => Text;
}
