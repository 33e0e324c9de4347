using System.Text.Json.Serialization;

namespace Oops.Config;

/// <summary>Where a stream socket is: the absolute path of a Unix socket, or an IP address with a port.</summary>
[JsonConverter(typeof(ScalarConverter<SocketPlace>))]
internal readonly record struct SocketPlace(string? Path, Endpoint? Address) : IScalar<SocketPlace>
{
    /// <summary>sun_path of unix(7), its final zero apart.</summary>
    const int MostOctets = 107;

    public static string What => "the absolute path of a Unix socket, or an IP address with a port, such as 127.0.0.1@6000";

    public static string Example => "/run/oops/ns1.dnstap";

    public static string Pattern => "^(/.+|[0-9A-Fa-f:.]+@[0-9]{1,5})$";

    public static SocketPlace? Parse(string text, out string problem)
    {
        problem = $"{ConfigErrors.Show(text)} is not {What}";
        if (text.StartsWith('/') && !text.EndsWith('/'))
        {
            if (System.Text.Encoding.UTF8.GetByteCount(text) <= MostOctets)
                return new SocketPlace(text, null);
            problem = $"{ConfigErrors.Show(text)} is longer than the path of a socket can be ({MostOctets} octets)";
            return null;
        }

        if (Endpoint.Parse(text, out var why) is not { } address)
        {
            if (text.Contains('@', StringComparison.Ordinal))
                problem = why;
            return null;
        }

        if (address.Port is not null)
            return new SocketPlace(null, address);
        problem = $"{ConfigErrors.Show(text)} has no port; write {text}@6000";
        return null;
    }

    public override string ToString() => Path ?? Address?.ToString() ?? "";
}
