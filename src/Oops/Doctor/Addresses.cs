using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Oops.Doctor;

/// <summary>Addresses as the servers write them: `192.0.2.1`, `192.0.2.1@53`, `192.0.2.1:53`, `[2001:db8::1]:53`.</summary>
internal static class Addresses
{
    public static bool TryParse(string text, int port, out IPEndPoint endpoint)
    {
        endpoint = new IPEndPoint(IPAddress.None, 0);
        text = text.Trim('"', '\'', ' ');
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var host = at >= 0 ? text[..at] : text;
        var number = at >= 0 ? text[(at + 1)..] : "";
        if (at < 0 && text.StartsWith('[') && text.IndexOf(']', StringComparison.Ordinal) is > 0 and var close)
            (host, number) = (text[1..close], text[(close + 1)..].TrimStart(':'));
        else if (at < 0 && text.Count(c => c == ':') == 1)
            (host, number) = (text[..text.IndexOf(':', StringComparison.Ordinal)], text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        if (host is "*" or "any") host = "0.0.0.0";
        if (number.Length > 0 && (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)) return false;
        // Short forms (127.1) and scopes are left to those who write them.
        if (!IPAddress.TryParse(host, out var address) || (address.AddressFamily == AddressFamily.InterNetwork && host.Count(c => c == '.') != 3)) return false;
        endpoint = new IPEndPoint(address, port);
        return true;
    }

    public static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>As our config writes it, quoted where it has a colon.</summary>
    public static string Yaml(IPEndPoint endpoint)
    {
        var text = endpoint.Port == 53 ? endpoint.Address.ToString() : $"{endpoint.Address}@{endpoint.Port}";
        return text.Contains(':', StringComparison.Ordinal) ? $"\"{text}\"" : text;
    }

    /// <summary>Only this machine reaches it.</summary>
    public static bool IsLocal(string text) => text is "localhost" || (TryParse(text, 1, out var endpoint) && IPAddress.IsLoopback(endpoint.Address));
}
