using Oops.Core;

namespace Oops.Engine;

/// <summary>What another policy would decide with what is known now: tried on a machine of its own.</summary>
internal static class Rehearsal
{
    /// <summary>A machine with the new policy and what the old one remembers; its levels are still to be told.</summary>
    public static Machine Successor(Machine old, Policy policy, Moment now)
    {
        var next = new Machine(policy);
        next.Restore(old.Snapshot(now), now, sameBoot: true);
        return next;
    }

    /// <summary>Prefixes that would be announced and were not to be, and that its router does not have from before. Those that wait for admission with either policy go on waiting.</summary>
    static List<string> More(RouteReport was, RouteReport route, StatusReport before) =>
        was.Shadow || route.Wanted == RouteForm.Withdrawn
            ? []
            : [.. route.Prefixes.Except(route.Waiting).Concat(route.Approved).Except(was.Prefixes.Except(was.Waiting)).Except(was.Approved.Intersect(route.Approved)).Where(p => !IsOrphan(before, route.Action, p))];

    static bool IsOrphan(StatusReport status, string action, string prefix) => status.Routes.Any(r => r.State == RouteState.Orphan && r.Action == action && r.Name == prefix);

    /// <summary>Prefixes that are announced for a route, or are left of one, and go to a route that is withdrawn.</summary>
    static IEnumerable<string> Losing(StatusReport before, ILookup<string, RouteSeen> shown, StatusReport after)
    {
        foreach (var from in before.Routes)
            foreach (var prefix in from.Prefixes.Where(p => IsAnnounced(from, p, shown)))
                if (after.Routes.FirstOrDefault(r => r.Name != from.Name && r.Action == from.Action && r is { Shadow: false, Wanted: RouteForm.Withdrawn } && r.Prefixes.Contains(prefix)) is { } to)
                    yield return $"{(from.State == RouteState.Orphan ? "" : from.Name + ": ")}{prefix} goes to {to.Name}, and is withdrawn with it, because {to.Because}";
    }

    /// <summary>
    /// Prefixes that a router goes on announcing and that nobody would withdraw from then on: their route leaves the config or its router, or is only observed. A prefix that its route alone has lost goes on leaving with it. What an action
    /// without any route leaves behind is the daemon's to say: no machine knows of that one any more.
    /// </summary>
    static IEnumerable<string> Unfollowed(StatusReport before, ILookup<string, RouteSeen> shown, StatusReport after, Func<string, bool> ends)
    {
        foreach (var from in before.Routes.Where(r => r is { Shadow: false, State: not RouteState.Orphan } && !ends(r.Action) && after.Routes.Any(a => a.Action == r.Action)))
        {
            var to = after.Routes.FirstOrDefault(r => r.Name == from.Name && r.Action == from.Action);
            if (to is { Shadow: false }) continue;
            var left = from.Prefixes.Where(p => IsAnnounced(from, p, shown) && !after.Routes.Any(r => r is { Shadow: false, State: not RouteState.Orphan } && r.Action == from.Action && r.Prefixes.Contains(p))).ToList();
            if (left.Count == 0) continue;
            yield return $"{from.Name}: {from.Action} goes on announcing {string.Join(' ', left)}, and nobody follows {(left.Count == 1 ? "it" : "them")} any more, whatever becomes of the servers: {(to is null ? $"the route leaves {(after.Routes.Any(r => r.Name == from.Name) ? "this router" : "the config")}; `oops release PREFIX` takes {(left.Count == 1 ? "it" : "each")} away then" : $"the route is only observed; `oops drain {from.Name} --wait` before takes {(left.Count == 1 ? "it" : "them")} away")}";
        }
    }

    /// <summary>A person's drain of what was only observed was never told to a router, and the route that is acted for begins anew from what the router has.</summary>
    static IEnumerable<string> Undrained(StatusReport before, StatusReport after) =>
        before.Routes.Where(r => r is { Shadow: true, State: RouteState.Drained } && after.Routes.Any(a => a.Name == r.Name && !a.Shadow))
            .Select(r => $"{r.Name}: its drain ({r.Person ?? r.Because}) ends, since it was only observed: the router keeps what it has; `oops drain {r.Name}` again takes it out");

    /// <summary>Wanted so, or shown so by its router, whoever does it.</summary>
    static bool IsAnnounced(RouteReport route, string prefix, ILookup<string, RouteSeen> shown) =>
        route.State == RouteState.Orphan
        || (route is { Shadow: false, Wanted: not (null or RouteForm.Withdrawn) } && !route.Waiting.Contains(prefix))
        || ((route.Shadow || route.Held || route.Wanted != RouteForm.Withdrawn) && shown[route.Name].Any(s => s.Form != RouteForm.Withdrawn && s.Lacks.All(p => p.ToString() != prefix)));

    /// <summary>Routes that the new policy wants otherwise than they stand at their routers now, in words. What a route that is only observed would be is nowhere but in our own table: it is no difference.</summary>
    /// <param name="old">The machine in charge.</param>
    /// <param name="policy">The new one.</param>
    /// <param name="now">The time.</param>
    /// <param name="ends">Whether what an action announces ends with the new policy, which others tell of; null: nothing does.</param>
    public static IReadOnlyList<string> Differences(Machine old, Policy policy, Moment now, Func<string, bool>? ends = null)
    {
        var next = Successor(old, policy, now);
        var effects = new List<Effect>();
        foreach (var level in old.Levels(now, policy)) next.Step(now, level, effects);
        var shown = old.Shown.ToLookup(r => r.Route, StringComparer.Ordinal);
        var status = old.Status(now);
        var before = status.Routes.Where(r => r.State != RouteState.Orphan).ToDictionary(r => r.Name, StringComparer.Ordinal);
        var after = next.Status(now);
        List<string> lines = [.. Losing(status, shown, after), .. Unfollowed(status, shown, after, ends ?? (_ => false)), .. Undrained(status, after)];
        foreach (var route in after.Routes)
        {
            if (!before.TryGetValue(route.Name, out var was))
            {
                if (route.State == RouteState.Orphan && !IsOrphan(status, route.Action, route.Name)) lines.Add($"{route.Name} leaves the config; the router keeps it until `oops release {route.Name}`");
                continue;
            }

            if (route.Shadow) continue;
            // Nothing was ever told of a route that was only observed: what counts is what the router has of it.
            var stands = was.Shadow ? shown[route.Name].FirstOrDefault()?.Form : was.Wanted;
            if (route.Wanted is { } form && stands is { } had && form != had)
                lines.Add($"{route.Name}: {Words.Of(had)} -> {Words.Of(form)}, because {route.Because}");
            else if (More(was, route, status) is { Count: > 0 } more)
                lines.Add($"{route.Name}: {string.Join(' ', more)} will be announced with it{(route.Held ? " after the hold" : "")}{(route.State == RouteState.Kept ? $", although it would not be admitted now: {string.Join("; ", route.Blocked)}" : "")}");
            // The `fall` of the new machine has just begun.
            else if (next.Leaving(route.Name, now) is { } leaving && (was.Shadow || old.Leaving(route.Name, now) is null))
                lines.Add($"{route.Name}: {leaving}");
        }

        return lines;
    }
}
