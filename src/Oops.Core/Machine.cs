using System.Collections.Immutable;

namespace Oops.Core;

/// <summary>Claims, conditions, routes, rules, safety: deterministic, no clock, no I/O, no lock. One task owns it; others ask it through that task.</summary>
public sealed partial class Machine
{
    const string ClockRemedy = "let chrony or systemd-timesyncd synchronise it (`timedatectl` says whether one does), or write `limits: { wall-clock: trusted }` where something else keeps it right; after a step it counts again in an hour";

    readonly Policy policy;
    readonly Beliefs beliefs;
    readonly Alarms alarms = new();
    readonly SortedDictionary<string, Server> servers = new(StringComparer.Ordinal);
    readonly Dictionary<string, Channel> channels = new(StringComparer.Ordinal);
    readonly ImmutableArray<Route> routes;
    readonly Covering covering;
    readonly ImmutableArray<Rule> rules;
    readonly SortedDictionary<string, Router> routers = new(StringComparer.Ordinal);
    readonly List<ZoneNews> news = [];
    At now;
    DateTimeOffset wall;
    At deadline = At.Never;
    long sequence;
    bool dirty = true, stale = true;
    Server? counted;

    public Machine(Policy policy)
    {
        this.policy = policy;
        beliefs = new(policy);
        var ofServers = beliefs.All.Where(s => !Beliefs.IsOfZone(s)).OrderBy(s => s.Name, StringComparer.Ordinal).ToList();
        rules = [.. policy.Rules.Select(r => new Rule(r))];
        var zoneConditions = beliefs.All.OfType<KindSpec>().Where(k => Beliefs.IsOfZone(k) && IsMeasured(k.Kind) && IsUsed(k)).OrderBy(k => k.Name, StringComparer.Ordinal).ToList();
        var selectors = policy.Routes.SelectMany(r => r.AnnounceWhen.Concat(r.WithdrawWhen).Concat(r.DegradeWhen)).Select(e => e.Zones)
            .Prepend(ZoneSelector.Expected).Distinct().Take(24).ToImmutableArray();
        var watched = policy.Rules.Select(r => r.Condition).ToHashSet();
        foreach (var spec in policy.Servers) servers[spec.Name] = new(spec, policy, zoneConditions, selectors, watched) { Conclusions = [.. ofServers.Select(s => new Conclusion(s))] };
        foreach (var channel in servers.Values.SelectMany(s => s.Channels)) channels[channel.Spec.Name] = channel;
        routes = [.. policy.Routes.Select(r => new Route(r, policy, servers, beliefs))];
        covering = new(routes);
        foreach (var route in routes)
        {
            if (!routers.TryGetValue(route.Spec.Via, out var router)) routers[route.Spec.Via] = router = new(route.Spec.Via);
            router.Routes.Add(route);
            foreach (var server in servers.Values)
                if (route.Sees(server)) server.Routes.Add(route);
        }
        foreach (var server in servers.Values)
            if (server.Spec.Zones is { } zones) Listed(server, channel: -1, zones, first: true, last: true, []);
    }

    /// <summary>When the machine must be stepped next even if nothing happens (<see cref="Tick"/>).</summary>
    public At NextDeadline
    {
        get
        {
            if (!stale) return deadline;
            var next = new Deadline(now);
            foreach (var server in servers.Values) server.Wants(ref next, now);
            foreach (var route in routes) route.Wants(ref next, now);
            foreach (var router in routers.Values)
                if (router.AgainAt is { } again) next.Add(again);
            foreach (var standing in beliefs.Overrides.Values) WantsEnd(ref next, standing.Ends);
            foreach (var hold in holds.Values) WantsEnd(ref next, hold.Ends);
            foreach (var since in busy.Values) next.Add(since + policy.Limits.Unresponsive);
            next.Add(alarms.NextDeadline());
            stale = false;
            return deadline = next.Next;
        }
    }

    /// <summary>Takes one input and adds what follows from it to <paramref name="effects"/>. Time never runs backwards: an earlier moment counts as the last one.</summary>
    public void Step(Moment moment, Input input, List<Effect> effects)
    {
        now = At.Max(now, moment.At);
        moment = moment with { At = now };
        wall = moment.Wall;
        Wake(effects);
        Take(input, moment, effects);
        if (dirty) Settle(moment, effects);
        else if (counted is not null) Settle(counted, moment, effects);
    }

    void Wake(List<Effect> effects)
    {
        if (NextDeadline > now) return;
        stale = dirty = true;
        foreach (var server in servers.Values)
        {
            server.Touch();
            server.Forget(now);
            server.Zones.Wake(now, news);
            if (news.Count > 0) Tell(server, effects);
        }
        foreach (var standing in beliefs.Overrides.Values.Where(o => o.Ends <= now).ToList()) Unoverridden(standing.Word.Condition, standing.Word.Server, standing.Word.Zone, effects);
        foreach (var (route, hold) in holds.ToList())
            if (hold.Ends <= now) Unheld(route, effects);
        alarms.Wake(now, effects);
    }

