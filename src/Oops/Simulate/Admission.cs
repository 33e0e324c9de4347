using Oops.Core;

namespace Oops.Simulate;

/// <summary>Whether a route could be admitted, by a plain reading of its `announce-when`. Where the reading is hard it says yes, so that what it denies is certain.</summary>
internal sealed class Admission(Policy policy, IReadOnlyDictionary<string, ServerFacts> servers, Func<string, string, bool> isOverridden)
{
    /// <summary>Enough servers satisfy the whole list. A list without entries never announces. A last resort may come back on a server that runs.</summary>
    public bool IsPossible(RouteSpec route, At now) =>
        (!route.AnnounceWhen.IsEmpty && route.Servers.Count(name => route.AnnounceWhen.All(entry => IsPossible(route, entry, servers[name], now))) >= route.Need)
        || (route.LastResort && route.Servers.Any(name => MayRun(route, servers[name], now)));

    bool IsPossible(RouteSpec route, EntrySpec entry, ServerFacts server, At now)
    {
        if (entry.Not || isOverridden(entry.Condition, server.Spec.Name)) return true;
        // A condition of that name that the config has is read as what it is there; only these two are plain.
        return policy.Conditions.Any(c => c.Name == entry.Condition) || entry.Condition switch
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
        foreach (var channel in server.Channels)
        {
            if (!Proofs.IsHeard(route, server, channel)) continue;
            if (channel.Spec.Process && !server.Runs) return false;
            var asks = channel.Spec.Measures.Contains(Measure.Answering);
            if (asks && channel.Spec.Standing == Standing.Witness && channel.Living(Measure.Answering, now) is not { Said.Value: 1 }) return false;
            any |= asks || channel.Spec.Process;
        }
        return any;
    }

    /// <summary>Of each zone that is listed somebody says that it is there, or the reference that it has not got it either. Lists that come from outside are hard to read: they may be held.</summary>
    bool MayHaveAll(EntrySpec entry, ServerFacts server, At now)
    {
        if (server.Spec.Zones is not { } zones || !entry.Zones.IsExpected || isOverridden("zone-ready", server.Spec.Name)) return true;
        return zones.All(zone => server.Says(zone, now, absent: false) || (entry.Relative && server.SaysReference(zone, now, absent: true)));
    }
}
