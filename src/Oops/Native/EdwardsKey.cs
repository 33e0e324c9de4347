using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Oops.Native;

/// <summary>
/// A public key of Ed25519 or Ed448 (RFC 8032), which the runtime does not have, by OpenSSL.
/// </summary>
internal sealed partial class EdwardsKey : SafeHandleZeroOrMinusOneIsInvalid
{
    public const int Ed25519Size = 32, Ed448Size = 57;

    // EVP_PKEY_ED25519, EVP_PKEY_ED448: NIDs of OpenSSL.
    const int Ed25519 = 1087, Ed448 = 1088;

    EdwardsKey(nint handle)
        : base(ownsHandle: true) => SetHandle(handle);

    /// <summary>Null: the octets are no key.</summary>
    /// <param name="key"><see cref="Ed25519Size"/> or <see cref="Ed448Size"/> octets.</param>
    public static EdwardsKey? Import(ReadOnlySpan<byte> key)
    {
        var handle = NewRawPublicKey(key.Length == Ed25519Size ? Ed25519 : Ed448, 0, key, (nuint)key.Length);
        if (handle != 0)
            return new EdwardsKey(handle);
        LibCrypto.ClearErrors();
        return null;
    }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var context = NewContext();
        if (context == 0)
            throw new InvalidOperationException("EVP_MD_CTX_new: no memory");
        try
        {
            if (VerifyInit(context, 0, 0, 0, this) == 1 && Verify(context, signature, (nuint)signature.Length, data, (nuint)data.Length) == 1)
                return true;
            LibCrypto.ClearErrors();
            return false;
        }
        finally
        {
            FreeContext(context);
        }
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.FreeKey(handle);
        return true;
    }

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    private static partial nint NewRawPublicKey(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_MD_CTX_new")]
    private static partial nint NewContext();

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_MD_CTX_free")]
    private static partial void FreeContext(nint context);

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_DigestVerifyInit")]
    private static partial int VerifyInit(nint context, nint keyContext, nint digest, nint engine, EdwardsKey key);

    [LibraryImport(LibCrypto.Library, EntryPoint = "EVP_DigestVerify")]
    private static partial int Verify(nint context, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> data, nuint length);
}
