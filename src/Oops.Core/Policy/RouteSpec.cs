using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Oops.Core;

public enum OnExit : byte { Hold, Withdraw }

/// <summary>One entry of a route's list.</summary>
/// <param name="Condition">A named condition.</param>
/// <param name="Not">`not` swaps Met and NotMet; Unknown stays.</param>
public sealed record EntrySpec(string Condition, bool Not = false)
{
    /// <summary>Of a zone condition: which zones; null: the server's expected zones.</summary>
    public ZoneSelector Zones { get; init; } = ZoneSelector.Expected;

    /// <summary>Of a zone condition: the share of the zones (0..1] for which the entry must hold; null: all of them in `announce-when`, one of them elsewhere.</summary>
    public double? Share { get; init; }

    /// <summary>The entry counts only after it has held for so long.</summary>
    public TimeSpan For { get; init; }

    /// <summary>Of a data condition: counts only if this node is worse than its reference. False: the written choice.</summary>
    public bool Relative { get; init; } = true;

    public override string ToString() => (Not ? "not " : "") + Condition + (Zones.IsExpected ? "" : $" [{Zones}]");

    /// <summary>With all that makes it another one: what was seen of it before its share was changed says nothing of it as it is now.</summary>
    public string Label => string.Concat(
        Short(ToString()),
        Share is { } share ? string.Create(CultureInfo.InvariantCulture, $", share {share * 100:0.##}%") : "",
        For > TimeSpan.Zero ? ", for " + Words.Of(For) : "",
        Relative ? "" : ", not relative");

    /// <summary>A selector may name a thousand zones: of those, the first, and a number that tells it from others.</summary>
    static string Short(string text)
    {
        const int Longest = 120;
        if (text.Length <= Longest) return text;
        var sum = text.Aggregate(2166136261u, (hash, c) => (hash ^ c) * 16777619u);
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, Longest)}... {sum:x8}]");
    }
}

/// <summary>What a degraded route looks like; one of the four.</summary>
/// <param name="Prepend">The local AS so many times more.</param>
/// <param name="Med">MULTI_EXIT_DISC.</param>
/// <param name="Community">RFC 1997.</param>
/// <param name="Large">A large community, RFC 8092.</param>
public sealed record Degradation(int Prepend = 0, uint? Med = null, (ushort Asn, ushort Value)? Community = null, (uint Asn, uint Data1, uint Data2)? Large = null);

/// <summary>Announcements per window, then stay withdrawn and alarm; retry after the listed waits, which count as announcements too.</summary>
public sealed record BudgetSpec(int Announcements, TimeSpan Per, ImmutableArray<TimeSpan> Retries)
{
    public static BudgetSpec Default { get; } = new(2, TimeSpan.FromMinutes(30), [TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30)]);
}

public sealed record RouteSpec(string Name)
{
    public required ImmutableArray<IPNetwork> Prefixes { get; init; }

    /// <summary>The action (router) that announces it.</summary>
    public required string Via { get; init; }

    /// <summary>The servers that it sees.</summary>
    public required ImmutableArray<string> Servers { get; init; }

    /// <summary>How many of them are enough.</summary>
    public int Need { get; init; } = 1;

    public required ImmutableArray<EntrySpec> AnnounceWhen { get; init; }

    public ImmutableArray<EntrySpec> WithdrawWhen { get; init; } = [new("server-down"), new("server-shutting-down")];

    public ImmutableArray<EntrySpec> DegradeWhen { get; init; } = [];

    public Degradation Degrade { get; init; } = new(Prepend: 3);

    public TimeSpan Rise { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan Fall { get; init; } = TimeSpan.FromSeconds(1);

    public bool LastResort { get; init; }

    /// <summary>Null: `off`; no doubling of <see cref="Rise"/> either.</summary>
    public BudgetSpec? Budget { get; init; } = BudgetSpec.Default;

    /// <summary>The stricter of the global mode and the route's own.</summary>
    public Mode Mode { get; init; } = Mode.Act;

    public OnExit OnExit { get; init; } = OnExit.Hold;

    /// <summary>How long the graceful-shutdown variant stands before a drain withdraws.</summary>
    public TimeSpan Graceful { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the router must have shown a drained route withdrawn before the drain is done.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Within what time the routers beyond ours must follow; null: nobody looks there.</summary>
    public TimeSpan? Upstream { get; init; }
}

/// <summary>Times and sizes that are not a route's own.</summary>
public sealed record LimitSpec
{
    public TimeSpan KeptAlarm { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan NewZoneGrace { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Silent and busy for so long: alarm `unresponsive`.</summary>
    public TimeSpan Unresponsive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A last resort that is not announced for so long admits on `server-running` alone, degraded.</summary>
    public TimeSpan LastResortAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>`rise` doubles at most to this, and is reset after so long announced.</summary>
    public TimeSpan RiseCeiling { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A zone set that shrinks by more than this share is held and alarmed.</summary>
    public double ShrinkHeld { get; init; } = 0.10;
}

public enum Each : byte { Latest, Every }

/// <summary>A reaction: `on: zone-updated`, `zones:`, `do: [...]`.</summary>
public sealed record RuleSpec(int Index, string Condition)
{
    /// <summary>States that fire; a level fires on each new value instead.</summary>
    public ImmutableArray<State> States { get; init; } = [State.Met];

    public ZoneSelector Zones { get; init; } = ZoneSelector.Expected;

    /// <summary>Only these servers; empty: all.</summary>
    public ImmutableArray<string> Servers { get; init; } = [];

    public required ImmutableArray<RunSpec> Do { get; init; }
}

public sealed record RunSpec(string Action, Each Each = Each.Latest);
