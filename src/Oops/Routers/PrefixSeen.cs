using System.Net;
using Oops.Core;

namespace Oops.Routers;

/// <summary>What is said of one prefix at a router.</summary>
/// <param name="Prefix">Which.</param>
/// <param name="Form">Null: somebody has changed what we told the router, and it has none of our forms.</param>
/// <param name="Detail">In words.</param>
internal sealed record PrefixSeen(IPNetwork Prefix, RouteForm? Form, string Detail)
{
    /// <summary>What gives it to the world besides us, and would go on after a withdraw of ours: `protocol static1`. Null: nothing that is known.</summary>
    public string? Other { get; init; }

    /// <summary>The prefixes of one route as one: they move together, and each that does not is named.</summary>
    public static RouteSeen Join(string route, IReadOnlyList<PrefixSeen> prefixes)
    {
        string? others = prefixes.Any(p => p.Other is not null) ? string.Join(", ", prefixes.Where(p => p.Other is not null).Select(p => $"{p.Prefix} also comes from {p.Other}")) : null;
        if (prefixes.Count > 0 && prefixes.All(p => p.Form == prefixes[0].Form))
            return new RouteSeen(route, prefixes[0].Form, string.Join("; ", prefixes.Select(p => p.Detail).Distinct())) { Others = others };
        RouteForm?[] announced = [.. prefixes.Select(p => p.Form).Where(f => f != RouteForm.Withdrawn).Distinct()];
        return new RouteSeen(route, announced is [var one] ? one : null, string.Join("; ", prefixes.Select(p => $"{p.Prefix} {(p.Form is { } form ? RouteForms.Word(form) : "changed")} ({p.Detail})")))
        {
            Lacks = [.. prefixes.Where(p => p.Form == RouteForm.Withdrawn).Select(p => p.Prefix)],
            Others = others,
        };
    }
}
