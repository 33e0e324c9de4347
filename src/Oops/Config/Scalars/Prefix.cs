using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Oops.Config;

/// <summary>An IP prefix: `192.0.2.0/24`, `2001:db8::/48`. Bits behind the length must be zero, as a router demands.</summary>
internal static class Prefix
{
    public const string What = "an IP prefix such as 192.0.2.0/24 or 2001:db8::/48";
    public const string Pattern = "^[0-9A-Fa-f:.]+/[0-9]{1,3}$";

    public static IPNetwork? Parse(string text, out string problem)
    {
        problem = $"{ConfigErrors.Show(text)} is not {What}";
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            if (Endpoint.TryAddress(text, out var host))
                problem = $"{ConfigErrors.Show(text)} has no length; write {host}/{(host.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)} for the one address";
            return null;
        }

        if (!Endpoint.TryAddress(text[..slash], out var address) || address.ScopeIdOrZero() != 0 || text.Length - slash is < 2 or > 4
            || !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            return null;
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (length > bits)
        {
            problem = $"{ConfigErrors.Show(text)} has a bad length; the most is /{bits}";
            return null;
        }

        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] &= (byte)(0xff00 >> Math.Clamp(length - (i * 8), 0, 8));
        var network = new IPAddress(bytes);
        if (!network.Equals(address))
        {
            problem = $"{ConfigErrors.Show(text)} has bits set behind its length; write {network}/{length}";
            return null;
        }

        return new IPNetwork(network, length);
    }

    static long ScopeIdOrZero(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}

internal sealed class PrefixConverter : JsonConverter<IPNetwork>
{
    public override IPNetwork Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Prefix.Parse(reader.GetString() ?? "", out var problem) ?? throw new JsonException(problem);

    public override void Write(Utf8JsonWriter writer, IPNetwork value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
