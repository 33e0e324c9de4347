using System.Collections.Immutable;
using System.Net;
using Oops.Core;

namespace Oops.Config;

/// <summary>
/// From records to the machine's <see cref="Policy"/>, refusing on the way what can never work. Errors and warnings go to the same list as the loader's, each
/// at the place where it was written.
/// </summary>
internal static class PolicyCompiler
{
    /// <summary>The machine keeps one bit per distinct set of zones that routes are judged over, the expected ones among them.</summary>
    const int MostSelectors = 24;

    /// <summary>Null if the config has errors. What <see cref="ConfigErrors.Unbound"/> names is not judged, nor what would follow from it.</summary>
    public static Policy? Compile(OopsConfig config, Wiring wiring, ConfigErrors errors, string hash)
    {
        var conditions = new Conditions(config.Conditions, errors);
        var covering = new Covering(wiring.Sources, errors);
        var routes = new RouteCheck(config, wiring, conditions, covering, errors);
        foreach (var (name, route) in Whole(config, errors))
            routes.Check(name, route);
        Prefixes(config, errors);
        var rules = new RuleCheck(config, wiring, conditions, covering, errors);
        for (var i = 0; i < config.Rules.Count; i++)
        {
            if (errors.Unbound.IsWhole($"rules[{i}]"))
                rules.Check(i, config.Rules[i]);
        }

        foreach (var source in wiring.Sources)
            source.Config.CheckAgainst(config, errors, source.Path);
        Followed(config, wiring, covering, errors);
        foreach (var action in wiring.Actions)
            action.Config.CheckAgainst(config, errors, action.Path);
        var judged = config.Routes.Values.SelectMany(routes.ServersOf).ToHashSet(StringComparer.Ordinal);
        foreach (var name in config.Servers.Keys.Where(n => !judged.Contains(n) && !wiring.Unsure.Contains(n) && wiring.Sources.All(s => s.Config.ListsCatalogOf.Contains(n) || s.Source.Covers.All(c => c.Server != n))))
            errors.Warn($"servers.{name}", "no source speaks of this server, so nothing will be known of it; add one under sources");
        Uses(config, wiring, errors);
        Listed(config, wiring, errors);
        var policy = new Policy
        {
            Mode = config.Mode,
            Site = config.Site ?? Environment.MachineName,
            Servers = [.. config.Servers.Select(s => Server(s.Key, s.Value, errors))],
            Conditions = conditions.Specs,
            Channels = covering.Channels,
            Routes = [.. config.Routes.Select(r => Route(r.Key, r.Value, routes.ServersOf(r.Value)))],
            Rules = [.. config.Rules.Select((r, i) => Rule(i, r))],
            Limits = Limits(config.Limits),
            Hash = hash,
        };
        var selectors = policy.Routes.SelectMany(r => r.AnnounceWhen.Concat(r.WithdrawWhen).Concat(r.DegradeWhen)).Select(e => e.Zones).Where(z => !z.IsExpected).Distinct().Count();
        if (selectors >= MostSelectors)
            errors.Add("routes", $"the entries of all routes name {selectors} different sets of zones; the most is {MostSelectors - 1}: write the same list where the same is meant");
        return errors.Ok ? policy : null;
    }

    // Where a placeholder stands there is nothing to judge.
    static IEnumerable<KeyValuePair<string, RouteConfig>> Whole(OopsConfig config, ConfigErrors errors) =>
        config.Routes.Where(r => errors.Unbound.IsWhole($"routes.{r.Key}"));

    static void Prefixes(OopsConfig config, ConfigErrors errors)
    {
        var seen = new Dictionary<IPNetwork, string>();
        foreach (var (name, route) in Whole(config, errors))
        {
            for (var i = 0; i < route.Prefixes.Count; i++)
            {
                var path = $"routes.{name}.prefixes[{i}]";
                if (!seen.TryAdd(route.Prefixes[i], path) && !seen[route.Prefixes[i]].StartsWith($"routes.{name}.", StringComparison.Ordinal))
                    errors.Add(path, $"{route.Prefixes[i]} belongs to another route already, at {errors.PositionOf(seen[route.Prefixes[i]])}; two routes cannot decide about one prefix");
            }
        }
    }

    /// <summary>Routes go via routers; rules run what is none.</summary>
    static void Uses(OopsConfig config, Wiring wiring, ConfigErrors errors)
    {
        var actions = wiring.Actions.ToDictionary(a => a.Config.Name, a => a.Config.CarriesRoutes, StringComparer.Ordinal);
        foreach (var (name, route) in Whole(config, errors))
        {
            if (!actions.GetValueOrDefault(route.Via, true))
                errors.Add($"routes.{name}.via", $"the action '{route.Via}' carries no routes{Choice(true)}");
        }

        for (var i = 0; i < config.Rules.Count; i++)
        {
            if (!errors.Unbound.IsWhole($"rules[{i}]"))
                continue;
            for (var j = 0; j < config.Rules[i].Do.Count; j++)
            {
                if (actions.GetValueOrDefault(config.Rules[i].Do[j].Run, false))
                    errors.Add($"rules[{i}].do[{j}].run", $"the action '{config.Rules[i].Do[j].Run}' carries routes and cannot be run by a rule{Choice(false)}");
            }
        }

        string Choice(bool carries) =>
            actions.Where(a => a.Value == carries).Select(a => a.Key).ToArray() is { Length: > 0 and < 9 } names ? $"; use {string.Join(" or ", names)}" : "";
    }

