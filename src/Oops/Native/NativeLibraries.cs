using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>
/// The shared libraries that the program can use, each loaded when first needed. A missing one turns off what needs it, with a message that names the package
/// to install; it never stops the daemon.
/// </summary>
internal static class NativeLibraries
{
    public const string Sqlite = "libsqlite3.so.0";
    public const string Crypto = "libcrypto.so.3";
    public const string Mosquitto = "libmosquitto.so.1";
    public const string CoapOpenSsl = "libcoap-3-openssl.so.3";
    public const string UnboundResolver = "libunbound.so.8";

    // Debian 12's names; Debian 13 and Ubuntu 24.04 add t64 to two of them.
    static readonly FrozenDictionary<string, (string Package, string For)> Known = new Dictionary<string, (string, string)>
    {
        [Sqlite] = ("libsqlite3-0", "the journal"),
        [Crypto] = ("libssl3 (libssl3t64)", "Ed25519 and Ed448 signatures"),
        [Mosquitto] = ("libmosquitto1", "MQTT"),
        [CoapOpenSsl] = ("libcoap3 (libcoap3t64)", "DOTS"),
        [UnboundResolver] = ("libunbound8", "verifying what is reported"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Loads a library by its soname, once. False with "MQTT needs libmosquitto.so.1: install the package libmosquitto1".</summary>
    public static bool TryLoad(string soname, out string why)
    {
        // dlopen(3) counts: loading again is cheap, and the P/Invokes by the same name find the library loaded.
        if (NativeLibrary.TryLoad(soname, out _))
        {
            why = "";
            return true;
        }

        why = Known.TryGetValue(soname, out var known)
            ? $"{known.For} needs {soname}: install the package {known.Package}"
            : $"{soname} is not installed";
        return false;
    }
}
