using System.Net;
using System.Net.Sockets;
using Oops.Core;

namespace Oops.Config;

/// <summary>What can never work, or should not, in a route: DESIGN's refusals and warnings.</summary>
internal sealed class RouteCheck(OopsConfig config, Wiring wiring, Conditions conditions, Covering covering, ConfigErrors errors)
{
    readonly record struct Listed(string Key, bool Good, IReadOnlyList<EntryConfig> Entries);

    public void Check(string name, RouteConfig route)
    {
        var path = $"routes.{name}";
        var named = ServersOf(route);
        Need(path, route, named.Count);
        var servers = named.Where(s => config.Servers.ContainsKey(s) && !wiring.Unsure.Contains(s)).ToArray();
        foreach (var list in Lists(route))
        {
            for (var i = 0; i < list.Entries.Count; i++)
            {
                var here = $"{path}.{list.Key}[{i}]";
                if (conditions.Find(list.Entries[i].Is.Name) is not { } condition)
                    continue;
                if (Sense(here, list, list.Entries[i], condition) && Scope(here, list, list.Entries[i], condition))
                    Reach(here, list, list.Entries[i], condition, servers);
            }
        }

        References(name, route, named);
        Warnings(path, route, servers, all: servers.Length == named.Count && (route.Servers is not null || errors.Unbound.IsComplete("servers")));
    }

    /// <summary>All servers of the config, unless the route names its own.</summary>
    public IReadOnlyList<string> ServersOf(RouteConfig route) => route.Servers ?? [.. config.Servers.Keys];

    static Listed[] Lists(RouteConfig route) =>
    [
        new("announce-when", true, route.AnnounceWhen), new("withdraw-when", false, route.WithdrawWhen), new("degrade-when", false, route.DegradeWhen),
    ];

    void Need(string path, RouteConfig route, int servers)
    {
        for (var i = 0; i < (route.Servers?.Count ?? 0); i++)
        {
            if (route.Servers!.Take(i).Contains(route.Servers![i]))
                errors.Add($"{path}.servers[{i}]", $"'{route.Servers[i]}' is listed twice; remove one");
        }

        if (route.Servers is null && !errors.Unbound.IsComplete("servers"))
            return;
        if (route.Need is null && servers > 1)
            errors.Add(path, $"has {servers} servers and no 'need'; write how many of them are enough (need: 1), or name its servers");
        else if (route.Need > servers)
            errors.Add($"{path}.need", $"{route.Need} is more than the route's {Words.Count(servers, "server")}");
    }

    /// <summary>Whether the entry means what the list is for.</summary>
    bool Sense(string path, Listed list, EntryConfig entry, ConditionInfo condition)
    {
        var good = (condition.Polarity == Polarity.Good) != entry.Is.Not;
        if (condition.Polarity == Polarity.Level)
            errors.Add(path, $"'{condition.Name}' is a level: it has values, not states; use it in a rule");
        else if (good != list.Good)
            errors.Add(path, $"'{condition.Name}' is {Conditions.Word(condition.Polarity)} when met, so '{entry.Is}' cannot stand in {list.Key}; write '{(entry.Is.Not ? "" : "not ")}{condition.Name}'");
        else if (condition.Spec is KindSpec { IsHearsay: true } && list.Key != "degrade-when")
            errors.Add(path, $"'{condition.Name}' is what others report, which may only degrade: whoever can send reports could else take the service away; move it to degrade-when");
        else if (condition.Class == ConditionClass.Load && list.Key != "degrade-when")
            errors.Add(path, $"'{condition.Name}' is about load, which may only degrade (RFC 9199): withdrawing moves the load to the next site; move it to degrade-when");
        else if (list.Key == "withdraw-when" && condition.Spec is KindSpec { Kind: Kind.External, Proof: false })
            errors.Add(path, $"claims on '{condition.Name}' are suspicions, which never withdraw; write 'proof: true' at conditions.{condition.Name} if they are facts");
        else
            return true;
        return false;
    }

