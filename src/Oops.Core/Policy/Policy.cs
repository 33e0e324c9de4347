using System.Collections.Immutable;
using System.Net;

namespace Oops.Core;

public enum Mode : byte
{
    /// <summary>Decide, journal, show; touch nothing.</summary>
    Observe,
    Act,
}

/// <summary>What the operator wrote, resolved and checked: all names exist, all durations are set. Immutable; a reload makes a new one.</summary>
public sealed record Policy
{
    public required Mode Mode { get; init; }

    public string Site { get; init; } = "";

    public ImmutableArray<ServerSpec> Servers { get; init; } = [];

    /// <summary>Named conditions. Kinds without a parameter are there by their own name already and need not be listed.</summary>
    public ImmutableArray<ConditionSpec> Conditions { get; init; } = [];

    /// <summary>All channels of all sources; a channel belongs to one server.</summary>
    public ImmutableArray<ChannelSpec> Channels { get; init; } = [];

    public ImmutableArray<RouteSpec> Routes { get; init; } = [];

    public ImmutableArray<RuleSpec> Rules { get; init; } = [];

    public LimitSpec Limits { get; init; } = new();

    /// <summary>Hash of the config text, for the journal and `status`.</summary>
    public string Hash { get; init; } = "";

    /// <summary>The kind behind a name of the config, or behind that of a kind without a parameter; null: a composed condition, or none.</summary>
    public KindInfo? KindOf(string name) => Conditions.FirstOrDefault(c => c.Name == name) is { } named
        ? named is KindSpec spec ? Kinds.Of(spec.Kind) : null
        : Kinds.All.FirstOrDefault(k => k.Parameter is null && k.Name == name);
}

/// <summary>One DNS server. <paramref name="Zones"/>: its expected zones if the config lists them, else null: a channel lists them (<see cref="ZonesListed"/>).</summary>
/// <param name="Name">`[a-z0-9-]+`.</param>
/// <param name="Zones">Expected zones, canonical.</param>
/// <param name="AtLeast">For listed-by-itself sets: fewer zones than this is not a complete set.</param>
public sealed record ServerSpec(string Name, ImmutableArray<string>? Zones = null, int AtLeast = 0)
{
    /// <summary>The catalog zone that lists its zones: not a member of the set, and no stranger where the server has it too. Null: none does.</summary>
    public string? Catalog { get; init; }
}

/// <summary>How one source hears of one server.</summary>
/// <param name="Name">`knot/ns1/bus`, `probe/ns1/192.0.2.53`.</param>
/// <param name="Server">The server it speaks of.</param>
/// <param name="Standing">Witness, messenger, or a reference.</param>
/// <param name="Measures">What it covers; after its first complete read it claims all of them.</param>
/// <param name="Validity">3 x the source's interval; <see cref="Timeout.InfiniteTimeSpan"/> for messengers and event-driven witnesses.</param>
/// <param name="Target">The address that is asked, for probes: a route listens to those inside its prefix.</param>
/// <param name="Process">It reports <see cref="ProcessStarted"/> and <see cref="ProcessGone"/>.</param>
/// <param name="Peer">Of a reference: whom it asks serves the same users, and so covers while this server does not.</param>
public sealed record ChannelSpec(string Name, string Server, Standing Standing, ImmutableArray<Measure> Measures, TimeSpan Validity, IPAddress? Target = null, bool Process = false, bool Peer = false)
{
    /// <summary>Of <see cref="Measure.ExtendedErrors"/>: the INFO-CODEs that it counts, whatever else there is in the answers. Null: all.</summary>
    public ErrorCodes? Codes { get; init; }

    /// <summary>Of <see cref="Measure.ErrorReports"/>: the named condition whose codes, window and networks it counts, and to which alone it tells that. Null: whichever there is.</summary>
    public string? Condition { get; init; }

    /// <summary>It looks only while a probe of the server is not answered: that it says nothing else is no silence.</summary>
    public bool WhenUnanswered { get; init; }

    /// <summary>It speaks of what others say of the zones, which no process of the server has to do with: its claims outlive each of them.</summary>
    public bool IsHearsay => Standing == Standing.Reference || Condition is not null;

    /// <summary>It measures that, and for this condition.</summary>
    public bool Tells(KindSpec condition, Measure measure) => Measures.Contains(measure) && (Condition is null || Condition == condition.Name);

