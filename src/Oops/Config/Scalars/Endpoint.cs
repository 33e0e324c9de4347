using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Serialization;

namespace Oops.Config;

/// <summary>An address with an optional port, in Knot's form: `127.0.0.1`, `127.0.0.1@53`, `::1@5353`. Names are refused: they need the DNS to work.</summary>
[JsonConverter(typeof(ScalarConverter<Endpoint>))]
internal readonly record struct Endpoint(IPAddress Address, int? Port) : IScalar<Endpoint>
{
    public static string What => "an IP address with an optional port, such as 192.0.2.1, 127.0.0.1@53 or ::1@5353";

    public static string Example => "192.0.2.1@53";

    public static string Pattern => "^[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?(@[0-9]{1,5})?$";

    /// <summary>The socket address, with the port that the key is for if none was written.</summary>
    public IPEndPoint ToIPEndPoint(int defaultPort) => new(Address, Port ?? defaultPort);

    public static Endpoint? Parse(string text, out string problem)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var host = at < 0 ? text : text[..at];
        problem = $"{ConfigErrors.Show(text)} is not {What}";
        int? port = null;
        if (at >= 0)
        {
            if (!TryPort(text.AsSpan(at + 1), out var number))
            {
                problem = $"{ConfigErrors.Show(text)} has a bad port; write a number from 1 to 65535 behind the '@'";
                return null;
            }

            port = number;
        }

        if (TryAddress(host, out var address))
            return new Endpoint(address, port);
        if (at < 0 && Misspelt(text) is { } right)
            problem = $"{ConfigErrors.Show(text)} is not {What}; write {right}";
        else if (host.Length > 0 && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-') && host.Any(char.IsAsciiLetter))
            problem = $"{ConfigErrors.Show(text)} is a name; write the IP address, since a name would need the DNS to work";
        return null;
    }

    /// <summary>Dotted quads and IPv6 only: the runtime would also take "1", "127.1" and octal numbers.</summary>
    public static bool TryAddress(string text, out IPAddress address)
    {
        address = IPAddress.None;
        if (text.Length is 0 or > 60 || text[0] == '[' || !IPAddress.TryParse(text, out var parsed))
            return false;
        address = parsed;
        if (parsed.AddressFamily == AddressFamily.InterNetworkV6)
            return true;
        return text.Split('.') is { Length: 4 } parts && parts.All(p => p.Length is 1 or 2 or 3 && p.All(char.IsAsciiDigit) && (p.Length == 1 || p[0] != '0'));
    }

    /// <summary>The same, and of this family.</summary>
    public static bool TryAddress(string text, AddressFamily family, out IPAddress address) => TryAddress(text, out address) && address.AddressFamily == family;

    static bool TryPort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535;

    // "127.0.0.1:53" and "[::1]:53" are what other programs take.
    static string? Misspelt(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !TryPort(text.AsSpan(colon + 1), out var port))
            return null;
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            return null;
        return TryAddress(host, out var address) ? $"{address}@{port}" : null;
    }

    public override string ToString() => Port is { } port ? $"{Address}@{port.ToString(CultureInfo.InvariantCulture)}" : Address.ToString();
}
