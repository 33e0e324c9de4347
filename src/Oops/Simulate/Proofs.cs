using Oops.Core;

namespace Oops.Simulate;

/// <summary>Whether a fact stands that lets a route be withdrawn, by a plain reading of its entries. Where the reading is hard it says yes, so that what it denies is certain.</summary>
internal sealed class Proofs(Policy policy, IReadOnlyDictionary<string, ServerFacts> servers, Func<string, string, bool> isOverridden)
{
    /// <summary>For what is kept in tenths of a second.</summary>
    static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(200);

    readonly Dictionary<string, ConditionSpec?> specs = policy.Routes.SelectMany(r => r.WithdrawWhen).Select(e => e.Condition).Distinct().ToDictionary(
        name => name, name => policy.Conditions.FirstOrDefault(c => c.Name == name) ?? (Kinds.Find(name) is { } kind ? new KindSpec(kind.Name, kind.Kind) : null), StringComparer.Ordinal);

    /// <summary>Proof on more than N - n servers leaves fewer than n.</summary>
    public bool Stands(RouteSpec route, At now)
    {
        var proven = 0;
        foreach (var name in route.Servers)
            if (IsProven(route, name, now)) proven++;
        return proven > route.Servers.Length - route.Need;
    }

    /// <summary>It is certain that enough of its servers are left without this one.</summary>
    public bool CoverWithout(RouteSpec route, string server, At now) =>
        route.Servers.Count(name => name != server && !IsProven(route, name, now)) >= route.Need;

    bool IsProven(RouteSpec route, string server, At now)
    {
        foreach (var entry in route.WithdrawWhen)
            if (Supports(route, entry, servers[server], now)) return true;
        return false;
    }

    /// <summary>So many servers are gone, or came back and have not answered yet, that nothing could speak for the route; and no person has said otherwise.</summary>
    public bool IsDead(RouteSpec route)
    {
        var gone = 0;
        foreach (var name in route.Servers)
            if (servers[name].Down && !isOverridden("server-down", name)) gone++;
        if (gone <= route.Servers.Length - route.Need) return false;
        foreach (var entry in route.WithdrawWhen)
            if (entry is { Condition: "server-down", Not: false }) return true;
        return false;
    }

    bool Supports(RouteSpec route, EntrySpec entry, ServerFacts server, At now)
    {
        if (isOverridden(entry.Condition, server.Spec.Name)) return true;
        return specs[entry.Condition] is not KindSpec spec || Supports(route, entry, spec, server, now);
    }

    static bool Supports(RouteSpec route, EntrySpec entry, KindSpec spec, ServerFacts server, At now) => (spec.Kind, entry.Not) switch
    {
        (Kind.ServerDown or Kind.ServerCrashed, false) or (Kind.ServerRunning, true) => IsDown(route, server, now),
        (Kind.ServerShuttingDown, false) => IsStopping(server, now),
        (Kind.External, _) => spec.Proof && server.IsProven(spec.Name, entry.Not ? State.NotMet : State.Met, now),
        // Anybody can report.
        (Kind.ErrorReported, _) => false,
        (Kind.ZoneReady, true) => Enough(entry, spec, Measure.Serial, server, now),
        (Kind.ZoneExpiring, false) => Enough(entry, spec, Measure.Expiry, server, now),
        (Kind.ZoneInvalid, false) => Enough(entry, spec, Measure.Invalid, server, now),
        (Kind.DelegationMismatch, false) => Enough(entry, spec, Measure.Delegation, server, now),
        _ => true,
    };

    static bool IsStopping(ServerFacts server, At now)
    {
        foreach (var channel in server.Channels)
            if (channel.Living(Measure.Stopping, now) is { Said.Value: 1 }) return true;
        return false;
    }

    /// <summary>So many zones are bad here, and well at the reference where that counts. Of lists that come from outside the last may be held, and new members wait: there one is enough.</summary>
    static bool Enough(EntrySpec entry, KindSpec spec, Measure measure, ServerFacts server, At now)
    {
        var listed = server.Spec.Zones is { } zones && entry.Zones.IsExpected ? zones : [];
        var missing = listed.IsEmpty ? 1 : Math.Max(1, (int)Math.Ceiling((entry.Share ?? 0) * listed.Length - 1e-9));
        foreach (var zone in listed.IsEmpty ? server.Names(entry.Zones) : listed)
            if (IsBad(spec, zone, measure, server, now) && (!entry.Relative || server.SaysReference(zone, now, absent: false)) && --missing == 0) return true;
        return false;
    }

    static bool IsBad(KindSpec spec, string zone, Measure measure, ServerFacts server, At now)
    {
        foreach (var channel in server.Channels)
            if (channel.Spec.Standing != Standing.Reference && channel.Living(zone, measure, now) is { } claim && IsBad(spec, claim.Value, claim.At, now)) return true;
        return false;
    }

    static bool IsBad(KindSpec spec, long value, At at, At now) => spec.Kind switch
    {
        Kind.ZoneReady => value == Signal.Absent,
        Kind.ZoneExpiring => value != Signal.Absent && at + TimeSpan.FromSeconds(value) <= now + spec.Span + Grain,
        Kind.DelegationMismatch => value >= spec.Number,
        _ => value == 1,
    };

    /// <summary>Gone, refused, or hung: a silence alone is none of these.</summary>
    static bool IsDown(RouteSpec route, ServerFacts server, At now)
    {
        if (server.Down || IsHung(server, now)) return true;
        foreach (var channel in server.HeardBy(route))
            if (channel.Living(Measure.Answering, now) is { Said: { Value: 0, Evidence: Evidence.Proof } }) return true;
        return false;
    }

    /// <summary>Every probe is silent or refused, and during that silence somebody read that the server does nothing, and nobody that it works.</summary>
    public static bool IsHung(ServerFacts server, At now)
    {
        At? from = null;
        foreach (var probe in server.Channels)
        {
            if (probe.Spec is not { Standing: Standing.Witness, Target: not null }) continue;
            if (probe.Living(Measure.Answering, now) is not { } claim || claim.Said.Value == 1) return false;
            if (claim.Said.Value == Signal.Absent && probe.SilentFrom is { } since && (from is null || since > from)) from = since;
        }
        if (from is not { } begun) return false;
        var isIdle = false;
        foreach (var channel in server.Channels)
        {
            if (channel.Living(Measure.Idle, now) is not { } seen || seen.At - seen.Said.For < begun) continue;
            if (seen.Said.Value == 0) return false;
            isIdle |= seen.Said is { Value: 1, Evidence: Evidence.Proof };
        }
        return isIdle;
    }
}
