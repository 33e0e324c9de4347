using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Oops.Core;

namespace Oops.Routers;

/// <summary>
/// What we have told a router, for those who come after us: one line for each route, with its form, how its degraded form looks, and its prefixes. By it a prefix that has left the config is known to be ours.
/// BIRD's include file has the lines as comments; other routers have a file of nothing else.
/// </summary>
internal static class Ledger
{
    const string Mark = "# route ";
    const string RouterMark = "# router ";

    /// <summary>How each begins: a file with it is ours.</summary>
    public const string Header = "# Written by oops, action `";

    public static string Line(RouteWanted route) =>
        $"{Mark}{route.Route} {RouteForms.Word(route.Form)} {Say(route.Degrade)} {string.Join(' ', Ordered(route.Prefixes))}";

    /// <summary>A text of lines alone.</summary>
    /// <param name="action">Who writes it.</param>
    /// <param name="routes">What the router was told.</param>
    /// <param name="router">Which router, for those who find the file without its action; empty: it is not said.</param>
    public static string Render(string action, IEnumerable<RouteWanted> routes, string router = "") =>
        $"{Header}{action}`: what its router was told. It is replaced at each change.\n{(router.Length == 0 ? "" : $"{RouterMark}{router}\n")}{string.Concat(routes.OrderBy(r => r.Route, StringComparer.Ordinal).Select(r => Line(r) + "\n"))}";

    /// <summary>Who wrote a text; null: it is not ours.</summary>
    public static string? ActionOf(string text)
    {
        if (!text.StartsWith(Header, StringComparison.Ordinal)) return null;
        var rest = text.AsSpan(Header.Length);
        var end = rest.IndexOf('`');
        return end > 0 && IsName(rest[..end].ToString()) ? rest[..end].ToString() : null;
    }

    /// <summary>The router that was told what is in a text; empty: it does not say.</summary>
    public static string RouterOf(string text) => text.Split('\n').FirstOrDefault(l => l.StartsWith(RouterMark, StringComparison.Ordinal))?[RouterMark.Length..] ?? "";

    /// <summary>Two ledgers of one router as one: the own one's word is the newer; what only the other has stays with its route, while that is announced.</summary>
    public static ImmutableArray<RouteWanted> Join(ImmutableArray<RouteWanted> own, ImmutableArray<RouteWanted> other)
    {
        foreach (var route in other)
        {
            if (own.FirstOrDefault(r => r.Route == route.Route) is not { } known)
                own = own.Add(route);
            else if (route.Form != RouteForm.Withdrawn && known.Form != RouteForm.Withdrawn)
                own = own.Replace(known, known with { Prefixes = [.. known.Prefixes.Union(route.Prefixes)] });
        }
        return own;
    }

    /// <summary>
    /// The same where a router holds each prefix by itself, and not a route as a whole: the own one's withdraw took away only what it names. What others announce beyond that stands as they have it,
    /// so that it is looked for; what was withdrawn is nowhere, and needs no place beside it.
    /// </summary>
    public static ImmutableArray<RouteWanted> JoinEach(ImmutableArray<RouteWanted> own, IEnumerable<ImmutableArray<RouteWanted>> others)
    {
        var gone = new Dictionary<string, ImmutableArray<IPNetwork>>(StringComparer.Ordinal);
        foreach (var route in others.SelectMany(o => o))
        {
            var known = own.FirstOrDefault(r => r.Route == route.Route);
            if (known is { Form: RouteForm.Withdrawn }) gone[route.Route] = known.Prefixes;
            var rest = gone.TryGetValue(route.Route, out var withdrawn) ? route with { Prefixes = [.. route.Prefixes.Except(withdrawn)] } : route;
            own = known is { Form: RouteForm.Withdrawn } && rest is { Form: not RouteForm.Withdrawn, Prefixes.Length: > 0 } ? own.Replace(known, rest) : Join(own, [rest]);
        }
        return own;
    }

    /// <summary>The routes of a text that has a <see cref="Line"/> for each. Other lines are passed over.</summary>
    public static ImmutableArray<RouteWanted> Parse(string text)
    {
        var routes = ImmutableArray.CreateBuilder<RouteWanted>();
        foreach (string line in text.Split('\n'))
        {
            if (!line.StartsWith(Mark, StringComparison.Ordinal))
                continue;
            string[] words = line[Mark.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 4 || !IsName(words[0]) || RouteForms.Parse(words[1]) is not { } form || Degrade(words[2]) is not { } degrade)
                continue;
            var prefixes = ImmutableArray.CreateBuilder<IPNetwork>();
            foreach (string word in words[3..])
                if (IPNetwork.TryParse(word, out IPNetwork prefix))
                    prefixes.Add(prefix);
            if (prefixes.Count == words.Length - 3 && routes.All(r => r.Route != words[0]))
                routes.Add(new RouteWanted(words[0], prefixes.ToImmutable(), form, degrade));
        }
        return routes.ToImmutable();
    }

