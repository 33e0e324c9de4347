using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Oops.Native;

/// <summary>
/// Checks signatures of one RSA key (RSASSA-PKCS1-v1_5, RFC 8017, 8.2.2) by OpenSSL. The runtime's own makes ready for each of them anew, which is a sixth of what a check costs at 2048 bits. Not for several threads at once.
/// </summary>
internal sealed partial class RsaVerifier : SafeHandleZeroOrMinusOneIsInvalid
{
    // RSA_PKCS1_PADDING.
    const int Pkcs1 = 1;

    readonly HashAlgorithmName hash;

    RsaVerifier(nint context, HashAlgorithmName hash)
        : base(ownsHandle: true)
    {
        SetHandle(context);
        this.hash = hash;
    }

    /// <summary>Null: the library takes no such key, or the system forbids that hash in signatures.</summary>
    /// <param name="key">The public key.</param>
    /// <param name="hash">SHA-1, SHA-256 or SHA-512.</param>
    public static RsaVerifier? TryCreate(RSA key, HashAlgorithmName hash)
    {
        var info = key.ExportSubjectPublicKeyInfo();
        var imported = Import(info);
        if (imported == 0)
            return Nothing();
        // The context holds the key from here on.
        var context = NewContext(imported, 0);
        LibCrypto.FreeKey(imported);
        var digest = hash == HashAlgorithmName.SHA1 ? Sha1() : hash == HashAlgorithmName.SHA256 ? Sha256() : Sha512();
        if (context != 0 && Begin(context) == 1 && SetPadding(context, Pkcs1) == 1 && SetDigest(context, digest) == 1)
            return new RsaVerifier(context, hash);
        FreeContext(context);
        return Nothing();

        static RsaVerifier? Nothing()
        {
            LibCrypto.ClearErrors();
            return null;
        }
    }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        Span<byte> digest = stackalloc byte[SHA512.HashSizeInBytes];
        digest = digest[..CryptographicOperations.HashData(hash, data, digest)];
        if (Verify(this, signature, (nuint)signature.Length, digest, (nuint)digest.Length) == 1)
            return true;
        LibCrypto.ClearErrors();
        return false;
    }

    protected override bool ReleaseHandle()
    {
        FreeContext(handle);
        return true;
    }

    static unsafe nint Import(ReadOnlySpan<byte> info)
    {
        fixed (byte* octets = info)
        {
            var at = octets;
            return ReadKey(0, &at, info.Length);
        }
    }

    [LibraryImport(LibCrypto.Library, EntryPoint = "d2i_PUBKEY")]
    private static unsafe partial nint ReadKey(nint into, byte** octets, long length);

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_PKEY_CTX_new")]
    private static partial nint NewContext(nint key, nint engine);

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_PKEY_CTX_free")]
    private static partial void FreeContext(nint context);

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_PKEY_verify_init")]
    private static partial int Begin(nint context);

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_PKEY_CTX_set_rsa_padding")]
    private static partial int SetPadding(nint context, int padding);

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_PKEY_CTX_set_signature_md")]
    private static partial int SetDigest(nint context, nint digest);

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_sha1")]
    private static partial nint Sha1();

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_sha256")]
    private static partial nint Sha256();

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_sha512")]
    private static partial nint Sha512();

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_PKEY_verify")]
    private static partial int Verify(RsaVerifier context, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> digest, nuint length);
}
