using System.Net;
using Oops.Core;

namespace Oops.Actions.Bird;

/// <summary>One route of `show route`: the prefix, and the protocol that it comes from.</summary>
internal readonly record struct BirdRoute(IPNetwork Prefix, string Protocol);

/// <summary>Reads what the router has, and what its sessions export.</summary>
internal static class BirdTable
{
    /// <summary>The rows of a reply to `show route`: `192.0.2.53/32 blackhole [oops_a_plain4 13:27:05.728] * (200)`; further routes to the same prefix have a blank first column.</summary>
    public static IEnumerable<BirdRoute> Rows(BirdReply reply)
    {
        IPNetwork? prefix = null;
        foreach (string text in reply.With(1007))
        {
            int open = text.IndexOf('[', StringComparison.Ordinal);
            if (open < 0)
                continue;
            string net = text[..open].Split(' ')[0];
            if (net.Length > 0)
                prefix = IPNetwork.TryParse(net, out IPNetwork parsed) ? parsed : null;
            int end = text.AsSpan(open).IndexOfAny(' ', ']');
            if (prefix is { } known && end > 1)
                yield return new BirdRoute(known, text[(open + 1)..(open + end)]);
        }
    }

    /// <summary>The rows of a reply to `show static PROTOCOL`: `192.0.2.53/32`, a tab, `blackhole`.</summary>
    public static IEnumerable<BirdRoute> Statics(BirdReply reply, string protocol)
    {
        foreach (string text in reply.With(1009))
            if (IPNetwork.TryParse(text.Trim().Split(' ', '\t')[0], out IPNetwork prefix))
                yield return new BirdRoute(prefix, protocol);
    }

    /// <summary>The form in which one of our protocols carries the route; null: it is no protocol of that route.</summary>
    public static RouteForm? FormOf(string route, string protocol)
    {
        foreach (RouteForm form in BirdNames.Forms)
            if (protocol == BirdNames.Protocol(route, form, six: false) || protocol == BirdNames.Protocol(route, form, six: true))
                return form;
        return null;
    }
}
