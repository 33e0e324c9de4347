using System.Security.Cryptography;

namespace Oops.Wire.Dns.Dnssec;

/// <summary>Digests of keys, as DS and CDS records have them (RFC 4034, 5.1.4; RFC 4509; RFC 6605).</summary>
public static class DsDigest
{
    /// <summary>Octets of the longest.</summary>
    public const int MaxSize = SHA384.HashSizeInBytes;

    /// <summary>Octets of a digest of that type; null: the type is not known here (GOST, SM3 ...).</summary>
    public static int? Size(byte digestType) => digestType switch
    {
        1 => SHA1.HashSizeInBytes,
        2 => SHA256.HashSizeInBytes,
        4 => SHA384.HashSizeInBytes,
        _ => null,
    };

    /// <summary>Writes the digest of a key; returns its octets, 0 if the type is not known.</summary>
    /// <param name="owner">The zone.</param>
    /// <param name="key">The data of the DNSKEY record.</param>
    /// <param name="digestType">1, 2 or 4.</param>
    /// <param name="into">Takes <see cref="MaxSize"/> octets at most.</param>
    public static int Write(in DnsName owner, ReadOnlySpan<byte> key, byte digestType, Span<byte> into)
    {
        using var hash = digestType switch
        {
            1 => IncrementalHash.CreateHash(HashAlgorithmName.SHA1),
            2 => IncrementalHash.CreateHash(HashAlgorithmName.SHA256),
            4 => IncrementalHash.CreateHash(HashAlgorithmName.SHA384),
            _ => null,
        };
        if (hash is null)
            return 0;
        hash.AppendData(owner.Wire);
        hash.AppendData(key);
        return hash.GetHashAndReset(into);
    }

    /// <summary>True if the data of a DS or CDS record are of that key.</summary>
    public static bool Matches(in DnsName owner, ReadOnlySpan<byte> ds, in Dnskey key)
    {
        Span<byte> digest = stackalloc byte[MaxSize];
        return ds.Length > 4 && ds[2] == key.Algorithm && (ushort)(ds[0] << 8 | ds[1]) == key.Tag
            && Write(owner, key.Data, ds[3], digest) is > 0 and var size && ds[4..].SequenceEqual(digest[..size]);
    }
}
