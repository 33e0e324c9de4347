using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>Numbers that nobody can guess, from the kernel (getrandom(2)). The runtime's own would load OpenSSL for them, some 5 MB of resident memory.</summary>
internal static partial class Unpredictable
{
    /// <summary>0 to 65535, as the ID of a query (RFC 5452, 9.2).</summary>
    public static ushort UInt16() => (ushort)Read();

    /// <summary>0 (inclusive) to 1 (exclusive), in steps of 2⁻³².</summary>
    public static double Fraction() => Read() / 4294967296.0;

    static unsafe uint Read()
    {
        uint value;
        // Up to 256 octets are never cut short, and the call blocks only before the kernel's pool is ready, early in boot; a signal may interrupt that.
        while (GetRandom(&value, sizeof(uint), 0) != sizeof(uint))
        {
            if (Marshal.GetLastPInvokeError() != Errno.Interrupted) throw new InvalidOperationException($"getrandom: errno {Marshal.GetLastPInvokeError()}");
        }

        return value;
    }

    [LibraryImport("libc", EntryPoint = "getrandom", SetLastError = true)]
    private static unsafe partial nint GetRandom(void* buffer, nint length, uint flags);
}
