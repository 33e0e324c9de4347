namespace Oops.Core;

/// <summary>What persons say.</summary>
public sealed partial class Machine
{
    internal sealed record StandingHold(string Who, At Ends, string Reason, TimeSpan? For = null);

    /// <summary>By route; the empty name: all.</summary>
    readonly SortedDictionary<string, StandingHold> holds = new(StringComparer.Ordinal);

    /// <summary>The break-glass file that is there; null: none. It is not in the snapshot: the file itself is what stands.</summary>
    string? glass;

    /// <summary>What was last said of the wall clock; null: nothing yet.</summary>
    ClockTrust? clock;

    bool IsHeld(Route route) => glass is not null || holds.ContainsKey("") || holds.ContainsKey(route.Spec.Name);

    /// <summary>What ends a hold comes first: until then nothing else counts.</summary>
    IEnumerable<string> Unholding(Route route)
    {
        if (glass is not null) yield return $"first: the file {glass} removed";
        if (holds.ContainsKey("")) yield return "first: oops unhold";
        if (holds.ContainsKey(route.Spec.Name)) yield return $"first: oops unhold {route.Spec.Name}";
    }

    /// <summary>What a reason to withdraw that stands will do to a route, also while it is held; null: nothing, or no such route.</summary>
    public string? Leaving(string name, Moment moment) => routes.FirstOrDefault(r => r.Spec.Name == name)?.Leaving(At.Max(now, moment.At));

    /// <summary>Routes that a drain would choose and cannot take out, because a person holds them where they are: by name, and in words.</summary>
    public IReadOnlyList<(string Route, string Words)> HeldAgainst(IReadOnlyList<string> names, string? server, Moment moment)
    {
        var at = At.Max(now, moment.At);
        var held = Chosen(names, server).Where(r => IsHeld(r) && (r.On != false || r.Seen is not (null or RouteForm.Withdrawn)));
        return [.. held.Select(r => (r.Spec.Name, $"{r.Spec.Name} is held {HeldBy(r, at)}"))];
    }

    string HeldBy(Route route, At at)
    {
        if (glass is not null) return $"while {glass} exists; remove that file";
        var name = holds.ContainsKey("") ? "" : route.Spec.Name;
        var hold = holds[name];
        return $"by {hold.Who}{(hold.Ends == At.Never ? ", without an end" : $" for {Words.Of(hold.Ends - at)}")}; oops unhold{(name.Length == 0 ? "" : " " + name)}";
    }

    void Take(Operator word, List<Effect> effects)
    {
        switch (word)
        {
            case Override { Zone: { } zone } o:
                ForceZone(o.Condition, o.Server, zone, o.State, effects);
                beliefs.Set(o, now + o.For);
                break;
            case Override o:
                beliefs.Set(o, now + o.For);
                break;
            case Unoverride o:
                Unoverridden(o.Condition, o.Server, o.Zone, effects);
                break;
            case Drain drain:
                foreach (var route in Chosen(drain.Routes, drain.Server)) route.StartDrain(drain, now);
                break;
            case Undrain undrain:
                foreach (var route in Chosen(undrain.Routes, null)) route.EndDrain("undrained by " + undrain.Who);
                break;
            case Hold hold:
                foreach (var name in hold.Routes.DefaultIfEmpty("")) holds[name] = new(hold.Who, hold.For is { } span ? now + span : At.Never, hold.Reason, hold.For);
                Supersede();
                break;
            case Unhold unhold:
                foreach (var name in unhold.Routes.Count > 0 ? unhold.Routes : [.. holds.Keys]) Unheld(name, effects);
                break;
            case Confirm confirm:
                foreach (var route in Chosen(confirm.Routes, null)) route.Confirm(now);
                if (confirm.Routes.Count == 0) ConfirmZones(effects);
                break;
            case Release release:
                Released(release);
                break;
            default:
                break;
        }
        foreach (var server in servers.Values) server.Touch();
    }

    void Take(BreakGlass word)
    {
        if (glass is null == !word.There) return;
        glass = word.There ? word.Path : null;
        Supersede();
        if (glass is not null) return;
        foreach (var route in routes) route.Released(now);
    }