    void Take(Input input, Moment moment, List<Effect> effects)
    {
        switch (input)
        {
            case ZoneSignal signal:
                Take(signal, effects);
                return;
            case ZoneTold:
                return;
            case Signal signal:
                Take(signal, moment, effects);
                break;
            case ExternalClaim claim when servers.TryGetValue(claim.Server, out var server) && beliefs.Find(claim.Condition) is KindSpec { Kind: Kind.External }:
                server.Take(claim, now);
                server.Touch();
                break;
            case RouterObserved observed:
                Take(observed, moment, effects);
                break;
            case UpstreamObserved beyond:
                Take(beyond);
                break;
            case RouterUnseen unseen:
                Take(unseen, effects);
                break;
            case Applied applied:
                Take(applied, effects);
                break;
            case Operator word:
                Take(word, effects);
                break;
            case BreakGlass word:
                Take(word);
                break;
            case ClockTrust trust:
                clock = trust;
                foreach (var server in servers.Values) server.Zones.ClockTrusted = trust.Trusted;
                alarms.Set(!trust.Trusted, "clock", $"wall-clock facts do not count: {trust.Why}; {ClockRemedy}", now, effects);
                break;
            default:
                break;
        }
        dirty = stale = true;
    }

    /// <summary>Conditions, rules and routes follow.</summary>
    void Settle(Moment moment, List<Effect> effects)
    {
        foreach (var server in servers.Values) Conclude(server, moment, effects);
        foreach (var route in routes) Settle(route, moment, effects);
        foreach (var router in routers.Values) Settle(router, effects);
        foreach (var server in servers.Values) Watch(server, effects);
        SettlePeople(effects);
        (dirty, counted, stale) = (false, null, true);
    }

    /// <summary>Only zones of one server have moved from count to count: nothing else can have changed, and this happens a million times in a row.</summary>
    void Settle(Server server, Moment moment, List<Effect> effects)
    {
        counted = null;
        Conclude(server, moment, effects);
        var moved = false;
        foreach (var route in server.Routes) moved |= Settle(route, moment, effects);
        if (moved)
            foreach (var router in routers.Values) Settle(router, effects);
        stale |= moved;
        var next = new Deadline(now);
        foreach (var route in server.Routes) route.Wants(ref next, now);
        deadline = At.Min(deadline, next.Next);
    }

    static void WantsEnd(ref Deadline next, At ends)
    {
        next.Add(ends);
        if (ends != At.Never) next.Add(ends - Alarms.WarnBefore);
    }

    void Conclude(Server server, Moment moment, List<Effect> effects)
    {
        var isClaimed = server.HasChanged();
        foreach (var conclusion in server.Conclusions)
        {
            if (conclusion.IsOfClaims && !isClaimed) continue;
            var (spec, before) = (conclusion.Spec, conclusion.State);
            var state = beliefs.Judge(spec, server, 0, Comparison.None, now).State;
            if (state == before) continue;
            conclusion.Take(state, moment);
            var because = Why.Of(beliefs, spec.Name, server, 0, now);
            effects.Add(new ConditionChanged($"condition/{spec.Name}/{server.Name}", before, state, because));
            foreach (var rule in rules)
                if (rule.Listens(spec.Name, server.Name) && rule.Take(server.Name, state)) Fire(rule, server, state, because, effects);
        }
    }

    /// <summary>True if what is wanted of it has changed.</summary>
    bool Settle(Route route, Moment moment, List<Effect> effects)
    {
        var from = route.State;
        var changed = route.Decide(moment, IsHeld(route));
        route.Turned(now, effects);
        // What it goes on being is no news.
        if (route.State != from && !(from == RouteState.Unknown && route.HasGoneOn)) effects.Add(new RouteChanged(route.Spec.Name, from, route.State, route.Shadow, route.Because(now)));
        var kept = route.KeptSince is { } since && now - since >= policy.Limits.KeptAlarm;
        var alarm = (kept, route.State == RouteState.Adopted, route.StaysSpent(now), route.Floor, route.DrainEndsSoon(now), route.IsUnclear, route.IsIneffective(now), route is { Shadow: false, Shared: not null });
        if (route.Alarmed == alarm) return changed;
        route.Alarmed = alarm;
        var (id, called) = (route.Spec.Name, route.Called);
        alarms.Set(kept, $"kept/{id}", route.Kept, now, effects);
        alarms.Set(route.Alarmed.Adopted, $"adopted/{id}", $"route {called} was found announced; `oops confirm {id}` makes it ours", now, effects);
        alarms.Set(route.Alarmed.Budget, $"budget/{id}", route.Spent, now, effects);
        alarms.Set(route.Alarmed.Floor, $"last-resort/{id}", $"route {called} is a last resort and stays announced, degraded", now, effects);
        alarms.Set(route.Alarmed.Shared, $"shared/{id}", _ => $"route {id}: {route.Shared}", now, effects);
        alarms.Set(route.IsUnclear, $"unclear/{id}", route.Unclear, now, effects);
        alarms.Set(route.Alarmed.Ineffective, $"upstream/{id}", route.Ineffective, now, effects);
        alarms.Set(route.Alarmed.DrainEnds, $"drain-ends/{id}", $"the drain of route {called} ends soon", now, effects);
        return changed;
    }

    static bool IsMeasured(Kind kind) => kind is Kind.ZoneReady or Kind.ZoneUpdated or Kind.ZoneStale or Kind.ZoneNotRefreshed or Kind.ZoneExpiring or Kind.SignaturesExpiring or Kind.ZoneInvalid or Kind.KeysChanged or Kind.CdsNotified or Kind.CsyncNotified or Kind.ErrorReported or Kind.DelegationMismatch or Kind.CdsWantsChange;

    /// <summary>Zone conditions that nobody configured cost nothing: the parameterless ones are kept where something can claim them.</summary>
    bool IsUsed(KindSpec spec) => policy.Channels.Any(c => c.Tells(spec, ZoneCondition.MeasureOf(spec.Kind)));
}
