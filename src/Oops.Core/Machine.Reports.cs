using System.Collections.Immutable;

namespace Oops.Core;

/// <summary>What is asked of the machine: status, explain, zones. Copies; nobody else sees the tables.</summary>
public sealed partial class Machine
{
    /// <summary>Zones that are named in a report; `oops zones` has them all.</summary>
    const int MostNames = 20;

    /// <summary>What is believed, and would not be if it were judged anew now: a condition is judged again only where something that it rests on has changed. Never any.</summary>
    public IEnumerable<string> Stale()
    {
        foreach (var server in servers.Values)
            foreach (var conclusion in server.Conclusions)
                if (beliefs.Judge(conclusion.Spec, server, 0, Comparison.None, now).State is var state && state != conclusion.State)
                    yield return $"{conclusion.Spec.Name} of {server.Name} is held to be {Words.Of(conclusion.State)}, and is {Words.Of(state)}";
        foreach (var route in routes)
            foreach (var entry in route.Stale(now)) yield return $"{entry} of {route.Spec.Name} is not as it was judged last";
    }

    public StatusReport Status(Moment moment)
    {
        var at = At.Max(now, moment.At);
        return new(policy.Mode, policy.Site, policy.Hash)
        {
            Routes = [.. routes.Select(r => Report(r, at)), .. routers.Values.SelectMany(Orphans)],
            Servers = [.. servers.Values.Select(s => Report(s, moment, at))],
            Channels = [.. channels.Values.Select(c => new ChannelReport(c.Spec.Name, c.Server.Name, c.Spec.Standing, c.Open, c.Since is { } s ? moment.Wall - (at - s) : null, c.Heard is { } h ? at - h : null, c.Why) { Quiet = !c.Open && c.Spec.WhenUnanswered && Silence.Since(c.Server) is null })],
            Alarms = [.. alarms.All(at).Select(a => new AlarmReport(a.Id, moment.Wall - (at - a.Since), a.Text))],
            People = [.. People(at)],
            NotMonitored = [.. NotMonitored()],
        };
    }

    /// <summary>One route; null: no such route.</summary>
    public RouteReport? Route(string name, Moment moment) => routes.FirstOrDefault(r => r.Spec.Name == name) is { } route ? Report(route, At.Max(now, moment.At)) : null;

    /// <summary>What routers showed last of our routes.</summary>
    public IEnumerable<RouteSeen> Shown => routers.Values.SelectMany(r => r.Last?.Routes ?? []);

    /// <summary>One condition of a server, or of a zone; null: no such condition, server or zone.</summary>
    public ConditionReport? Condition(string name, string server, string? zone, Moment moment)
    {
        if (!servers.TryGetValue(server, out var at) || beliefs.Find(name) is not { } spec) return null;
        if (!Beliefs.IsOfZone(spec)) return zone is null ? Report(spec, at, moment, At.Max(now, moment.At)) : null;
        return zone is not null && at.Zones.Find(zone) is >= 0 and var id ? Report((KindSpec)spec, at, zone, id, moment, At.Max(now, moment.At)) : null;
    }

    /// <summary>All zones known of a server, in the order in which they became known.</summary>
    public IEnumerable<ZoneReport> Zones(string server, Moment moment)
    {
        if (!servers.TryGetValue(server, out var at)) yield break;
        for (var zone = 0; zone < at.Zones.Count; zone++) yield return Report(at, zone, moment);
    }

    /// <summary>One zone of a server; null: no such server, or nobody has spoken of the zone or expects it.</summary>
    public ZoneReport? Zone(string server, string zone, Moment moment) =>
        servers.TryGetValue(server, out var at) && at.Zones.Find(zone) is >= 0 and var id ? Report(at, id, moment) : null;

    /// <summary>What a person holds: names of routes, and the empty one for all.</summary>
    public IReadOnlyList<string> Holds => [.. holds.Keys];

    /// <summary>One server; null: no such server.</summary>
    public ServerReport? Server(string name, Moment moment) => servers.TryGetValue(name, out var server) ? Report(server, moment, At.Max(now, moment.At)) : null;

    /// <summary>The last complete expected set of a server.</summary>
    public ZoneSet ExpectedZones(string server) => servers.TryGetValue(server, out var at) ? at.Zones.ExpectedZones : [];

    /// <summary>Whether the server's expected set was ever complete, and its process as it is known.</summary>
    public (bool Complete, int? Pid) ServerState(string server) => servers.TryGetValue(server, out var at) ? (at.Zones.Complete, at.Pid) : default;

    /// <summary>When the youngest silence of a probe began that lasts; null: all that were asked last have answered, or nobody asks.</summary>
    public At? UnansweredSince(string server) => servers.TryGetValue(server, out var at) ? Silence.Since(at) : null;

