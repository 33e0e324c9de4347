using System.Globalization;
using System.Text;

namespace Oops.Wire.Bus;

/// <summary>Where a signal is on an MQTT broker: `dns-oops/v1/SITE/SERVER/CONDITION[/ZONE]`, and `dns-oops/v1/SITE/_node/NODE` for the publisher itself.</summary>
/// <param name="Site">The site.</param>
/// <param name="Server">Null: the publisher speaks of itself.</param>
/// <param name="Name">The condition; of the publisher: the node.</param>
/// <param name="Zone">Null: of the server.</param>
public readonly record struct BusTopic(string Site, string? Server, string Name, string? Zone = null)
{
    public const string Before = "dns-oops/v1/";

    const string Node = "_node";

    public static BusTopic Of(BusSignal signal) => signal.Server is { } server ? new(signal.Site, server, signal.Condition, signal.Zone) : new(signal.Site, null, signal.Node);

    /// <summary>As an MQTT topic: no level of it is empty, or has a wildcard or a separator in it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Before);
        Escape(text, Site);
        Escape(text.Append('/'), Server ?? Node, Server is null);
        Escape(text.Append('/'), Name);
        if (Zone is { } zone) Escape(text.Append('/'), zone);
        return text.ToString();
    }

    /// <summary>Null: it is not one of ours.</summary>
    public static BusTopic? Parse(string topic)
    {
        if (!topic.StartsWith(Before, StringComparison.Ordinal)) return null;
        var levels = topic[Before.Length..].Split('/');
        if (levels.Length is < 3 or > 4 || Unescape(levels[0]) is not { } site || Unescape(levels[2]) is not { } name) return null;
        if (levels[1] == Node) return levels.Length == 3 ? new(site, null, name) : null;
        if (Unescape(levels[1]) is not { } server) return null;
        if (levels.Length == 3) return new(site, server, name);
        return Unescape(levels[3]) is { } zone ? new(site, server, name, zone) : null;
    }

    // What stands for itself in a topic and in a filter of topics, and what each log can show.
    static bool IsPlain(byte octet) => octet is > 0x20 and < 0x7F and not ((byte)'/' or (byte)'+' or (byte)'#' or (byte)'$' or (byte)'%');

    static void Escape(StringBuilder to, string level, bool ours = false)
    {
        var octets = Encoding.UTF8.GetBytes(level);
        for (var i = 0; i < octets.Length; i++)
        {
            // A level that begins with `_` is ours.
            if (IsPlain(octets[i]) && (ours || i > 0 || octets[i] != '_')) to.Append((char)octets[i]);
            else to.Append(CultureInfo.InvariantCulture, $"%{octets[i]:X2}");
        }
    }

    /// <summary>Null: it is no level that <see cref="Escape"/> writes.</summary>
    static string? Unescape(string level)
    {
        var octets = new List<byte>(level.Length);
        for (var i = 0; i < level.Length; i++)
        {
            if (level[i] is > '~' or <= ' ') return null;
            if (level[i] != '%')
            {
                octets.Add((byte)level[i]);
                continue;
            }

            if (i + 2 >= level.Length || !byte.TryParse(level.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet)) return null;
            octets.Add(octet);
            i += 2;
        }

        var text = Encoding.UTF8.GetString([.. octets]);
        var again = new StringBuilder();
        Escape(again, text);
        // One name has one topic.
        return text.Length > 0 && again.ToString() == level ? text : null;
    }
}
