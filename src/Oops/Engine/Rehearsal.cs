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

    /// <summary>Routes that the new policy wants otherwise than they stand now, in words.</summary>
    public static IReadOnlyList<string> Differences(Machine old, Policy policy, Moment now)
    {
        var next = Successor(old, policy, now);
        var effects = new List<Effect>();
        foreach (var level in old.Levels(now).ToList()) next.Step(now, level, effects);
        var before = old.Status(now).Routes.ToDictionary(r => r.Name, StringComparer.Ordinal);
        var lines = new List<string>();
        foreach (var route in next.Status(now).Routes)
        {
            if (!before.TryGetValue(route.Name, out var was))
            {
                if (route.State == RouteState.Orphan) lines.Add($"{route.Name} leaves the config; the router keeps it until `oops release {route.Name}`");
                continue;
            }

            if (route.Wanted is { } form && was.Wanted is { } had && form != had)
                lines.Add($"{route.Name}: {Words.Of(had)} -> {Words.Of(form)}, because {route.Because}");
            else if (route.Timers.FirstOrDefault(t => t.StartsWith("will withdraw", StringComparison.Ordinal)) is { } timer && !was.Timers.Any(t => t.StartsWith("will withdraw", StringComparison.Ordinal)))
                lines.Add($"{route.Name}: {timer}");
        }

        return lines;
    }
}
