using Oops.Core;

namespace Oops.Simulate;

/// <summary>Whether a route could be admitted, by a plain reading of its `announce-when`. Where the reading is hard it says yes, so that what it denies is certain.</summary>
internal sealed class Admission(Policy policy, IReadOnlyDictionary<string, ServerFacts> servers, Func<string, string, bool> isOverridden)
{
    readonly HashSet<string> named = policy.Conditions.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>Enough servers satisfy the whole list. A list without entries never announces. A last resort may come back on a server that runs.</summary>
    public bool IsPossible(RouteSpec route, At now)
    {
        var (fit, runs) = (0, false);
        foreach (var name in route.Servers)
        {
            var server = servers[name];
            if (AreAllPossible(route, server, now)) fit++;
            runs |= route.LastResort && MayRun(route, server, now);
        }
        return runs || (!route.AnnounceWhen.IsEmpty && fit >= route.Need);
    }

    bool AreAllPossible(RouteSpec route, ServerFacts server, At now)
    {
        foreach (var entry in route.AnnounceWhen)
            if (!IsPossible(route, entry, server, now)) return false;
        return true;
    }

    bool IsPossible(RouteSpec route, EntrySpec entry, ServerFacts server, At now)
    {
        if (entry.Not || isOverridden(entry.Condition, server.Spec.Name)) return true;
        // A condition of that name that the config has is read as what it is there; only these two are plain.
        return named.Contains(entry.Condition) || entry.Condition switch
        {
            "server-running" => MayRun(route, server, now),
            "all-zones-ready" => MayHaveAll(entry, server, now),
            _ => true,
        };
    }

    /// <summary>All who can tell must say so: the process is there, and each witness that asks it has an answer of this process that is still valid. Nobody who can tell: it is not known.</summary>
    bool MayRun(RouteSpec route, ServerFacts server, At now)
    {
        if (isOverridden("server-running", server.Spec.Name)) return true;
        var any = false;
        foreach (var channel in server.HeardBy(route))
        {
            if (channel.Spec.Process && !server.Runs) return false;
            var asks = channel.Asks;
            if (asks && channel.Spec.Standing == Standing.Witness && channel.Living(Measure.Answering, now) is not { Said.Value: 1 }) return false;
            any |= asks || channel.Spec.Process;
        }
        return any;
    }

    /// <summary>Of each zone that is listed somebody says that it is there, or the reference that it has not got it either. Lists that come from outside are hard to read: they may be held.</summary>
    bool MayHaveAll(EntrySpec entry, ServerFacts server, At now)
    {
        if (server.Spec.Zones is not { } zones || !entry.Zones.IsExpected || isOverridden("zone-ready", server.Spec.Name)) return true;
        foreach (var zone in zones)
            if (!server.Says(zone, now, absent: false) && !(entry.Relative && server.SaysReference(zone, now, absent: true))) return false;
        return true;
    }
}
