using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Oops.Config;
using Oops.Core;

namespace Oops.Actions.Bird;

/// <summary>
/// The file that BIRD includes: the whole wanted state, so that a reconfiguration or a restart of BIRD, ours or anybody's, ends in it. Per route a comment that
/// says how it stands, from which the file is read again, and one static protocol per form and family with rising preference, `disabled` unless it shall be up.
/// </summary>
internal static class BirdInclude
{
    const string Mark = "# route ";

    /// <summary>The file's text. A degraded form by prepending needs to know the local AS; it is left out while that is null.</summary>
    public static string Render(string action, IEnumerable<RouteWanted> routes, uint? asn)
    {
        var text = new StringBuilder();
        foreach (RouteWanted route in routes.OrderBy(r => r.Route, StringComparer.Ordinal))
        {
            text.Append('\n').Append(Mark).Append(route.Route).Append(' ').Append(BirdNames.Word(route.Form)).Append(' ').Append(Say(route.Degrade));
            foreach (IPNetwork prefix in Ordered(route.Prefixes))
                text.Append(' ').Append(prefix);
            text.Append('\n');
            // The highest preference first: BIRD starts protocols in the order of the file, and what is hidden is then never exported.
            for (int form = BirdNames.Forms.Length - 1; form >= 0; form--)
                foreach (bool six in new[] { false, true })
                    Protocol(text, route, BirdNames.Forms[form], six, 200 + 10 * form, asn);
        }
        string body = text.ToString();
        return $"# Written by oops, action `{action}`. It is replaced at each change: edits are lost.\ndefine {ConstantName(action)} = {Number(body)};\n{body}";
    }

    /// <summary>A constant in the file, by which BIRD is asked (`eval`) whether it runs with this very text.</summary>
    public static string ConstantName(string action) => "oops_text_" + action.Replace('-', '_');

    /// <summary>The value of the constant in a text that <see cref="Render"/> gave.</summary>
    public static string ConstantOf(string text) => Number(text[(text.IndexOf('\n', text.IndexOf('\n', StringComparison.Ordinal) + 1) + 1)..]);

    /// <summary>What the file's protocols are called, and whether each shall be up.</summary>
    public static IEnumerable<(string Protocol, bool Up)> Protocols(RouteWanted route, uint? asn)
    {
        foreach (RouteForm form in BirdNames.Forms)
            foreach (bool six in new[] { false, true })
                if (Has(route, form, asn) && route.Prefixes.Any(p => IsSix(p) == six))
                    yield return (BirdNames.Protocol(route.Route, form, six), BirdNames.IsUp(route.Form, form));
    }

