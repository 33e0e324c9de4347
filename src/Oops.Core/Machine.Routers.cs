using System.Collections.Immutable;

namespace Oops.Core;

/// <summary>Wanted, router's, side by side: a missing effect is said again and alarmed, never taken for done.</summary>
public sealed partial class Machine
{
    void Take(RouterObserved observed, Moment moment, List<Effect> effects)
    {
        if (!routers.TryGetValue(observed.Action, out var router)) return;
        foreach (var over in router.Last?.Troubles ?? [])
            if (!observed.Troubles.Any(t => t.Id == over.Id)) alarms.Clear(over.Id, effects);
        foreach (var trouble in observed.Troubles) alarms.Raise(trouble.Id, $"{router.Name}: {trouble}", now, effects);
        router.Last = observed;
        (router.Unread, router.Refusal) = (null, null);
        alarms.Clear($"router/{router.Name}", effects);
        foreach (var seen in observed.Routes)
        {
            if (router.Routes.Find(r => r.Spec.Name == seen.Route) is not { } route) continue;
            route.Others = seen.Others;
            // A shadow's own state is fed back; the router's is taken once, as where it starts from.
            if (route is { Shadow: true, On: not null }) continue;
            route.Observe(seen, moment);
        }
        if (router.HasMoved) (router.HasMoved, router.Urged) = (false, "a prefix has moved from one route to another");
        router.Orphans = [.. observed.Orphans.Where(o => !router.Released.Contains(o))];
        foreach (var gone in router.Released.Where(r => !observed.Orphans.Contains(r)).ToList()) router.Released.Remove(gone);
        alarms.Set(!router.Orphans.IsEmpty, $"orphan/{router.Name}", router.Left, now, effects);
        router.Check(now);
    }

    /// <summary>An effect that is missing beyond our router is asked for again there: what one more UPDATE can do. More, such as a reset of the session, would touch what is not ours.</summary>
    void Take(UpstreamObserved seen)
    {
        if (routes.FirstOrDefault(r => r.Spec.Name == seen.Route) is not { } route) return;
        route.Look(seen, now);
        if (route.IsIneffective(now) && !IsHeld(route)) routers[route.Spec.Via].Urged = $"the upstream does not follow: {seen.Says}";
    }

    void Take(RouterUnseen unseen, List<Effect> effects)
    {
        if (!routers.TryGetValue(unseen.Action, out var router)) return;
        router.Unread = unseen.Why;
        foreach (var route in router.Routes)
            if (!route.Shadow) route.Unseen();
        alarms.Raise($"router/{router.Name}", $"{router.Name} cannot be read: {unseen.Why}", now, effects);
    }

    void Take(Applied applied, List<Effect> effects)
    {
        if (!routers.TryGetValue(applied.Action, out var router))
        {
            // Of no intent: an action without routes tells of its session, whose trouble does not end with the next reaction that succeeds.
            alarms.Set(applied.Outcome is not Done, $"{(applied.Sequence == 0 ? "session" : "action")}/{applied.Action}", applied.Outcome switch { Failed failed => $"{applied.Action}: {failed.Why}", Retry retry => $"{applied.Action}: {retry.Why}; it is tried again", _ => "" }, now, effects);
            return;
        }
        // Also of an intent that a newer one has superseded: it is true of the time until then.
        foreach (var unheard in applied.Outcome.Unheard) router.Routes.Find(r => r.Spec.Name == unheard.Route)?.Unheard(unheard.From, applied.Sequence);
        if (applied.Sequence != router.Sequence) return;
        router.Pending = applied.Outcome is Retry;
        router.Refusal = router.NotTaken = applied.Outcome switch { Retry retry => Reason(retry.Why), Failed failed => Reason(failed.Why), _ => null };
        router.IsRetried = applied.Outcome is Retry;
        alarms.Set(router.Refusal is not null, $"effect/{router.Name}", router.Refused, now, effects);
    }

    static string Reason(string why) => string.IsNullOrWhiteSpace(why) ? "it gave no reason" : why;

    /// <summary>What a router is told when oops ends: the table as it is, but with the routes out of it that leave then. Empty: none does.</summary>
    public ImmutableArray<RouteWanted> Farewell(string action)
    {
        if (!routers.TryGetValue(action, out var router)) return [];
        var tables = router.Routes.Select(r => (r.Table, Leaves: r.Spec is { OnExit: OnExit.Withdraw, LastResort: false })).Where(t => t.Table is not null).ToList();
        return tables.Exists(t => t.Leaves) ? [.. tables.Select(t => t.Leaves ? t.Table! with { Form = RouteForm.Withdrawn } : t.Table!)] : [];
    }

    /// <summary>Tells the router what changed, all of it at once; or what is missing, again.</summary>
    void Settle(Router router, List<Effect> effects)
    {
        var changed = router.Routes.FindAll(r => r.IsUntold);
        router.Check(now);
        var again = !router.Pending && changed.Count == 0 && router.Again(now);
        alarms.Set(router.MissingHeld || (router.Missing && (again || alarms.Has($"missing/{router.Name}"))), $"missing/{router.Name}", router.Lacking, now, effects);
        if (changed.Count == 0 && !again && router.Urged is null) return;
        foreach (var route in changed) route.Tell(sequence + 1);
        var because = again ? "the router does not show what was asked of it" : changed.Count == 0 ? router.Urged! : string.Join("; ", changed.Select(r => $"{r.Spec.Name}: {r.Because(now)}"));
        router.Ask(changed.Count > 0 ? changed : router.Routes.FindAll(r => again ? r.IsMissing : r.Table is not null), now);
        effects.Add(router.Intent(++sequence, because));
    }
}
