using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Oops.Routers;

namespace Oops.Actions.Exabgp;

/// <summary>One line of `show adj-rib out extensive`.</summary>
/// <param name="Neighbor">Whose table it is in.</param>
/// <param name="Prefix">Which.</param>
/// <param name="NextHop">`self`, or the address.</param>
/// <param name="Look">How; null: as nothing of ours.</param>
internal sealed record ExabgpRoute(IPAddress Neighbor, IPNetwork Prefix, string NextHop, Look? Look)
{
    /// <summary>
    /// `neighbor 10.99.0.2 local-ip 10.99.0.1 local-as 64501 peer-as 64500 router-id 10.99.0.1 family-allowed in-open ipv4 unicast 192.0.2.54/32 next-hop self as-path [ 64501 64501 ] med 50`. Null: no unicast route,
    /// or not one of those.
    /// </summary>
    public static ExabgpRoute? Parse(string line, ISet<IPNetwork> only)
    {
        var at = line.IndexOf(" ipv4 unicast ", StringComparison.Ordinal);
        if (at < 0) at = line.IndexOf(" ipv6 unicast ", StringComparison.Ordinal);
        if (at < 0 || !line.StartsWith("neighbor ", StringComparison.Ordinal)) return null;
        var rest = line.AsSpan(at + " ipv4 unicast ".Length);
        var space = rest.IndexOf(' ');
        if (space < 0 || !IPNetwork.TryParse(rest[..space], out var prefix) || !only.Contains(prefix)) return null;
        var words = line[..at].Split(' ');
        if (!IPAddress.TryParse(words[1], out var neighbor)) return null;
        var named = Array.IndexOf(words, "local-as");
        if (named < 0 || named + 1 == words.Length || !uint.TryParse(words[named + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var asn)) return null;
        var attributes = Attributes(rest[(space + 1)..].ToString());
        return new(neighbor, prefix, attributes?.Find(a => a.Name == "next-hop").Values is [var hop] ? hop : "", attributes is null ? null : LookOf(attributes, asn));
    }

    /// <summary>Name and value by turns; a value is one word, or several in brackets. Null: something else.</summary>
    static List<(string Name, string[] Values)>? Attributes(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        List<(string, string[])> attributes = [];
        for (var i = 0; i < words.Length; i++)
        {
            var name = words[i++];
            if (i == words.Length) return null;
            var end = words[i] == "[" ? Array.IndexOf(words, "]", i) : i;
            if (end < 0) return null;
            attributes.Add((name, end == i ? [words[i]] : words[(i + 1)..end]));
            i = end;
        }

        return attributes;
    }

    static Look? LookOf(List<(string Name, string[] Values)> attributes, uint asn)
    {
        var look = default(Look);
        var least = false;
        foreach (var (name, values) in attributes)
        {
            var own = asn.ToString(CultureInfo.InvariantCulture);
            switch (name, values)
            {
                case ("next-hop", [_]) or ("origin", ["igp"]):
                    break;
                // It is given as a whole, with the own AS that is there anyway.
                case ("as-path", [_, ..]) when values.All(v => v == own):
                    look = look with { Prepend = values.Length - 1 };
                    break;
                case ("med", [var value]) when uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var med):
                    look = look with { Med = med };
                    break;
                case ("community", _) when Array.ConvertAll(values, CommunityOf) is var all && !all.Contains(null) && look.With(all.OfType<(ushort, ushort)>()) is { } with:
                    look = with;
                    break;
                case ("large-community", [var value]) when Numbers(value) is [var a, var b, var c]:
                    look = look with { Large = (a, b, c) };
                    break;
                case ("local-preference", ["0"]):
                    least = true;
                    break;
                default:
                    return null;
            }
        }

        return look.IsDraining == least ? look : null;
    }

    static (ushort, ushort)? CommunityOf(string text) => Numbers(text) is [<= ushort.MaxValue and var a, <= ushort.MaxValue and var b] ? ((ushort)a, (ushort)b) : null;

    static uint[]? Numbers(string text)
    {
        var parts = text.Split(':');
        var numbers = new uint[parts.Length];
        for (var i = 0; i < parts.Length; i++)
            if (!uint.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return null;
        return numbers;
    }
}
