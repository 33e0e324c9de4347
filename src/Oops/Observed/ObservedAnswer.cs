using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Oops.Control;
using Oops.Core;

namespace Oops.Observed;

/// <summary>What a journal tells of the routes. Keys never change their meaning, new ones may come.</summary>
/// <param name="V">The version of this form.</param>
/// <param name="Journal">The file.</param>
/// <param name="Since">From when on it was asked for.</param>
/// <param name="From">From when on the journal has it.</param>
/// <param name="To">Until when.</param>
internal sealed record ObservedAnswer(int V, string Journal, DateTimeOffset Since, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>Why it is not all that was asked for; null: it is, but for the gaps.</summary>
    public string? Why { get; init; }

    /// <summary>The time between, without the gaps.</summary>
    public TimeSpan KnownFor { get; init; }

    /// <summary>Whether a daemon writes it now; null: not known.</summary>
    public bool? Running { get; init; }

    /// <summary>Hash of the config that causes are named by: the one on disk.</summary>
    public string Config { get; init; } = "";

    public required Listed<StartAnswer> Starts { get; init; }

    public required Listed<GapAnswer> Gaps { get; init; }

    public required Listed<ConfigChangeAnswer> ConfigChanges { get; init; }

    public required Listed<WithdrawAnswer> Withdraws { get; init; }

    public required Listed<MissAnswer> Misses { get; init; }

    public ImmutableArray<RouteTotals> Routes { get; init; } = [];

    public ImmutableArray<CauseAnswer> Causes { get; init; } = [];
}

/// <summary>The newest of a list, oldest first, and how many there are in all.</summary>
internal sealed record Listed<T>(long Count, ImmutableArray<T> Newest);

/// <summary>A start of oops. <paramref name="Before"/>: `first`, `orderly`, `crashed` or `rebooted`: how the run before it ended.</summary>
internal sealed record StartAnswer(DateTimeOffset At, string Version, string Config, string Before);

/// <summary>A time of which nothing is known.</summary>
internal sealed record GapAnswer(DateTimeOffset From, DateTimeOffset To, TimeSpan Lasted, string Why);

/// <summary>Another config took over. <paramref name="How"/>: `reload` or `start`.</summary>
internal sealed record ConfigChangeAnswer(DateTimeOffset At, string From, string To, string How);

/// <summary>A withdraw.</summary>
/// <param name="Route">Of what.</param>
/// <param name="At">When it was decided.</param>
/// <param name="Observed">It would have been one; false: it was.</param>
/// <param name="Until">When the route was announced again; null: it was not, or nobody saw it.</param>
/// <param name="OutFor">How long it was out, as far as that is known and was asked for.</param>
/// <param name="Causes">What of `withdraw-when` stood then, as `SERVER/ENTRY`.</param>
/// <param name="Because">Why, in words.</param>
/// <param name="Ended">How it ended: the state after it; null: it did not.</param>
internal sealed record WithdrawAnswer(string Route, DateTimeOffset At, bool Observed, DateTimeOffset? Until, TimeSpan OutFor, ImmutableArray<string> Causes, string Because, string? Ended);

/// <summary>The server was bad, and no withdraw followed.</summary>
/// <param name="Route">That would have had to be withdrawn.</param>
/// <param name="At">When it began to be bad.</param>
/// <param name="Until">When it was well again, or not known to be bad any more; null: it still is.</param>
/// <param name="Lasted">How long, as far as that is known and was asked for.</param>
/// <param name="What">What was bad, as `SERVER/ENTRY`, `server-down` of a server, or `announce-when`.</param>
/// <param name="Why">`held`, `last-resort`, `covered`, `no-reference`, `not-listed`, `suspicion`, `kept` or `not-known`.</param>
/// <param name="Because">The same in words.</param>
internal sealed record MissAnswer(string Route, DateTimeOffset At, DateTimeOffset? Until, TimeSpan Lasted, string What, string Why, string Because);

/// <summary>All of one route.</summary>
/// <param name="Route">Its name.</param>
/// <param name="Mode">`observe` or `act`, by the config on disk; null: it is not in it.</param>
internal sealed record RouteTotals(string Route, Mode? Mode)
{
    /// <summary>Withdraws that would have been, and that were.</summary>
    public long WouldWithdraws { get; init; }

    public long Withdraws { get; init; }

    /// <summary>How long it would have been out, and how long it was.</summary>
    public TimeSpan WouldBeOutFor { get; init; }

    public TimeSpan OutFor { get; init; }

    /// <summary>How often it came from withdrawn to announced; the first admission is one.</summary>
    public long Announcements { get; init; }

    /// <summary>Announcements that were ready and that the budget refused, for then.</summary>
    public long Refused { get; init; }

    public long Misses { get; init; }
}

/// <summary>One entry of a list of a route, for one of its servers, and how often it spoke against the route: was met, or, in `announce-when`, was not.</summary>
internal sealed record CauseAnswer(string Route, string List, string Server, string Entry)
{
    /// <summary>How often, by what was heard.</summary>
    public long Seen { get; init; }

    /// <summary>How often besides, because a person overrode it: that shows nothing of how it is heard.</summary>
    public long Overridden { get; init; }

    /// <summary>When it began last; null: never.</summary>
    public DateTimeOffset? Last { get; init; }

    public TimeSpan? Longest { get; init; }

    /// <summary>It stands.</summary>
    public bool Stands { get; init; }

    /// <summary>How it is provoked by hand; null: it was seen.</summary>
    public string? Provoke { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(TimeConverter), typeof(SecondsConverter), typeof(KebabConverter<Mode>)])]
[JsonSerializable(typeof(ObservedAnswer))]
internal sealed partial class ObservedJson : JsonSerializerContext;
