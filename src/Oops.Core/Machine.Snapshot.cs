using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Oops.Core;

/// <summary>Taking and giving back what survives.</summary>
public sealed partial class Machine
{
    public Snapshot Snapshot(Moment moment)
    {
        var at = At.Max(now, moment.At);
        return new(at.Ticks)
        {
            Sequence = sequence,
            Alarms = [.. alarms.Save()],
            Routes = [.. routes.Where(r => !r.Shadow).Select(r => r.Save())],
            Shadows = [.. routes.Where(r => r.Shadow).Select(r => r.Save())],
            Rules = [.. rules.SelectMany(r => r.Seen.Select(s => new RuleSnapshot(r.Spec.Index, r.Spec.Condition, s.Key, s.Value)))],
            Overrides = [.. beliefs.Overrides.Values.Select(o => new OverrideSnapshot(o.Word.Who, o.Word.Condition, o.Word.Server, o.Word.Zone, o.Word.State, o.Ends.Ticks, o.Word.Reason))],
            Holds = [.. holds.Select(h => new HoldSnapshot(h.Key, h.Value.Who, h.Value.Ends.Ticks, h.Value.Reason))],
            ZoneSets = [.. servers.Values.Where(s => s.Zones.Complete && s.Spec.Zones is null).Select(s => new ZoneSetSnapshot(s.Name, s.Zones.CompleteAt.Ticks, s.Zones.ExpectedZones) { Channel = s.Zones.Lister is >= 0 and var place ? s.Channels[place].Spec.Name : null, Graces = [.. s.Zones.Graces().Select(g => new GraceSnapshot(g.Zone, g.Ends.Ticks))] })],
            Levels = [.. servers.Values.SelectMany(s => s.Zones.Levels.Select(l => Save(s, l.Spec.Name, l.Seen)).Concat(s.Zones.Conditions.Where(c => c.Watched).Select(c => Save(s, c.Spec.Name, c.SeenNumber))))],
            Servers = [.. servers.Values.Where(s => s.Seen || s.Asked).Select(s => s.Save())],
            Latches = [.. channels.Values.SelectMany(c => c.Latches.Standing(m => c.Living(m, at) is not null).Select(l => new LatchSnapshot(c.Spec.Name, l.Condition) { Waits = !l.Lives }))],
        };
    }

    /// <summary>Before the first step. After another boot nothing that is announced is ours any more, and what has an end goes on for as long as was left of it.</summary>
    public void Restore(Snapshot snapshot, Moment moment, bool sameBoot)
    {
        now = At.Max(now, moment.At);
        sequence = Math.Max(sequence, snapshot.Sequence);
        At End(long ticks) => ticks == long.MaxValue ? At.Never : sameBoot ? new(ticks) : now + new TimeSpan(ticks - snapshot.At);
        foreach (var saved in snapshot.Routes)
            routes.FirstOrDefault(r => r.Spec.Name == saved.Name)?.Restore(saved, sameBoot, End);
        ImmutableArray<RouteSnapshot> shadows = snapshot.Shadows.IsDefault ? [] : snapshot.Shadows;
        foreach (var saved in shadows)
            routes.FirstOrDefault(r => r.Spec.Name == saved.Name)?.RestoreShadow(saved, sameBoot, End, now);
        if (sameBoot)
            foreach (var router in routers.Values) router.HasMoved = HasMoved(router, snapshot.Routes);
        // Taken at this very moment, it is handed on at a reload: what stands has stood all the time. Else nobody was watching meanwhile: who is down now may have been stopped in good order.
        if (sameBoot && snapshot.At >= now.Ticks)
        {
            if (!snapshot.Servers.IsDefault)
                foreach (var saved in snapshot.Servers)
                    if (servers.TryGetValue(saved.Name, out var server)) server.Restore(saved);
            if (!snapshot.Latches.IsDefault)
                foreach (var saved in snapshot.Latches)
                    if (channels.TryGetValue(saved.Channel, out var channel)) channel.Latches.Hand(saved.Condition, lives: !saved.Waits);
            if (!snapshot.Alarms.IsDefault) alarms.HandOver(snapshot.Alarms, now);
            foreach (var saved in snapshot.Routes.Concat(shadows.Where(s => routes.Any(r => r.Shadow && r.Spec.Name == s.Name)))) routes.FirstOrDefault(r => r.Spec.Name == saved.Name)?.GoOn(saved.Since);
        }
        if (!snapshot.Alarms.IsDefault) alarms.Restore(snapshot.Alarms.Where(a => a.Id.Split('/') is not [_, var subject] || servers.ContainsKey(subject)), now, sameBoot);
        foreach (var saved in snapshot.Rules)
            rules.FirstOrDefault(r => r.Spec.Index == saved.Index && r.Spec.Condition == saved.Condition)?.Restore(saved.Server, saved.Seen);
        foreach (var saved in snapshot.Holds)
            if (End(saved.Ends) is var ends && ends > now) holds[saved.Route] = new(saved.Who, ends, saved.Reason, ends == Oops.Core.At.Never ? null : ends - now);
        foreach (var saved in snapshot.ZoneSets)
        {
            if (!servers.TryGetValue(saved.Server, out var server) || server.Spec.Zones is not null) continue;
            Listed(server, server.Channels.FirstOrDefault(c => c.Spec.Name == saved.Channel)?.Place ?? -1, saved.Zones, first: true, last: true, []);
            // Of the time between two boots nothing is known: it is at least so old.
            if (server.Zones.Complete) server.Zones.Age(sameBoot ? new(saved.CompleteAt) : now + new TimeSpan(saved.CompleteAt - snapshot.At));
            // After another boot it is another incarnation of the server, which has loaded none of them yet.
            if (!sameBoot || saved.Graces.IsDefault) continue;
            foreach (var grace in saved.Graces)
                if (At.Min(new(grace.Ends), now + policy.Limits.NewZoneGrace) is var ends && ends > now) server.Zones.RestoreGrace(grace.Zone, ends);
        }
        foreach (var saved in snapshot.Overrides)
        {
            var left = End(saved.Ends) - now;
            if (left > TimeSpan.Zero) Take(new Override(saved.Who, saved.Condition, saved.Server, saved.Zone, saved.State, left, saved.Reason), []);
        }
        foreach (var saved in snapshot.Levels)
            if (servers.TryGetValue(saved.Server, out var server)) server.Zones.RestoreLevel(saved);
        dirty = stale = true;
    }

