using System.Net.Sockets;
using System.Text;

namespace Oops.DBus;

/// <summary>Server addresses, as in `unix:path=/run/dbus/system_bus_socket` or a list of them parted by ";". D-Bus specification, "Server Addresses".</summary>
internal static class DBusAddress
{
    /// <summary>Where every system has its system bus.</summary>
    public const string SystemBus = "unix:path=/run/dbus/system_bus_socket";

    // sun_path has 108 bytes; a path needs one for its end, an abstract name one for its beginning.
    const int MaxPath = 107;

    /// <summary>The end points in order; those of transports that we do not have are passed over.</summary>
    /// <param name="list">One address or several.</param>
    /// <param name="why">What is wrong, when nothing could be used.</param>
    public static IReadOnlyList<UnixDomainSocketEndPoint> Parse(string list, out string why)
    {
        why = "the address is empty";
        var found = new List<UnixDomainSocketEndPoint>();
        foreach (var address in list.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = address.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || address[..colon] != "unix")
            {
                why = "only unix:path= and unix:abstract= addresses can be used";
                continue;
            }

            if (TryPath(address[(colon + 1)..], out var path, out why)) found.Add(new UnixDomainSocketEndPoint(path));
        }

        return found;
    }

    static bool TryPath(string pairs, out string path, out string why)
    {
        path = "";
        why = "the address has neither path= nor abstract=";
        foreach (var pair in pairs.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var isPath = pair.StartsWith("path=", StringComparison.Ordinal);
            if (!isPath && !pair.StartsWith("abstract=", StringComparison.Ordinal)) continue;
            if (!TryUnescape(pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..], out var value))
            {
                why = "the address has a broken % escape";
                return false;
            }

            if (value.Length == 0 || value.Contains('\0', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(value) > MaxPath)
            {
                why = "the address's path is empty or longer than 107 bytes";
                return false;
            }

            path = isPath ? value : "\0" + value;
            return true;
        }

        return false;
    }

    static bool TryUnescape(string text, out string value)
    {
        value = "";
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text[i].ToString()));
                continue;
            }

            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])) return false;
            bytes.Add(Convert.ToByte(text.Substring(i + 1, 2), 16));
            i += 2;
        }

        value = Encoding.UTF8.GetString([.. bytes]);
        return true;
    }
}
