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
        return gone > route.Servers.Length - route.Need && route.WithdrawWhen.Any(e => e is { Condition: "server-down", Not: false });
    }

    bool Supports(RouteSpec route, EntrySpec entry, ServerFacts server, At now)
    {
        if (isOverridden(entry.Condition, server.Spec.Name)) return true;
        return specs[entry.Condition] is not KindSpec spec || Supports(route, entry, spec, server, now);
    }

    static bool Supports(RouteSpec route, EntrySpec entry, KindSpec spec, ServerFacts server, At now) => (spec.Kind, entry.Not) switch
    {
        (Kind.ServerDown or Kind.ServerCrashed, false) or (Kind.ServerRunning, true) => IsDown(route, server, now),
        (Kind.ServerShuttingDown, false) => server.Channels.Any(c => c.Living(Measure.Stopping, now) is { Said.Value: 1 }),
        (Kind.External, _) => spec.Proof && server.IsProven(spec.Name, entry.Not ? State.NotMet : State.Met, now),
        // Anybody can report.
        (Kind.ErrorReported, _) => false,
        (Kind.ZoneReady, true) => Enough(entry, server, now, Measure.Serial, (value, _) => value == Signal.Absent),
        (Kind.ZoneExpiring, false) => Enough(entry, server, now, Measure.Expiry, (value, at) => value != Signal.Absent && at + TimeSpan.FromSeconds(value) <= now + spec.Span + Grain),
        (Kind.ZoneInvalid, false) => Enough(entry, server, now, Measure.Invalid, (value, _) => value == 1),
        _ => true,
    };

    /// <summary>So many zones are bad here, and well at the reference where that counts. Of lists that come from outside the last may be held, and new members wait: there one is enough.</summary>
    static bool Enough(EntrySpec entry, ServerFacts server, At now, Measure measure, Func<long, At, bool> bad)
    {
        var listed = server.Spec.Zones is { } zones && entry.Zones.IsExpected ? zones : [];
        var names = listed.IsEmpty ? server.Names(entry.Zones) : listed;
        var worse = names.Count(zone =>
            server.Channels.Any(c => c.Spec.Standing != Standing.Reference && c.Living(zone, measure, now) is { } claim && bad(claim.Value, claim.At))
            && (!entry.Relative || server.SaysReference(zone, now, absent: false)));
        return worse >= (listed.IsEmpty ? 1 : Math.Max(1, (int)Math.Ceiling((entry.Share ?? 0) * listed.Length - 1e-9)));
    }

    /// <summary>Gone, refused, or hung: a silence alone is none of these.</summary>
    static bool IsDown(RouteSpec route, ServerFacts server, At now) =>
        server.Down || IsHung(server, now)
        || server.Channels.Any(c => IsHeard(route, server, c) && c.Living(Measure.Answering, now) is { Said: { Value: 0, Evidence: Evidence.Proof } });

    /// <summary>Every probe is silent or refused, and during that silence somebody read that the server does nothing, and nobody that it works.</summary>
    public static bool IsHung(ServerFacts server, At now)
    {
        At? from = null;
        foreach (var probe in server.Channels.Where(c => c.Spec is { Standing: Standing.Witness, Target: not null }))
        {
            if (probe.Living(Measure.Answering, now) is not { } claim || claim.Said.Value == 1) return false;
            if (claim.Said.Value == Signal.Absent && probe.SilentFrom is { } since && (from is null || since > from)) from = since;
        }
        if (from is not { } begun) return false;
        var seen = server.Channels.Select(c => c.Living(Measure.Idle, now)).Where(c => c is { } idle && idle.At - idle.Said.For >= begun).ToList();
        return seen.Exists(c => c is { Said: { Value: 1, Evidence: Evidence.Proof } }) && !seen.Exists(c => c is { Said.Value: 0 });
    }

    /// <summary>A route listens to the probes inside its prefixes; without any, to those of its address family; without any, to all.</summary>
    public static bool IsHeard(RouteSpec route, ServerFacts server, ChannelFacts channel)
    {
        if (channel.Spec.Standing == Standing.Reference) return false;
        if (channel.Spec.Target is not { } target) return true;
        var probes = server.Channels.Where(c => c.Spec.Standing != Standing.Reference).Select(c => c.Spec.Target).OfType<System.Net.IPAddress>().ToList();
        if (probes.Exists(p => route.Prefixes.Any(r => r.Contains(p)))) return route.Prefixes.Any(r => r.Contains(target));
        if (probes.Exists(p => route.Prefixes.Any(r => r.BaseAddress.AddressFamily == p.AddressFamily))) return route.Prefixes.Any(r => r.BaseAddress.AddressFamily == target.AddressFamily);
        return true;
    }
}
