using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>OpenSSL's EVP interface: <c>libcrypto.so.3</c>, 3.0 or later, the library that the runtime's own cryptography loads.</summary>
internal static partial class LibCrypto
{
    public const string Library = "libcrypto.so.3";

    static readonly Lazy<bool> Loads = new(static () => NativeLibrary.TryLoad(Library, out _));

    /// <summary>False: the system has no OpenSSL 3.</summary>
    public static bool IsAvailable => Loads.Value;

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    public static partial void FreeKey(nint key);

    /// <summary>A wrong signature leaves a line in the thread's queue of errors.</summary>
    [LibraryImport(Library, EntryPoint = "ERR_clear_error")]
    public static partial void ClearErrors();
}