    /// <summary>How much of the set it counts: all, some or none.</summary>
    public CodeCover Counts(ErrorCodes wanted) =>
        Codes is null || wanted.Codes.All(Codes.Contains) ? CodeCover.All : wanted.Codes.Any(Codes.Contains) ? CodeCover.Some : CodeCover.None;
}

/// <summary>How much of a set of INFO-CODEs a channel counts.</summary>
public enum CodeCover : byte
{
    None,

    /// <summary>It can say that there are too many, and not that there are few.</summary>
    Some,
    All,
}

/// <summary>A named condition: a kind with its parameters, or a composition of names.</summary>
public abstract record ConditionSpec(string Name);

/// <summary>A kind with its parameters; which of them counts depends on the kind.</summary>
public sealed record KindSpec(string Name, Kind Kind) : ConditionSpec(Name)
{
    /// <summary>`before` / `behind` / `within`.</summary>
    public TimeSpan Span { get; init; } = Kind == Kind.ErrorReported ? ErrorReports.UsualWindow : TimeSpan.Zero;

    /// <summary>`tries`, `threshold`, `rate`, `reports`, `severity`.</summary>
    public double Number { get; init; } = Kind == Kind.ErrorReported ? ErrorReports.UsualReports : 1;

    /// <summary>`networks` of error-reported: of fewer independent ones no report counts.</summary>
    public int Networks { get; init; } = Kind == Kind.ErrorReported ? ErrorReports.UsualNetworks : 1;

    /// <summary>`verified` of error-reported: only reports count that a check of our own has confirmed.</summary>
    public bool Verified { get; init; }

    /// <summary>`clear` of load conditions: what is met ends only below this. Null: at <see cref="UsualClear"/> of the threshold.</summary>
    public double? Clear { get; init; }

    /// <summary>What is usually left of the threshold when a load condition ends.</summary>
    public const double UsualClear = 0.8;

    /// <summary>Below this a load condition that was met is no longer.</summary>
    public double ClearsBelow => Clear ?? (Number * UsualClear);

    /// <summary>`codes` of extended-error and error-reported.</summary>
    public ErrorCodes Codes { get; init; } = ErrorCodes.None;

    /// <summary>`at-least` of all-zones-ready: the share of expected zones, 0..1.</summary>
    public double Share { get; init; } = 1;

    /// <summary>`external` states its own polarity and class.</summary>
    public Polarity Polarity { get; init; } = Kinds.Of(Kind).Polarity;

    public ConditionClass Class { get; init; } = Kinds.Of(Kind).Class;

    /// <summary>`external`: a claim may be proof.</summary>
    public bool Proof { get; init; }

    /// <summary>Anybody can send a report, and whoever does says what he likes: it is a suspicion, however many there are.</summary>
    public bool IsHearsay => Kind == Kind.ErrorReported;

    /// <summary>Who counts for the one counts the same for the other: a number that was said of the one is as true of the other.</summary>
    public bool CountsAs(KindSpec other) => (Kind, Span, Networks, Verified) == (other.Kind, other.Span, other.Networks, other.Verified) && Codes == other.Codes;
}

/// <summary>`{all: [...]}` (Least = count), `{any: [...]}` (Least = 1), `{at-least: n, of: [...]}`. Members are conditions of servers.</summary>
public sealed record ComposedSpec(string Name, ImmutableArray<string> Members, int Least) : ConditionSpec(Name);

/// <summary>A set of zones: names and `*.example` patterns (the zone itself is not matched by its own wildcard). Empty: the server's expected zones.</summary>
public sealed record ZoneSelector(ImmutableArray<string> Patterns)
{
    public static ZoneSelector Expected { get; } = new([]);

    public bool IsExpected => Patterns.IsEmpty;

    /// <summary>Whether the zone (canonical) matches one of the patterns; true for <see cref="Expected"/>.</summary>
    public bool Matches(string zone)
    {
        if (IsExpected) return true;
        foreach (var pattern in Patterns)
        {
            if (pattern == "*") return true;
            if (pattern.StartsWith("*.", StringComparison.Ordinal)
                ? zone.Length > pattern.Length - 1 && zone.EndsWith(pattern.AsSpan(1), StringComparison.Ordinal)
                : pattern == zone) return true;
        }
        return false;
    }

    public override string ToString() => IsExpected ? "expected zones" : string.Join(' ', Patterns);

    public bool Equals(ZoneSelector? other) => other is not null && Patterns.AsSpan().SequenceEqual(other.Patterns.AsSpan());

    public override int GetHashCode() => Patterns.Aggregate(0, (h, p) => HashCode.Combine(h, p));
}