    /// <summary>New serials that somebody waits for are heard of by somebody.</summary>
    static void Followed(OopsConfig config, Wiring wiring, Covering covering, ConfigErrors errors)
    {
        foreach (var source in wiring.Sources)
        {
            foreach (var server in source.Config.FollowsSerialsOf.Where(s => !wiring.Unsure.Contains(s) && !covering.HearsSerials(s)))
                errors.Add($"{source.Path}.on-update", $"no source hears of new serials of server {server}; {covering.WayOut(server, config.Servers[server].Kind, Kind.ZoneUpdated, ", or remove on-update")}");
        }
    }

    /// <summary>Zones that somebody must list are listed by somebody.</summary>
    static void Listed(OopsConfig config, Wiring wiring, ConfigErrors errors)
    {
        foreach (var (name, server) in config.Servers.Where(s => !wiring.Unsure.Contains(s.Key)))
        {
            if (server.Zones?.Own is not null && !wiring.Sources.Any(s => s.Config.ListsZonesOf.Contains(name)))
                errors.Add($"servers.{name}.zones.own", "no source lists the server's own zones; add one that reads its control socket, or write list or file");
            if (server.Zones?.Catalog is not null && !wiring.Sources.Any(s => s.Config.ListsCatalogOf.Contains(name)))
                errors.Add($"servers.{name}.zones.catalog", $"nobody fetches the catalog zone; add under sources: catalog: [ {{ server: {name} }} ]");
        }
    }

    static ServerSpec Server(string name, ServerConfig server, ConfigErrors errors) => new(
        name,
        server.Zones switch
        {
            { List: { } list } => [.. list.Select(z => z.Text)],
            { File: { } file } => ZoneFile.Read(file, $"servers.{name}.zones.file", errors),
            _ => null,
        },
        server.Zones?.Own?.AtLeast ?? 0)
    {
        Catalog = server.Zones?.Catalog?.Zone.Text,
    };

    static RouteSpec Route(string name, RouteConfig route, IReadOnlyList<string> servers) => new(name)
    {
        Prefixes = [.. route.Prefixes],
        Via = route.Via,
        Servers = [.. servers],
        Need = route.Need ?? 1,
        AnnounceWhen = [.. route.AnnounceWhen.Select(Entry)],
        WithdrawWhen = [.. route.WithdrawWhen.Select(Entry)],
        DegradeWhen = [.. route.DegradeWhen.Select(Entry)],
        Degrade = route.Degrade.Degradation,
        Rise = route.Rise,
        Fall = route.Fall,
        LastResort = route.LastResort,
        Budget = route.Budget.Off ? null : new BudgetSpec(route.Budget.Announcements, route.Budget.Per, [.. route.Budget.Retries]),
        Mode = route.Mode ?? Mode.Act,
        OnExit = route.OnExit,
        Graceful = route.Drain.Graceful,
        Linger = route.Drain.Linger,
        Upstream = route.Upstream?.Within,
    };

    static EntrySpec Entry(EntryConfig entry) => new(entry.Is.Name, entry.Is.Not)
    {
        Zones = Zones(entry.Zones),
        Share = entry.Share?.Fraction,
        For = entry.For,
        Relative = entry.Relative,
    };

    static RuleSpec Rule(int index, RuleConfig rule) => new(index, rule.On)
    {
        States = rule.States is null ? [State.Met] : [.. rule.States.Distinct()],
        Zones = Zones(rule.Zones),
        Servers = [.. rule.Servers ?? []],
        Do = [.. rule.Do.Select(d => new RunSpec(d.Run, d.Each))],
    };

    static LimitSpec Limits(LimitsConfig limits) => new()
    {
        KeptAlarm = limits.KeptAlarm,
        NewZoneGrace = limits.NewZoneGrace,
        Unresponsive = limits.Unresponsive,
        LastResortAfter = limits.LastResortAfter,
        RiseCeiling = limits.RiseCeiling,
        ShrinkHeld = limits.ShrinkHeld.Fraction,
    };

    // In one order, so that the same set is the same selector however it was written.
    static ZoneSelector Zones(IReadOnlyList<ZonePattern>? zones) =>
        zones is null ? ZoneSelector.Expected : new ZoneSelector([.. zones.Select(z => z.Text).Distinct().Order(StringComparer.Ordinal)]);
}
