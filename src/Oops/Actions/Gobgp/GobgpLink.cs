using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Oops.Routers;
using Oops.Wire.Gobgp;

namespace Oops.Actions.Gobgp;

/// <summary>
/// The way to GoBGP. All of a change goes in one call. What is read is our prefixes in its global table, the state of its peers, and, while the table is small, what each peer that is up is sent of them.
/// </summary>
internal sealed class GobgpLink(GobgpClient client, GobgpHops hops) : IPrefixLink
{
    /// <summary>
    /// So many paths GoBGP may have to go through for one reading of ours. It makes what a peer is sent of its whole table, policies included, for each question, and does nothing else meanwhile:
    /// in a router with a full table that would cost seconds of its BGP.
    /// </summary>
    internal const long MostWork = 20_000;

    readonly GobgpSession session = new(client);
    readonly HashSet<IPNetwork> known = [];
    bool? within;
    int met;
    int lost;

    public async ValueTask<LinkRead> ReadAsync(IReadOnlyCollection<IPNetwork> prefixes, CancellationToken stop)
    {
        if (await session.GreetAsync(stop) is { } silent) return LinkRead.Failed(silent);
        var (peers, why) = await session.PeersAsync(stop);
        if (peers is null) return LinkRead.Failed(why);
        within = peers.Any(p => p.Asn == session.Asn);
        var reads = ImmutableArray.CreateBuilder<PrefixRead>();
        var ours = new HashSet<IPNetwork>();
        foreach (var family in prefixes.GroupBy(p => p.BaseAddress.AddressFamily))
        {
            (var global, why) = await session.PathsAsync(GobgpTable.Global, "", [.. family], stop);
            if (global is null) return LinkRead.Failed(why);
            var up = peers.Where(p => p.Established && (family.Key == AddressFamily.InterNetworkV6 ? p.Carries6 : p.Carries4)).ToList();
            (var sent, why) = await SentAsync([.. family.Where(global.Contains)], up, peers.Sum(p => p.Received), stop);
            if (why is not null) return LinkRead.Failed(why);
            ours.UnionWith(global.Where(g => g.Any(p => p.From is null)).Select(g => g.Key));
            foreach (var paths in global)
                if (Judge(paths, up, sent) is { } read) reads.Add(read);
        }

        return new(null, Incarnation(ours), reads.ToImmutable());
    }

    public async ValueTask<string?> ChangeAsync(IReadOnlyList<PrefixChange> changes, CancellationToken stop)
    {
        if (session.Api is null && await session.GreetAsync(stop) is { } silent) return silent;
        List<GobgpPath> goes = [.. changes.Where(c => c.Look is null).Select(c => GobgpPath.Withdrawn(c.Prefix))];
        if (within is null && changes.Any(c => c.Look is { IsDraining: true }))
        {
            if (goes.Count > 0 && await session.AddAsync(stop, goes) is { } refused) return refused;
            goes.Clear();
            var (peers, why) = await session.PeersAsync(stop);
            if (peers is null) return why;
            within = peers.Any(p => p.Asn == session.Asn);
        }

        List<GobgpPath> comes = [.. changes.Where(c => c.Look is not null).Select(c => GobgpLook.Path(c.Prefix, c.Look!.Value, session.Asn, hops, within is true))];
        if (await session.AddAsync(stop, goes, comes) is { } no) return no;
        foreach (var change in changes)
            if (change.Look is null) known.Remove(change.Prefix);
            else known.Add(change.Prefix);
        return null;
    }

    public void Dispose() => session.Dispose();

    /// <summary>What each peer is sent of these prefixes; null: not asked, because it would cost the router too much.</summary>
    async ValueTask<(IReadOnlyList<(GobgpPeer Peer, ILookup<IPNetwork, GobgpPath> Paths)>? Sent, string? Why)> SentAsync(IReadOnlyList<IPNetwork> prefixes, IReadOnlyList<GobgpPeer> up, long received, CancellationToken stop)
    {
        if (prefixes.Count == 0) return ([], null);
        if (received * up.Count > MostWork) return (null, null);
        var sent = new List<(GobgpPeer, ILookup<IPNetwork, GobgpPath>)>();
        foreach (var peer in up)
        {
            var (paths, why) = await session.PathsAsync(GobgpTable.AdjOut, peer.Address, prefixes, stop);
            if (paths is null) return (null, why);
            sent.Add((peer, paths));
        }

        return (sent, null);
    }

    /// <summary>Null: GoBGP has the prefix from somebody, and tells nobody of it.</summary>
    PrefixRead? Judge(IGrouping<IPNetwork, GobgpPath> paths, IReadOnlyList<GobgpPeer> up, IReadOnlyList<(GobgpPeer Peer, ILookup<IPNetwork, GobgpPath> Paths)>? sent)
    {
        var prefix = paths.Key;
        List<GobgpPath> ours = [.. paths.Where(p => p.From is null)];
        // With two of its own, only one of them is ours.
        var look = ours is [var one] ? GobgpLook.Of(one, session.Asn, hops) : null;
        var best = paths.FirstOrDefault(p => p.Best) ?? paths.First();
        if (up.Count == 0) return ours.Count == 0 ? null : new(prefix, look, "no BGP session of this family is up");
        if (sent is null)
            return ours.Count == 0 ? null
                : best.From is { } better ? new(prefix, null, $"the path from {better} is preferred to it")
                : new(prefix, look, $"on its way to {Names(up)}, whose policies were not asked: its table is large");
        List<GobgpPeer> to = [.. sent.Where(s => s.Paths[prefix].Any(p => p.From is null && HasHop(p))).Select(s => s.Peer)];
        List<GobgpPeer> others = [.. sent.Where(s => s.Paths[prefix].Any(p => p.From is not null)).Select(s => s.Peer)];
        if (ours.Count > 0 && to.Count > 0) return new(prefix, look, $"announced to {Names(to)}");
        if (others.Count > 0) return new(prefix, null, $"announced to {Names(others)} as it came from {best.From}");
        if (ours.Count == 0) return null;
        return new(prefix, look, sent.Any(s => s.Paths[prefix].Any()) ? "no peer can take it: its next hop is an IPv4 address; write next-hop6" : "its policies send it to none of its peers") { Unheard = true };
    }

    /// <summary>Over a session over IPv4 GoBGP puts its IPv4 address for a next hop of :: into the UPDATE (3.10), and the peer takes the prefix for withdrawn.</summary>
    static bool HasHop(GobgpPath sent) => sent.NextHop is { } hop && (hop.AddressFamily == AddressFamily.InterNetworkV6) == (sent.Prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6) && !hop.IsIPv4MappedToIPv6;

    static string Names(IEnumerable<GobgpPeer> peers) => string.Join(", ", peers.Select(p => p.Address).Order(StringComparer.Ordinal));

    /// <summary>By the Unix socket the process is known. Over TCP it is taken for another one when, on a new connection, nothing is left of what it had of ours.</summary>
    string Incarnation(HashSet<IPNetwork> ours)
    {
        if (client.Process is { } process) return string.Create(CultureInfo.InvariantCulture, $"gobgpd, process {process.Pid}, started {process.Started} ticks after boot");
        if (client.Connections != met && known.Count > 0 && !known.Overlaps(ours)) lost++;
        met = client.Connections;
        known.Clear();
        known.UnionWith(ours);
        return lost == 0 ? "gobgpd as it was first seen" : string.Create(CultureInfo.InvariantCulture, $"gobgpd after {lost} restarts");
    }
}
