using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Routers;

namespace Oops.Actions.Bird;

/// <summary>
/// What the router really does with our prefixes: for each, which protocol's route its sessions export. A prefix whose family no session carries at the moment
/// stands as the table has it, since that is what a session will get: a session that is down is not a withdraw.
/// </summary>
/// <param name="client">The way to BIRD.</param>
/// <param name="routes">Those that go via the action.</param>
/// <param name="sessions">Those that are looked at; empty: all that are up.</param>
/// <param name="beside">Prefixes of routes via other actions at the same BIRD: nobody's orphans.</param>
internal sealed class BirdReadBack(BirdClient client, IReadOnlyList<RouterRoute> routes, IReadOnlyList<string> sessions, IReadOnlySet<IPNetwork> beside)
{
    public BirdOthers Others { get; } = new(client);

    public async ValueTask<(ImmutableArray<RouteSeen> Routes, ImmutableArray<IPNetwork> Orphans, string? Why)> ReadAsync(BirdRouter router, CancellationToken stop)
    {
        (List<BirdRoute>? rows, string? silent) = await OursAsync(router, stop);
        if (rows is null)
            return ([], [], silent);
        Others.Look(router);
        List<BirdProtocol> up = [.. router.Protocols.Values.Where(p => p.IsBgp && p.Up && (sessions.Count == 0 || sessions.Contains(p.Name)))];
        var seen = ImmutableArray.CreateBuilder<RouteSeen>();
        foreach (RouterRoute route in routes)
        {
            var prefixes = new List<PrefixSeen>();
            foreach (IPNetwork prefix in route.Prefixes)
            {
                (PrefixSeen? one, string? why) = await OneAsync(route.Name, prefix, rows, up, stop);
                if (one is null)
                    return ([], [], why);
                prefixes.Add(one);
            }
            seen.Add(PrefixSeen.Join(route.Name, prefixes));
        }
        var configured = routes.SelectMany(r => r.Prefixes).ToHashSet();
        return (seen.ToImmutable(), [.. rows.Select(r => r.Prefix).Where(p => !configured.Contains(p) && !beside.Contains(p)).Distinct()], null);
    }

    /// <summary>
    /// The routes of our protocols that are up. `show route` walks the router's whole table, also with `protocol` or `where`, and once per protocol:
    /// `show static` lists only what the protocol itself has.
    /// </summary>
    async ValueTask<(List<BirdRoute>? Rows, string? Why)> OursAsync(BirdRouter router, CancellationToken stop)
    {
        var rows = new List<BirdRoute>();
        foreach (BirdProtocol protocol in router.Protocols.Values.Where(p => p.Ours && p.Up && p.Type == "Static"))
        {
            BirdAnswer answer = await client.AskAsync($"show static {protocol.Quoted}", stop);
            if (answer.Reply is null)
                return (null, answer.Why);
            // "9001 syntax error": the protocol went with a reconfiguration just now, and has no routes.
            rows.AddRange(BirdTable.Statics(answer.Reply, protocol.Name));
        }
        return (rows, null);
    }

    async ValueTask<(PrefixSeen? Seen, string? Why)> OneAsync(string route, IPNetwork prefix, List<BirdRoute> rows, List<BirdProtocol> up, CancellationToken stop)
    {
        var to = new List<BirdProtocol>();
        string? from = null;
        int looked = 0;
        foreach (BirdProtocol session in up)
        {
            BirdAnswer answer = await client.AskAsync($"show route {prefix} export {session.Quoted}", stop);
            if (answer.Reply is null)
                return (null, answer.Why);
            // "9001 No valid tables": the session has no channel of this family, or went down just now.
            if (!answer.Reply.Ok && !answer.Reply.NotFound)
                continue;
            looked++;
            if (BirdTable.Rows(answer.Reply).FirstOrDefault(r => r.Prefix.Equals(prefix)).Protocol is { } protocol)
            {
                from ??= protocol;
                to.Add(session);
            }
        }
        IReadOnlyList<string> others = await Others.OfAsync(prefix, stop);
        string? other = await Others.OutAsync(prefix, others, from, to, stop);
        if (from is not null)
        {
            string exported = $"exported to {string.Join(", ", to.Select(s => s.Name))}";
            PrefixSeen seen = BirdTable.FormOf(route, from) is { } form ? new(prefix, form, exported) : new(prefix, RouteForm.Plain, $"{exported} by protocol {from}, not by ours");
            return (seen with { Other = other is null ? null : "protocol " + other }, null);
        }
        RouteForm[] forms = [.. rows.Where(r => r.Prefix.Equals(prefix)).Select(r => BirdTable.FormOf(route, r.Protocol)).OfType<RouteForm>()];
        if (looked == 0)
            return (new PrefixSeen(prefix, forms.DefaultIfEmpty(RouteForm.Withdrawn).Max(), "no BGP session of this family is up"), null);
        return (new PrefixSeen(prefix, RouteForm.Withdrawn, forms.Length == 0 ? "not exported" : $"in the router's table, but its filters export it to no session{(others.Count == 0 ? "" : $"; protocol {others[0]} has it, too, and may hide ours")}"), null);
    }
}