    /// <summary>
    /// What shall be in the file: the intent's routes, and what is in it already and the intent does not speak of, as it stands. A prefix that has left a route's
    /// config, or a route that has left the config, goes only when it was released, or when the intent names the prefix in some other route; or when its route is withdrawn:
    /// then nobody sees it any more, and it must not come back with the route. A route that has nothing there but what left its config is not withdrawn by an intent: there is nothing of it to withdraw.
    /// A prefix that is another route's by now stands with that one, unless the intent withdraws it: it shall not go with the one that it left.
    /// </summary>
    public static ImmutableArray<RouteWanted> Merge(ImmutableArray<RouteWanted> file, ImmutableArray<RouteWanted> intent, ImmutableArray<IPNetwork> released, IReadOnlyList<RouterRoute> config)
    {
        var named = intent.SelectMany(r => r.Prefixes).Concat(released).ToHashSet();
        var left = file.Select(r => r with { Prefixes = [.. r.Prefixes.Where(p => !named.Contains(p))] }).ToList();
        List<RouteWanted> routes = [.. intent.Select(i => left.Find(r => r.Route == i.Route) is { Prefixes.Length: > 0 } rest && HasNothing(file, i) ? rest with { Prefixes = [] } : i)];
        routes.AddRange(left.Where(r => intent.All(i => i.Route != r.Route)).Select(r => r.Form == RouteForm.Withdrawn ? r : r with { Prefixes = [] }));
        foreach (RouteWanted old in left.Where(r => r.Form != RouteForm.Withdrawn))
            foreach (IPNetwork prefix in old.Prefixes)
            {
                string name = Owner(config, prefix) is { } owner && !intent.Any(i => i.Route == owner && i.Form == RouteForm.Withdrawn) ? owner : old.Route;
                int at = routes.FindIndex(r => r.Route == name);
                if (at < 0)
                    routes.Add(old with { Route = name, Prefixes = [prefix] });
                else if (routes[at].Form == RouteForm.Withdrawn && intent.All(i => i.Route != name))
                    // What it had is nowhere, and needs no place here.
                    routes[at] = old with { Route = name, Prefixes = [prefix] };
                else
                    routes[at] = routes[at] with { Prefixes = [.. routes[at].Prefixes, prefix] };
            }
        return [.. routes.Where(r => r.Prefixes.Length > 0)];
    }

    /// <summary>Whether a route's protocols may be switched off as they are: what the file has of it is its own, and nobody else's by now.</summary>
    public static bool IsAlone(ImmutableArray<RouteWanted> file, RouteWanted route, IReadOnlyList<RouterRoute> config)
    {
        if (HasNothing(file, route)) return false;
        // Those of the route's own config are not looked for in all others: of many routes this is asked while a withdraw waits.
        var own = config.Where(r => !r.Observed && r.Name == route.Route).SelectMany(r => r.Prefixes).ToHashSet();
        return file.Where(r => r.Route == route.Route).SelectMany(r => r.Prefixes).All(p => own.Contains(p) || (Owner(config, p) ?? route.Route) == route.Route);
    }

    /// <summary>Those of prefixes that left the config that a route of it still takes along when it is withdrawn: what the file has of it is not only what left.</summary>
    public static ImmutableArray<IPNetwork> Followed(ImmutableArray<RouteWanted> file, IReadOnlyList<RouterRoute> config, IEnumerable<IPNetwork> left)
    {
        var along = file.Where(r => r.Form != RouteForm.Withdrawn && config.Any(c => !c.Observed && c.Name == r.Route && c.Prefixes.Any(r.Prefixes.Contains))).SelectMany(r => r.Prefixes).ToHashSet();
        return [.. left.Where(along.Contains)];
    }

    /// <summary>What the file has announced of a route that shall be withdrawn is none of its prefixes.</summary>
    static bool HasNothing(ImmutableArray<RouteWanted> file, RouteWanted route) =>
        route.Form == RouteForm.Withdrawn && file.Any(r => r.Route == route.Route && r.Form != RouteForm.Withdrawn && !r.Prefixes.Any(route.Prefixes.Contains));

    /// <summary>The route whose the prefix is. What is only observed never enters the file.</summary>
    static string? Owner(IReadOnlyList<RouterRoute> config, IPNetwork prefix) => config.FirstOrDefault(r => !r.Observed && r.Prefixes.Contains(prefix))?.Name;

    /// <summary>Each once, IPv4 first.</summary>
    public static IEnumerable<IPNetwork> Ordered(ImmutableArray<IPNetwork> prefixes) =>
        prefixes.Distinct().OrderBy(p => p.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6).ThenBy(p => p.ToString(), StringComparer.Ordinal);

    static bool IsName(string word) => word.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');

    static string Say(Degradation degrade) =>
        degrade.Med is { } med ? string.Create(CultureInfo.InvariantCulture, $"med={med}")
        : degrade.Community is { } community ? string.Create(CultureInfo.InvariantCulture, $"community={community.Asn}:{community.Value}")
        : degrade.Large is { } large ? string.Create(CultureInfo.InvariantCulture, $"large={large.Asn}:{large.Data1}:{large.Data2}")
        : string.Create(CultureInfo.InvariantCulture, $"prepend={degrade.Prepend}");

    static Degradation? Degrade(string word)
    {
        string[] parts = word.Split('=', ':');
        return parts switch
        {
            ["prepend", var n] when int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= 64 => new Degradation(Prepend: count),
            ["med", var n] when uint.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out uint med) => new Degradation(Med: med),
            ["community", var a, var b] when ushort.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out ushort asn) && ushort.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out ushort value) => new Degradation(Community: (asn, value)),
            ["large", var a, var b, var c] when uint.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out uint asn)
                && uint.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out uint one) && uint.TryParse(c, NumberStyles.None, CultureInfo.InvariantCulture, out uint two) => new Degradation(Large: (asn, one, two)),
            _ => null,
        };
    }
}