    /// <summary>The routes of a file written by <see cref="Render"/>. Lines that it did not write are passed over.</summary>
    public static ImmutableArray<RouteWanted> Parse(string text)
    {
        var routes = ImmutableArray.CreateBuilder<RouteWanted>();
        foreach (string line in text.Split('\n'))
        {
            if (!line.StartsWith(Mark, StringComparison.Ordinal))
                continue;
            string[] words = line[Mark.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 4 || !IsName(words[0]) || Form(words[1]) is not { } form || Degrade(words[2]) is not { } degrade)
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
    public static ImmutableArray<RouteWanted> Merge(ImmutableArray<RouteWanted> file, ImmutableArray<RouteWanted> intent, ImmutableArray<IPNetwork> released, IReadOnlyList<BirdRouteSpec> config)
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
    public static bool IsAlone(ImmutableArray<RouteWanted> file, RouteWanted route, IReadOnlyList<BirdRouteSpec> config) =>
        !HasNothing(file, route) && file.Where(r => r.Route == route.Route).SelectMany(r => r.Prefixes).All(p => (Owner(config, p) ?? route.Route) == route.Route);

    /// <summary>What the file has announced of a route that shall be withdrawn is none of its prefixes.</summary>
    static bool HasNothing(ImmutableArray<RouteWanted> file, RouteWanted route) =>
        route.Form == RouteForm.Withdrawn && file.Any(r => r.Route == route.Route && r.Form != RouteForm.Withdrawn && !r.Prefixes.Any(route.Prefixes.Contains));

    /// <summary>The route whose the prefix is. What is only observed never enters the file.</summary>
    static string? Owner(IReadOnlyList<BirdRouteSpec> config, IPNetwork prefix) => config.FirstOrDefault(r => !r.Observed && r.Prefixes.Contains(prefix))?.Name;

    /// <summary>31 bits of the body's hash: BIRD's numbers have 32, and some versions print them signed.</summary>
    static string Number(string body) =>
        ((uint)(Fingerprint.Of(body) >> 32) >> 1).ToString(CultureInfo.InvariantCulture);

    static void Protocol(StringBuilder text, RouteWanted route, RouteForm form, bool six, int preference, uint? asn)
    {
        var prefixes = Ordered(route.Prefixes).Where(p => IsSix(p) == six).ToList();
        if (prefixes.Count == 0 || !Has(route, form, asn))
            return;
        string attributes = form switch
        {
            RouteForm.Degraded => Attributes(route.Degrade, asn),
            // RFC 8326: GRACEFUL_SHUTDOWN is 65535:0, and the path is the last resort within our own AS too.
            RouteForm.Draining => " bgp_community.add((65535,0)); bgp_local_pref = 0;",
            _ => "",
        };
        text.Append(CultureInfo.InvariantCulture, $"protocol static {BirdNames.Protocol(route.Route, form, six)} {{\n");
        if (!BirdNames.IsUp(route.Form, form))
            text.Append("    disabled;\n");
        text.Append(CultureInfo.InvariantCulture, $"    {(six ? "ipv6" : "ipv4")} {{ preference {preference}; }};\n");
        foreach (IPNetwork prefix in prefixes)
            text.Append("    route ").Append(prefix).Append(" blackhole").Append(attributes.Length == 0 ? "" : " {" + attributes + " }").Append(";\n");
        text.Append("}\n");
    }

    static bool Has(RouteWanted route, RouteForm form, uint? asn) => form != RouteForm.Degraded || Attributes(route.Degrade, asn).Length > 0;

    static string Attributes(Degradation degrade, uint? asn)
    {
        if (degrade.Med is { } med)
            return string.Create(CultureInfo.InvariantCulture, $" bgp_med = {med};");
        if (degrade.Community is { } community)
            return string.Create(CultureInfo.InvariantCulture, $" bgp_community.add(({community.Asn},{community.Value}));");
        return asn is null ? "" : string.Concat(Enumerable.Repeat(string.Create(CultureInfo.InvariantCulture, $" bgp_path.prepend({asn});"), degrade.Prepend));
    }

    static IEnumerable<IPNetwork> Ordered(ImmutableArray<IPNetwork> prefixes) => prefixes.Distinct().OrderBy(p => IsSix(p)).ThenBy(p => p.ToString(), StringComparer.Ordinal);

    static bool IsSix(IPNetwork prefix) => prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;

    static bool IsName(string word) => word.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');

    static RouteForm? Form(string word) => word switch
    {
        "withdrawn" => RouteForm.Withdrawn,
        "plain" => RouteForm.Plain,
        "degraded" => RouteForm.Degraded,
        "draining" => RouteForm.Draining,
        _ => null,
    };

    static string Say(Degradation degrade) =>
        degrade.Med is { } med ? string.Create(CultureInfo.InvariantCulture, $"med={med}")
        : degrade.Community is { } community ? string.Create(CultureInfo.InvariantCulture, $"community={community.Asn}:{community.Value}")
        : string.Create(CultureInfo.InvariantCulture, $"prepend={degrade.Prepend}");

    static Degradation? Degrade(string word)
    {
        string[] parts = word.Split('=', ':');
        return parts switch
        {
            ["prepend", var n] when int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= 64 => new Degradation(Prepend: count),
            ["med", var n] when uint.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out uint med) => new Degradation(Med: med),
            ["community", var a, var b] when ushort.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out ushort asn) && ushort.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out ushort value) => new Degradation(Community: (asn, value)),
            _ => null,
        };
    }
}
