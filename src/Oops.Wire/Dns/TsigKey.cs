using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Oops.Wire.Dns;

/// <summary>The algorithms of RFC 8945 (6). HMAC-MD5 and GSS are not supported.</summary>
public enum TsigAlgorithm
{
    HmacSha1,
    HmacSha224,
    HmacSha256,
    HmacSha384,
    HmacSha512,
}

/// <summary>A shared key: name, algorithm and secret. The secret is never given out again.</summary>
public sealed class TsigKey
{
    /// <summary>Octets of the longest MAC.</summary>
    public const int MaxMac = 64;

    static readonly string[] Algorithms = ["hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"];
    static readonly DnsName[] AlgorithmNames = Array.ConvertAll(Algorithms, text => DnsName.TryParse(text, out var name) ? name : default);

    readonly DnsName name;
    readonly byte[] secret;

    /// <param name="name">Both sides must use the same name: it is signed too.</param>
    /// <param name="algorithm">The one algorithm this key is used with (RFC 8945, 8: a key for several algorithms weakens it).</param>
    /// <param name="secret">The decoded secret; copied.</param>
    public TsigKey(in DnsName name, TsigAlgorithm algorithm, ReadOnlySpan<byte> secret)
    {
        this.name = name;
        Algorithm = algorithm;
        this.secret = secret.ToArray();
        MacSize = FullMac;
    }

    /// <summary>The key's name, lower case.</summary>
    public ref readonly DnsName Name => ref name;

    public TsigAlgorithm Algorithm { get; }

    /// <summary>The algorithm as it is written in the record.</summary>
    public ref readonly DnsName AlgorithmName => ref AlgorithmNames[(int)Algorithm];

    /// <summary>Octets of the untruncated MAC.</summary>
    public int FullMac => Algorithm switch
    {
        TsigAlgorithm.HmacSha1 => 20,
        TsigAlgorithm.HmacSha224 => Sha224.Size,
        TsigAlgorithm.HmacSha256 => 32,
        TsigAlgorithm.HmacSha384 => 48,
        _ => 64,
    };

    /// <summary>
    /// Octets of the MAC that we send and the fewest that we accept; the full size unless set. Below the larger of 10 and half the full size no MAC is legal
    /// (RFC 8945, 5.2.2.1).
    /// </summary>
    public int MacSize
    {
        get;
        init => field = Math.Clamp(value, SmallestMac, FullMac);
    }

    internal int SmallestMac => Math.Max(10, FullMac / 2);

    /// <summary>"hmac-sha256", with or without the final dot, in any case.</summary>
    public static bool TryParseAlgorithm(ReadOnlySpan<char> text, out TsigAlgorithm algorithm)
    {
        for (var i = 0; i < Algorithms.Length; i++)
        {
            algorithm = (TsigAlgorithm)i;
            if (text.TrimEnd('.').Equals(Algorithms[i], StringComparison.OrdinalIgnoreCase))
                return true;
        }

        algorithm = default;
        return false;
    }

    /// <summary>The full MAC of <paramref name="data"/>; <paramref name="mac"/> takes <see cref="MaxMac"/> octets.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 8945 (6) makes hmac-sha1 mandatory; HMAC does not depend on collisions")]
    internal void Mac(ReadOnlySpan<byte> data, Span<byte> mac)
    {
        switch (Algorithm)
        {
            case TsigAlgorithm.HmacSha1:
                HMACSHA1.HashData(secret, data, mac);
                break;
            case TsigAlgorithm.HmacSha224:
                Sha224.Hmac(secret, data, mac);
                break;
            case TsigAlgorithm.HmacSha256:
                HMACSHA256.HashData(secret, data, mac);
                break;
            case TsigAlgorithm.HmacSha384:
                HMACSHA384.HashData(secret, data, mac);
                break;
            default:
                HMACSHA512.HashData(secret, data, mac);
                break;
        }
    }

    /// <summary>A MAC over data that comes in pieces.</summary>
    internal TsigMac Pieces() => new(Algorithm, secret);
}