    /// <summary>A prefix that one of its routes had is another one's by now.</summary>
    static bool HasMoved(Router router, ImmutableArray<RouteSnapshot> saved) =>
        router.Routes.Exists(r => !r.Shadow && saved.Any(s => s.Name != r.Spec.Name && s.Via == router.Name && !s.Prefixes.IsDefault && r.Spec.Prefixes.Any(p => s.Prefixes.Contains(p.ToString()))));

    /// <summary>All that is claimed now, as inputs: carries the beliefs over into a machine with another policy. The order of levels does not matter.</summary>
    public IEnumerable<Input> Levels(Moment moment, Policy next)
    {
        var at = At.Max(now, moment.At);
        if (glass is { } broken) yield return new BreakGlass(true, broken);
        if (clock is { } trust) yield return trust;
        foreach (var channel in channels.Values)
        {
            if (channel.Open) yield return new ChannelOpened(channel.Spec.Name);
            else if (channel.Why is { } why and not Channel.Unopened) yield return new ChannelLost(channel.Spec.Name, why);
        }
        foreach (var server in servers.Values)
        {
            foreach (var channel in server.Channels)
            {
                if (!channel.Spec.Process || !channel.Open || server.Process == ProcessState.Unknown) continue;
                // Down until it answers, also with a new process.
                if (server.Down) yield return new ProcessGone(channel.Spec.Name, server.How);
                if (server.Process == ProcessState.Running) yield return new ProcessStarted(channel.Spec.Name, server.Pid ?? 0, server.StartTime);
            }
            // The set that stands is in the snapshot that a successor has; what was held is not.
            var lister = server.Zones.Lister is >= 0 and var place ? server.Channels[place].Spec.Name : null;
            if (server.Spec.Zones is null && server.Zones.HeldCount > 0
                && (next.Channels.FirstOrDefault(c => c.Name == lister) ?? next.Channels.FirstOrDefault(c => c.Server == server.Name)) is { } successor)
                yield return new ZonesListed(successor.Name, server.Zones.HeldNames(), Last: true) { First = true };
            foreach (var channel in server.Channels)
            {
                foreach (var measure in Enum.GetValues<Measure>())
                    if (!Measures.IsOfZone(measure) && channel.Living(measure, at) is { } claim)
                        yield return claim.Errors is { } errors ? errors : new ServerSignal(channel.Spec.Name, measure, claim.Value, claim.Evidence, claim.Detail) { For = at - Since(channel, measure, claim) };
                if (!CountsOn(channel.Spec, next)) continue;
                foreach (var signal in server.Zones.Signals(channel, at)) yield return signal;
                if (channel.Read) yield return new ChannelRead(channel.Spec.Name);
            }
            foreach (var standing in server.External)
                if (standing.Ends > at) yield return standing.Claim with { ValidFor = standing.Ends - at };
        }
        foreach (var router in routers.Values)
        {
            if (router.Last is { } observed) yield return observed with { Routes = [.. observed.Routes.Select(s => Of(s, next)).OfType<RouteSeen>()] };
            if (router.Unread is { } why) yield return new RouterUnseen(router.Name, why);
        }
        foreach (var route in routes)
            if (route.Beyond(at) is { } beyond) yield return beyond;
    }

    /// <summary>What was counted for a condition is void where that is about other errors, or another window, from now on.</summary>
    bool CountsOn(ChannelSpec channel, Policy next) =>
        channel.Condition is not { } name || (beliefs.Find(name) is KindSpec was && next.Conditions.FirstOrDefault(c => c.Name == name) is KindSpec spec && spec.CountsAs(was));

    /// <summary>A silence is handed on with its beginning; any other claim counts from now.</summary>
    static At Since(Channel channel, Measure measure, ServerClaim claim) =>
        measure is Measure.Unanswered or Measure.Answering ? channel.UnansweredSince ?? claim.From : claim.From;

    /// <summary>What was read of a route's prefixes, of those that it will have. Of one that was only observed, and has others by then, nothing is known.</summary>
    RouteSeen? Of(RouteSeen seen, Policy next)
    {
        if (routes.FirstOrDefault(r => r.Spec.Name == seen.Route) is not { } was || next.Routes.FirstOrDefault(r => r.Name == seen.Route) is not { } spec) return seen;
        var kept = spec.Prefixes.Intersect(was.Spec.Prefixes).ToList();
        if (was.Shadow && (kept.Count != spec.Prefixes.Length || kept.Count != was.Spec.Prefixes.Length)) return null;
        return kept.Count > 0 && kept.TrueForAll(seen.Lacks.Contains) ? seen with { Form = RouteForm.Withdrawn, Lacks = [] } : seen;
    }

    static LevelSnapshot Save(Server server, string condition, Func<int, uint?> seen)
    {
        var zones = server.Zones.Where(zone => seen(zone) is not null);
        var values = new uint[zones.Count];
        var next = 0;
        foreach (var zone in zones.Numbers) values[next++] = seen(zone)!.Value;
        return new(server.Name, condition, zones, ImmutableCollectionsMarshal.AsImmutableArray(values));
    }
}
