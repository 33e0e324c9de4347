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

    /// <summary>Prefixes that it would announce, and that are neither wanted now nor at the router.</summary>
    static List<string> More(RouteReport was, RouteReport route, StatusReport before) =>
        route.Wanted is null or RouteForm.Withdrawn ? [] : [.. route.Prefixes.Except(was.Prefixes.Except(was.Waiting)).Except(before.Routes.Where(r => r.State == RouteState.Orphan).Select(r => r.Name))];

    /// <summary>Routes that the new policy wants otherwise than they stand at their routers now, in words. What a route that is only observed would be is nowhere but in our own table: it is no difference.</summary>
    public static IReadOnlyList<string> Differences(Machine old, Policy policy, Moment now)
    {
        var next = Successor(old, policy, now);
        var effects = new List<Effect>();
        var levels = old.Levels(now).ToList();
        foreach (var level in levels) next.Step(now, level, effects);
        var shown = levels.OfType<RouterObserved>().SelectMany(r => r.Routes).ToLookup(r => r.Route, r => r.Form, StringComparer.Ordinal);
        var status = old.Status(now);
        var before = status.Routes.ToDictionary(r => r.Name, StringComparer.Ordinal);
        var lines = new List<string>();
        foreach (var route in next.Status(now).Routes)
        {
            if (!before.TryGetValue(route.Name, out var was))
            {
                if (route.State == RouteState.Orphan) lines.Add($"{route.Name} leaves the config; the router keeps it until `oops release {route.Name}`");
                continue;
            }

            if (route.Shadow) continue;
            // Nothing was ever told of a route that was only observed: what counts is what the router has of it.
            var stands = was.Shadow ? shown[route.Name].FirstOrDefault() : was.Wanted;
            if (route.Wanted is { } form && stands is { } had && form != had)
                lines.Add($"{route.Name}: {Words.Of(had)} -> {Words.Of(form)}, because {route.Because}");
            else if (!was.Shadow && !route.Held && More(was, route, status) is { Count: > 0 } more)
                lines.Add($"{route.Name}: {string.Join(' ', more)} will be announced with it{(route.State == RouteState.Kept ? $", although it would not be admitted now: {string.Join("; ", route.Blocked)}" : "")}");
            else if (Withdrawing(next, route.Name, now) is { } timer && (was.Shadow || Withdrawing(old, route.Name, now) is null))
                lines.Add($"{route.Name}: {timer}");
        }

        return lines;
    }

    // The `fall` of the new machine has just begun.
    static string? Withdrawing(Machine machine, string route, Moment now) => machine.Timers(route, now).FirstOrDefault(t => t.StartsWith("will withdraw", StringComparison.Ordinal));
}
