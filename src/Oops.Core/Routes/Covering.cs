using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Oops.Core;

/// <summary>What else serves the users of a route while it is withdrawn, as far as can be seen from here: the peers that its servers are compared with, and other routes for the same addresses. Other sites are not seen.</summary>
internal sealed class Covering
{
    /// <summary>The routes that have some of its addresses, too, and of how many of its prefixes.</summary>
    readonly Dictionary<Route, ImmutableArray<(Route Other, int Prefixes)>> overlapping = [];

    public Covering(ImmutableArray<Route> routes)
    {
        // By lookup of each shorter prefix, since there may be ten thousand of them.
        var owners = new Dictionary<IPNetwork, List<Route>>();
        var lengths = routes.SelectMany(r => r.Spec.Prefixes).Select(p => (p.BaseAddress.AddressFamily, p.PrefixLength)).ToHashSet();
        foreach (var route in routes)
            foreach (var prefix in route.Spec.Prefixes)
                if (owners.TryGetValue(prefix, out var known)) known.Add(route);
                else owners[prefix] = [route];
        foreach (var route in routes)
        {
            var found = route.Spec.Prefixes.SelectMany(p => Around(p, lengths).SelectMany(a => owners.TryGetValue(a, out var at) ? at : []).Distinct()).Where(r => r != route);
            overlapping[route] = [.. found.CountBy(r => r).OrderBy(c => c.Key.Spec.Name, StringComparer.Ordinal).Select(c => (c.Key, c.Value))];
        }
    }

    /// <summary>It and every network of those lengths that it lies in.</summary>
    static IEnumerable<IPNetwork> Around(IPNetwork prefix, HashSet<(AddressFamily, int)> lengths)
    {
        var bytes = prefix.BaseAddress.GetAddressBytes();
        yield return prefix;
        for (var length = prefix.PrefixLength - 1; length > 0; length--)
        {
            bytes[length / 8] &= (byte)~(0x80 >> (length % 8));
            if (lengths.Contains((prefix.BaseAddress.AddressFamily, length))) yield return new IPNetwork(new IPAddress(bytes), length);
        }
    }

    /// <summary>All that could cover, and whether it does.</summary>
    public IEnumerable<CoverReport> Of(Route route, IEnumerable<Channel> channels, At now)
    {
        foreach (var channel in channels)
            if (channel.Spec.Peer && route.Spec.Servers.Contains(channel.Server.Name))
                yield return Peer(channel, now);
        foreach (var (other, prefixes) in overlapping[route])
            yield return Other(route, other, prefixes);
    }

    static CoverReport Peer(Channel channel, At now)
    {
        var id = $"peer {channel.Spec.Target} of {channel.Server.Name}";
        if (!channel.Open || channel.Since is not { } since || channel.Heard is not { } heard) return new(id, null, State.Unknown, channel.Why ?? Channel.Unopened);
        // To be opened is no answer.
        var (spoke, age) = (heard > since, now - heard);
        return age <= channel.Spec.Validity
            ? spoke ? new(id, null, State.Met, $"answered {Words.Of(age)} ago") : new(id, null, State.Unknown, "has not been asked yet")
            : new(id, null, State.NotMet, spoke ? $"has not answered for {Words.Of(age)}" : $"has never answered, for {Words.Of(age)}");
    }

    static CoverReport Other(Route route, Route other, int covered)
    {
        var name = other.Spec.Name;
        var id = $"route {name}{(other.Spec.LastResort ? " (last resort)" : "")} via {other.Spec.Via}";
        if (other.Shadow) return new(id, name, State.Unknown, "only observed");
        return other.Seen switch
        {
            null => new(id, name, State.Unknown, "its router is not known to show it"),
            RouteForm.Withdrawn => new(id, name, State.NotMet, "is withdrawn"),
            _ when other.IsDrained => new(id, name, State.NotMet, "is drained, too"),
            _ when covered < route.Spec.Prefixes.Length => new(id, name, State.Unknown, $"covers {covered} of {route.Spec.Prefixes.Length} prefixes"),
            var form => new(id, name, State.Met, $"is announced, {Words.Of(form.Value)}"),
        };
    }
}