    /// <summary>Rises whenever a zone of the server has a serial that it was not known to have.</summary>
    public long NewSerials(string server) => servers.TryGetValue(server, out var at) ? at.Zones.NewSerials : 0;

    /// <summary>The newest serial of each of these zones of the server; null: nobody has told of one.</summary>
    public IReadOnlyList<uint?> Serials(string server, IReadOnlyList<string> zones)
    {
        var serials = new uint?[zones.Count];
        for (var i = 0; i < serials.Length && servers.TryGetValue(server, out var at); i++)
        {
            if (at.Zones.Find(zones[i]) is >= 0 and var zone) serials[i] = at.Zones.Serial(zone);
        }

        return serials;
    }

    RouteReport Report(Route route, At at)
    {
        var router = routers[route.Spec.Via];
        var name = route.Spec.Name;
        return new(name, route.Spec.Via, [.. route.Spec.Prefixes.Select(p => p.ToString())], route.State, route.On is null ? null : route.Form, route.Shadow ? null : route.Seen, route.Since?.Wall, route.Because(at))
        {
            Shadow = route.Shadow,
            Waiting = [.. route.Waiting.Select(p => p.ToString())],
            Approved = [.. route.Approved.Select(p => p.ToString())],
            LastResort = route.Spec.LastResort,
            // Under a hold no time runs out: its own line says all.
            Timers = IsHeld(route) ? [] : [.. route.Timers(at)],
            Blocked = route.State is RouteState.Announced or RouteState.Degraded ? [] : [.. route.Blocked(at)],
            WouldChange = [.. Unholding(route), .. WouldChange(route, at)],
            Announce = [.. route.Report(ListRole.Announce, at)],
            Withdraw = [.. route.Report(ListRole.Withdraw, at)],
            Degrade = [.. route.Report(ListRole.Degrade, at)],
            BudgetLeft = route.BudgetLeft(at),
            BudgetFree = route.IsFree,
            RouterWhy = route.Shadow && router.Unread is null ? Untouched(route, router) : router.Unread ?? router.Refusal ?? (route.SeenDetail is { } differs ? $"its prefixes differ: {differs}" : route.IsMissing ? router.NotTaken ?? "the router does not show what is wanted" : null),
            Shared = route.Shared,
            Held = IsHeld(route),
            Person = IsHeld(route) ? "held: nothing moves" : route.IsDrained ? route.Timers(at).LastOrDefault() : null,
            Drained = route.DrainDone(at),
            Upstream = route.Upstream(at),
            Covers = [.. covering.Of(route, channels.Values, at)],
        };
    }

    /// <summary>Of what is only observed: the router shows something else than is decided, and nobody puts it right. Null: it shows the same, or was not read.</summary>
    static string? Untouched(Route route, Router router) =>
        route.On is not null && router.Last?.Routes.FirstOrDefault(r => r.Route == route.Spec.Name) is { Form: { } form } seen && form != route.Form
            ? $"it shows {Words.Of(form)}{(seen.Detail is null ? "" : $" ({seen.Detail})")}, and nobody puts that right: the route is only observed" : null;

    static IEnumerable<RouteReport> Orphans(Router router) => router.Orphans.Select(prefix =>
        new RouteReport($"{prefix}", router.Name, [prefix.ToString()], RouteState.Orphan, null, null, null, $"this prefix left the config; the router still has it{(router.IsAlone(prefix) ? ", and nobody follows it any more" : " until its route is withdrawn")}") { WouldChange = [$"oops release {prefix}"] });

    static IEnumerable<string> WouldChange(Route route, At at)
    {
        if (route.IsUnclear) yield return $"oops confirm {route.Spec.Name}";
        else if (route.State is RouteState.Drained) yield return $"oops undrain {route.Spec.Name}";
        else if (route.On == true)
        {
            if (route.Spec.LastResort) yield return "a person's drain with --force: it is a last resort";
            else yield return $"any of these, for {Words.Of(route.Spec.Fall)}: {string.Join(", ", route.Spec.WithdrawWhen)}";
            if (route.Adopted) yield return $"oops confirm {route.Spec.Name}";
        }
        else if (route.Exhausted(at))
        {
            // All else is met.
            yield return $"oops confirm {route.Spec.Name}";
            if (route.NextTry(at) is { } wait) yield return $"the next try, in {Words.Of(wait)}, while all of these stay met: {string.Join(", ", route.Spec.AnnounceWhen)}";
        }
        else yield return $"all of these, for {Words.Of(route.Spec.Rise)}: {string.Join(", ", route.Spec.AnnounceWhen)}";
        foreach (var blocked in route.Report(ListRole.Announce, at).Where(e => e.State != State.Met).Take(1))
            yield return $"oops override {blocked.Entry.Split(' ')[^1]} {blocked.Server} met --for 1h --reason TEXT";
    }