    /// <summary>Whether zones, share and relative fit the condition.</summary>
    bool Scope(string path, Listed list, EntryConfig entry, ConditionInfo condition)
    {
        var before = errors.Count;
        if (entry.Share is { Percent: <= 0 })
            errors.Add($"{path}.share", "must be above 0%");
        if (condition.Subject == SubjectKind.Server && (entry.Zones is not null || entry.Share is not null))
            errors.Add(path, $"'{condition.Name}' is a condition of the server; remove {(entry.Zones is null ? "share" : "zones")}");
        if (errors.IsWritten($"{path}.relative") && condition.Class != ConditionClass.Data)
            errors.Add($"{path}.relative", $"'{condition.Name}' is not about data and has no reference; remove it");
        if (errors.Count > before)
            return false;
        if (list.Key == "withdraw-when" && condition.Class == ConditionClass.Data && entry.Zones is null && entry.Share is null && !Bounded(condition))
        {
            errors.Add(path, condition.Subject == SubjectKind.Zone
                ? $"'{condition.Name}' is about data: one bad zone would withdraw the service; say which zones, or which share: {{is: {entry.Is}, share: 50%}}"
                : $"'{condition.Name}' is about data: one bad zone would withdraw the service; write {{is: not zone-ready, share: 50%}}, or a condition of kind all-zones-ready with at-least");
            return false;
        }

        return true;
    }

    // all-zones-ready with a share of its own says already how many zones matter.
    static bool Bounded(ConditionInfo condition) =>
        condition.Leaves.Where(l => l.Class == ConditionClass.Data).All(l => l is { Kind: Kind.AllZonesReady, Share: < 1 });

    /// <summary>Whether anybody can tell.</summary>
    void Reach(string path, Listed list, EntryConfig entry, ConditionInfo condition, IReadOnlyList<string> servers)
    {
        foreach (var server in servers)
        {
            var silent = condition.Leaves.FirstOrDefault(l => !covering.Covers(server, l));
            if (silent is not null)
            {
                var kind = Kinds.Of(silent.Kind).Name;
                var text = $"no source covers {kind} for server {server}";
                // What the operator did not write is not his mistake: the default list is kept, and the gap is said.
                if (!errors.IsWritten($"{path}") && silent.Kind == Kind.ServerShuttingDown)
                    errors.Warn(path, $"{text}: nobody will say when it is asked to stop, so the route is withdrawn only once it is down");
                else
                    errors.Add(path, $"{text}; {covering.WayOut(server, config.Servers[server].Kind, silent.Kind)}");
                continue;
            }

            if (condition.Subject == SubjectKind.Zone && entry.Zones is null && config.Servers[server].Zones is null)
                errors.Add(path, $"'{condition.Name}' is judged over the expected zones and server {server} has none; write zones here or at servers.{server}");
            else if (condition.Leaves.Any(l => l.Kind == Kind.AllZonesReady) && config.Servers[server].Zones is null)
                errors.Add(path, $"'{condition.Name}' is judged over the expected zones; write zones at servers.{server}");
            var data = condition.Leaves.FirstOrDefault(l => l.Class == ConditionClass.Data && l.Kind != Kind.External);
            if (!list.Good && entry.Relative && data is not null && !covering.HasReference(server, data.Kind))
                errors.Add(path, $"there is nothing to compare server {server} with, so '{entry.Is}' would never count; give the server primaries or peers that a source asks, or write relative: false");
        }
    }

    void References(string name, RouteConfig route, IReadOnlyList<string> servers)
    {
        foreach (var server in servers.Where(config.Servers.ContainsKey))
        {
            var spec = config.Servers[server];
            foreach (var (key, list) in new[] { ("primaries", spec.Primaries), ("peers", spec.Peers) })
            {
                for (var i = 0; i < list.Count; i++)
                {
                    if (route.Prefixes.FirstOrDefault(p => p.Contains(list[i].Address)) is { PrefixLength: > 0 } prefix)
                        errors.Add($"servers.{server}.{key}[{i}]", $"{list[i].Address} is inside {prefix} of route '{name}', so the server would be compared with itself or with whoever is nearest; write a unicast address");
                }
            }
        }
    }

    void Warnings(string path, RouteConfig route, IReadOnlyList<string> servers, bool all)
    {
        foreach (var server in servers.Where(s => !covering.HasWitness(s)))
            errors.Warn(path, $"no source witnesses server {server}: messages alone are taken, and none is looked up; add a probe, process or control source");
        foreach (var family in route.Prefixes.GroupBy(p => p.BaseAddress.AddressFamily))
        {
            if (all && !covering.ProbesInside(servers, family))
                errors.Warn($"{path}.prefixes", $"no source probes an address inside {string.Join(" or ", family)}: nobody sees whether {(family.Key == AddressFamily.InterNetwork ? "IPv4" : "IPv6")} answers there; add one to a probe source");
        }

        if (!Lists(route).SelectMany(l => l.Entries).Any(e => conditions.Find(e.Is.Name) is null or { Class: ConditionClass.Data }))
            errors.Warn(path, "has no entry about data: a server that answers SERVFAIL for everything is running; add all-zones-ready to announce-when, or {is: not zone-ready, share: 50%} to withdraw-when");
    }
}