    /// <summary>A table that a router has not taken yet is tried until there is a newer one: one without what is held now.</summary>
    void Supersede()
    {
        foreach (var router in routers.Values)
        {
            if (!router.Pending || router.Routes.FindAll(IsHeld) is not { Count: > 0 } held) continue;
            router.Urged = "held by a person";
            foreach (var route in held) route.Untell();
        }
    }

    /// <summary>What persons said stands for a while, is shown while it does, and warns before it ends.</summary>
    void SettlePeople(List<Effect> effects)
    {
        alarms.Set(glass is not null, "break-glass", $"nothing moves while {glass} exists", now, effects);
        alarms.Set(holds.Count > 0, "hold", holds.Count == 0 ? "" : "held by " + string.Join(", ", holds.Select(h => $"{h.Value.Who} ({(h.Key.Length == 0 ? "all" : h.Key)}){Because(h.Value.Reason)}")), now, effects);
        foreach (var (route, hold) in holds)
            alarms.Set(Alarms.EndsSoon(hold.Ends, hold.For, now), $"hold-ends/{route}", $"the hold of {(route.Length == 0 ? "all routes" : route)} ends soon", now, effects);
        foreach (var standing in beliefs.Overrides.Values)
            alarms.Set(Alarms.EndsSoon(standing.Ends, standing.Word.For, now), standing.AlarmId, $"the override of {standing.Subject} ends soon", now, effects);
    }

    void Unheld(string route, List<Effect> effects)
    {
        if (!holds.Remove(route)) return;
        alarms.Clear($"hold-ends/{route}", effects);
        foreach (var one in routes)
            if (route.Length == 0 || one.Spec.Name == route) one.Released(now);
    }

    IEnumerable<Route> Chosen(IReadOnlyList<string> names, string? server)
    {
        foreach (var route in routes)
        {
            if (names.Count > 0 && !names.Contains(route.Spec.Name)) continue;
            // Where enough other servers cover, draining one of them is no reason to leave.
            if (server is not null && (!route.Spec.Servers.Contains(server) || route.CoversWithout(server))) continue;
            yield return route;
        }
    }

    void Unoverridden(string condition, string server, string? zone, List<Effect> effects)
    {
        if (!beliefs.Overrides.TryGetValue((condition, server, zone), out var standing)) return;
        beliefs.Unset(condition, server, zone);
        alarms.Clear(standing.AlarmId, effects);
        if (zone is not null) ForceZone(condition, server, zone, State.Unknown, effects);
        if (servers.TryGetValue(server, out var known)) known.Touch();
    }

    void ForceZone(string condition, string server, string zone, State state, List<Effect> effects)
    {
        if (!servers.TryGetValue(server, out var at) || at.Zones.Know(zone) is not (>= 0 and var id)) return;
        if (at.Zones.Conditions.FirstOrDefault(c => c.Spec.Name == condition) is not { } known) return;
        at.Zones.Force(known, id, state, now, news);
        if (news.Count > 0) Tell(at, effects);
    }

    /// <summary>What a confirmation, said now, would end or begin, in words.</summary>
    public IReadOnlyList<string> ConfirmedBy(Confirm word, Moment moment)
    {
        var at = At.Max(now, moment.At);
        List<string> lines = [.. Chosen(word.Routes, null).SelectMany(r => r.WaitsForConfirm(at))];
        if (word.Routes.Count > 0) return lines;
        foreach (var server in servers.Values)
        {
            if (server.Zones.HeldCount is > 0 and var held) lines.Add($"the list of {server.Name} with {Words.Count(held, "zone")} is taken");
            if (alarms.Has($"zones-vanished/{server.Name}")) lines.Add($"the zones that left the list of {server.Name} are known to have");
        }
        return lines;
    }

    /// <summary>A person has looked: zone lists that were held for shrinking are taken, and zones that vanished are known to have.</summary>
    void ConfirmZones(List<Effect> effects)
    {
        foreach (var server in servers.Values)
        {
            if (server.Zones.TakeHeld(now, [])) alarms.Clear($"zones-held/{server.Name}", effects);
            alarms.Clear($"zones-vanished/{server.Name}", effects);
        }
    }

    void Released(Release release)
    {
        foreach (var router in routers.Values)
        {
            if (!router.Orphans.Contains(release.Prefix)) continue;
            router.Released.Add(release.Prefix);
            router.Orphans = router.Orphans.Remove(release.Prefix);
            router.Urged = "released by a person";
        }
    }
}
