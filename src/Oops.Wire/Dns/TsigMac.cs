using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Oops.Wire.Dns;

/// <summary>A MAC of RFC 8945 over data that comes in pieces; it begins anew after each <see cref="Finish"/>.</summary>
internal sealed class TsigMac : IDisposable
{
    readonly IncrementalHash? hash;
    readonly Sha224.Pieces? pieces;

    [SuppressMessage("Security", "CA5350", Justification = "RFC 8945 (6) makes hmac-sha1 mandatory; HMAC does not depend on collisions")]
    public TsigMac(TsigAlgorithm algorithm, ReadOnlySpan<byte> secret)
    {
        if (algorithm == TsigAlgorithm.HmacSha224)
            pieces = new(secret);
        else
            hash = IncrementalHash.CreateHMAC(algorithm switch
            {
                TsigAlgorithm.HmacSha1 => HashAlgorithmName.SHA1,
                TsigAlgorithm.HmacSha256 => HashAlgorithmName.SHA256,
                TsigAlgorithm.HmacSha384 => HashAlgorithmName.SHA384,
                _ => HashAlgorithmName.SHA512,
            }, secret);
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        hash?.AppendData(data);
        pieces?.Append(data);
    }

    /// <param name="mac">Takes <see cref="TsigKey.MaxMac"/> octets.</param>
    public void Finish(Span<byte> mac)
    {
        hash?.GetHashAndReset(mac);
        pieces?.Finish(mac);
    }

    public void Dispose() => hash?.Dispose();
}