    ServerReport Report(Server server, Moment moment, At at)
    {
        var process = server.Process switch { ProcessState.Running => "running", ProcessState.Gone => server.How, _ => "not watched" };
        var ready = server.Zones.Ready;
        var conditions = Covered(server, moment, at);
        var zones = server.Zones;
        return new(server.Name, server.Pid, process, zones.Expected, zones.Complete, ready is null ? null : Counts(server, ready), [.. conditions])
        {
            ZonesListed = server.Spec.Zones is null && zones.Complete ? moment.Wall - (at - zones.CompleteAt) : null,
            ZonesNew = zones.Fresh,
            NotServed = Names(zones.NotServed(MostNames)),
            NotExpected = Names(zones.NotExpected(MostNames)),
            ZonesWith = [.. zones.Conditions.Where(c => c.Spec.Kind != Kind.ZoneReady).Select(c => (c.Spec.Name, Zones: Names(zones.With(c, MostNames)))).Where(c => c.Zones is not null).Select(c => new ZonesWithReport(c.Name, c.Zones!))],
        };
    }

    /// <summary>The conditions of the server itself that somebody speaks of, or may.</summary>
    IEnumerable<ConditionReport> Covered(Server server, Moment moment, At at) => server.Conclusions.Select(c => (spec: c.Spec, Report: Report(c.Spec, server, moment, at)))
        .Where(c => c.Report.Claims.Length + c.Report.Members.Length > 0 || c.Report.Counts is not null || c.spec is KindSpec { Kind: Kind.External }).Select(c => c.Report);

    static ZoneNamesReport? Names((int Count, List<string> Some) zones) => zones.Count == 0 ? null : new(zones.Count, [.. zones.Some]);

    ZoneReport Report(Server server, int zone, Moment moment)
    {
        var (zones, name) = (server.Zones, server.Zones.Name(zone));
        var bad = zones.Conditions.Where(c => c.Spec.Kind != Kind.ZoneReady && zones.StateOf(c, zone) == State.Met).Select(c => Report(c.Spec, server, name, zone, moment, At.Max(now, moment.At)));
        return new(server.Name, name, zones.IsExpected(zone), zones.Serial(zone), zones.Ready is { } ready ? zones.StateOf(ready, zone) : State.Unknown, [.. bad])
        {
            SignedUntil = zones.SignedUntil(zone) is { } end ? moment.Wall + (end - moment.At) : null,
        };
    }

    ConditionReport Report(ConditionSpec spec, Server server, Moment moment, At at)
    {
        var verdict = beliefs.Judge(spec.Name, server, 0, Comparison.None, at);
        var since = server.Conclusions.FirstOrDefault(c => c.Spec.Name == spec.Name)?.Since?.Wall;
        var kind = spec is KindSpec named ? Kinds.Of(named.Kind).Name : "composed";
        var forced = beliefs.Overrides.GetValueOrDefault((spec.Name, server.Name, null));
        return new($"condition/{spec.Name}/{server.Name}", kind, verdict.State, verdict.Proven, since, Why.Of(beliefs, spec.Name, server, 0, at))
        {
            Claims = spec is KindSpec { Kind: not Kind.AllZonesReady } measured ? [.. ServerJudge.Read(server, measured, 0, at).Claims] : [],
            Members = spec is ComposedSpec composed ? [.. composed.Members.Select(m => Report(beliefs.Find(m)!, server, moment, at))] : [],
            Counts = spec is KindSpec { Kind: Kind.AllZonesReady } && server.Zones.Ready is { } ready ? Counts(server, ready) : null,
            Override = forced is null ? null : Describe(forced, at),
            WouldChange = [$"oops override {spec.Name} {server.Name} {(verdict.State == State.Met ? "not-met" : "met")} --for 1h --reason TEXT"],
        };
    }

