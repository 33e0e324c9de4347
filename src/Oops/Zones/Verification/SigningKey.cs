using System.Numerics;
using System.Security.Cryptography;
using Oops.Native;

namespace Oops.Zones.Verification;

/// <summary>
/// A public key of a zone, ready to check signatures with: an object for each DNSKEY and thread, since to import a key costs as much as two to six checks. Not for several threads at once.
/// </summary>
internal abstract class SigningKey : IDisposable
{
    /// <summary>Bits of the longest RSA modulus (RFC 3110, 2): larger ones would only cost time.</summary>
    const int MaxModulus = 4096 / 8;

    /// <summary>Bits of the longest RSA exponent, as in BIND: what a check costs grows with them.</summary>
    const int MaxExponent = 35;

    /// <summary>Some systems forbid SHA-1 in signatures (crypto-policies of RHEL 9): asked once, by a check of nothing.</summary>
    static readonly Lazy<bool> Sha1IsAllowed = new(static () =>
    {
        try
        {
            var modulus = new byte[128];
            Array.Fill(modulus, (byte)0xC1);
            using var key = RSA.Create(new RSAParameters { Exponent = [1, 0, 1], Modulus = modulus });
            return !key.VerifyData("nothing"u8, new byte[modulus.Length], HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false;
        }
    });

    /// <summary>True if these data were signed by this key. Malformed signatures are wrong ones.</summary>
    public abstract bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

    public abstract void Dispose();

    /// <summary>True if signatures of that algorithm can be checked (RFC 8624, 3.1; IANA DNS Security Algorithm Numbers).</summary>
    public static bool IsSupported(byte algorithm) => algorithm switch
    {
        5 or 7 => Sha1IsAllowed.Value,
        8 or 10 or 13 or 14 => true,
        15 or 16 => LibCrypto.IsAvailable,
        _ => false,
    };

    /// <summary>Null: the octets are no key of that algorithm.</summary>
    /// <param name="algorithm">One that is supported.</param>
    /// <param name="key">The public key field of the DNSKEY record.</param>
    public static SigningKey? TryCreate(byte algorithm, ReadOnlySpan<byte> key)
    {
        try
        {
            return algorithm switch
            {
                5 or 7 => RsaKey.TryRead(key, HashAlgorithmName.SHA1),
                8 => RsaKey.TryRead(key, HashAlgorithmName.SHA256),
                10 => RsaKey.TryRead(key, HashAlgorithmName.SHA512),
                13 when key.Length == 64 => new EcdsaKey(ECCurve.NamedCurves.nistP256, key, HashAlgorithmName.SHA256),
                14 when key.Length == 96 => new EcdsaKey(ECCurve.NamedCurves.nistP384, key, HashAlgorithmName.SHA384),
                15 when key.Length == EdwardsKey.Ed25519Size => new EdKey(key),
                16 when key.Length == EdwardsKey.Ed448Size => new EdKey(key),
                _ => null,
            };
        }
        catch (CryptographicException)
        {
            // A point that is not on its curve, an exponent that is none.
            return null;
        }
    }

    /// <summary>RFC 3110, 2: the size of the exponent in one octet or three, the exponent, the modulus.</summary>
    sealed class RsaKey(RSA rsa, HashAlgorithmName hash) : SigningKey
    {
        readonly RsaVerifier? verifier = LibCrypto.IsAvailable ? RsaVerifier.TryCreate(rsa, hash) : null;

        public static RsaKey? TryRead(ReadOnlySpan<byte> key, HashAlgorithmName hash)
        {
            if (key.Length < 3)
                return null;
            var (size, at) = key[0] != 0 ? (key[0], 1) : (key[1] << 8 | key[2], 3);
            if (size == 0 || key.Length <= at + size)
                return null;
            var exponent = key.Slice(at, size).TrimStart((byte)0);
            var modulus = key[(at + size)..].TrimStart((byte)0);
            if (exponent.IsEmpty || BitsOf(exponent) > MaxExponent || modulus.Length is < 64 or > MaxModulus)
                return null;
            return new RsaKey(RSA.Create(new RSAParameters { Exponent = exponent.ToArray(), Modulus = modulus.ToArray() }), hash);
        }

        static int BitsOf(ReadOnlySpan<byte> number) => 8 * number.Length - BitOperations.LeadingZeroCount((uint)number[0] << 24);

        public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => verifier?.Verify(data, signature) ?? rsa.VerifyData(data, signature, hash, RSASignaturePadding.Pkcs1);

        public override void Dispose()
        {
            verifier?.Dispose();
            rsa.Dispose();
        }
    }

    /// <summary>RFC 6605: a point without the octet that says how it is written, and r and s side by side.</summary>
    sealed class EcdsaKey(ECCurve curve, ReadOnlySpan<byte> key, HashAlgorithmName hash) : SigningKey
    {
        readonly ECDsa ecdsa = ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = key[..(key.Length / 2)].ToArray(), Y = key[(key.Length / 2)..].ToArray() } });

        public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => ecdsa.VerifyData(data, signature, hash);

        public override void Dispose() => ecdsa.Dispose();
    }

    /// <summary>RFC 8080.</summary>
    sealed class EdKey(ReadOnlySpan<byte> key) : SigningKey
    {
        readonly EdwardsKey edwards = EdwardsKey.Import(key) ?? throw new CryptographicException("no key");

        public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => edwards.Verify(data, signature);

        public override void Dispose() => edwards.Dispose();
    }
}