    ConditionReport Report(KindSpec spec, Server server, string zone, int id, Moment moment, At at)
    {
        var condition = server.Zones.Conditions.FirstOrDefault(c => c.Spec.Name == spec.Name);
        var path = $"condition/{spec.Name}/{server.Name}/{zone}";
        if (condition is null)
        {
            var seen = server.Zones.Levels.FirstOrDefault(l => l.Spec.Name == spec.Name)?.Seen(id);
            if (seen is { } wanted && spec.Kind == Kind.CdsWantsChange) return new(path, Kinds.Of(spec.Kind).Name, wanted == 0 ? State.NotMet : State.Met, true, null, Words.Of(Measure.CdsWanted, wanted, at));
            return new(path, Kinds.Of(spec.Kind).Name, seen is null ? State.Unknown : State.Met, true, null, seen is null ? "never claimed" : $"value {seen}") { Value = spec.Kind == Kind.ZoneUpdated ? seen : null };
        }
        var state = server.Zones.StateOf(condition, id);
        var claims = condition.Slots.Select((slot, i) =>
        {
            var (claimed, says, age, ended) = server.Zones.Says(condition, i, id, at);
            return new ClaimReport(server.Channels[slot.Channel].Spec.Name, slot.Standing, spec.IsHearsay ? Evidence.Suspicion : Evidence.Proof, claimed, says, age, server.Zones.ValidFor(slot.Channel, id, at), spec.IsHearsay ? null : server.Pid, ended);
        }).ToImmutableArray();
        var since = condition.Since(id) is > 0 and var tenths ? moment.Wall - (at - ZoneTable.At(tenths)) : (DateTimeOffset?)null;
        // A witness that is missing decides, a messenger that has nothing to say does not.
        var deciding = claims.FirstOrDefault(c => c.State == state && c.Standing == Standing.Witness) ?? claims.FirstOrDefault(c => c.State == state);
        var forced = beliefs.Overrides.GetValueOrDefault((spec.Name, server.Name, zone));
        return new(path, Kinds.Of(spec.Kind).Name, state, state != State.Unknown && (!spec.IsHearsay || forced is not null), since, Disbelieved(condition, state) ?? (deciding is null ? "nobody has spoken" : $"{deciding.Says} ({deciding.Channel})"))
        {
            Claims = claims,
            Value = spec.Kind == Kind.ZoneReady && state == State.Met ? server.Zones.Serial(id) : null,
            Override = forced is null ? null : Describe(forced, at),
            Advice = spec.IsHearsay && ErrorReports.Advice(server.Zones.Reported(condition, id)) is { IsEmpty: false } advice ? advice : null,
            WouldChange = [$"oops override {spec.Name} {server.Name}/{zone} {(state == State.Met ? "not-met" : "met")} --for 1h --reason TEXT"],
        };
    }

    // Somebody has spoken, of a time of the wall clock.
    string? Disbelieved(ZoneCondition condition, State state) =>
        state == State.Unknown && condition.IsOfWallClock && clock is { Trusted: false } ? $"wall-clock facts do not count: {clock.Why}" : null;

    static ZoneCounts Counts(Server server, ZoneCondition condition)
    {
        var tally = server.Zones.Tally(condition, ZoneTable.ExpectedSelector, ~0u, not: false, Comparison.None);
        return new(tally.Met, tally.NotMet, tally.Unknown, tally.NotMet > 0 ? server.Zones.First(condition, State.NotMet) : tally.Unknown > 0 ? server.Zones.First(condition, State.Unknown) : null);
    }

    IEnumerable<string> People(At at)
    {
        foreach (var standing in beliefs.Overrides.Values) yield return Describe(standing, at);
        if (glass is not null) yield return $"hold all: {glass} exists";
        foreach (var (name, hold) in holds)
            yield return $"hold {(name.Length == 0 ? "all" : name)} by {hold.Who}{(hold.Ends == At.Never ? ", without an end" : $", ends in {Words.Of(hold.Ends - at)}")}{Because(hold.Reason)}";
        foreach (var route in routes.Where(r => r.IsDrained)) yield return $"{route.Spec.Name}: {route.DrainWords(at, IsHeld(route))}";
    }

    static string Because(string reason) => reason.Length == 0 ? "" : ": " + reason;

    static string Describe(StandingOverride standing, At at)
    {
        var word = standing.Word;
        return $"override {word.Condition} {word.Server}{(word.Zone is null ? "" : "/" + word.Zone)} {Words.Of(word.State)} by {word.Who}, ends in {Words.Of(standing.Ends - at)}: {word.Reason}";
    }

    IEnumerable<string> NotMonitored()
    {
        foreach (var server in servers.Values)
        {
            var missing = Kinds.All.Where(k => k.Parameter is null && k.Kind is not (Kind.AllZonesReady or Kind.ServerCrashed or Kind.CdsNotified or Kind.CsyncNotified or Kind.CdsWantsChange) && !IsCovered(k.Kind, server)).Select(k => k.Name).ToList();
            if (missing.Count > 0) yield return $"{server.Name}: {string.Join(", ", missing)}";
        }
    }

    static bool IsCovered(Kind kind, Server server) => server.Channels.Any(c => c.Spec.Standing != Standing.Reference && kind switch
    {
        Kind.ServerRunning or Kind.ServerDown => c.Spec.Process || c.Covers(Measure.Answering),
        Kind.ServerShuttingDown => c.Covers(Measure.Stopping),
        _ => IsMeasured(kind) && c.Covers(ZoneCondition.MeasureOf(kind)),
    });
}
