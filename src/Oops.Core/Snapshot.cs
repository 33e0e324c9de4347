using System.Collections.Immutable;

namespace Oops.Core;

/// <summary>What survives a restart: routes, rules, persons' words, the last complete zone sets. Claims do not.</summary>
/// <param name="At">When it was taken, ticks of the boot-time clock; what has an end ends as much later than this after another boot.</param>
public sealed record Snapshot(long At)
{
    /// <summary>The last number given to an intent: a successor goes on from there, or its intents would look older than what was done.</summary>
    public long Sequence { get; init; }

    public ImmutableArray<RouteSnapshot> Routes { get; init; } = [];

    /// <summary>The routes that are only observed, apart: whoever acts knows nothing of them. Default in a snapshot of an older version.</summary>
    public ImmutableArray<RouteSnapshot> Shadows { get; init; } = [];

    public ImmutableArray<RuleSnapshot> Rules { get; init; } = [];

    public ImmutableArray<OverrideSnapshot> Overrides { get; init; } = [];

    public ImmutableArray<HoldSnapshot> Holds { get; init; } = [];

    public ImmutableArray<ZoneSetSnapshot> ZoneSets { get; init; } = [];

    public ImmutableArray<LevelSnapshot> Levels { get; init; } = [];

    /// <summary>The servers that were seen alive, or asked to stop. Default in a snapshot of an older version.</summary>
    public ImmutableArray<ServerSnapshot> Servers { get; init; } = [];

    /// <summary>The load conditions that stand by hysteresis. Default in a snapshot of an older version.</summary>
    public ImmutableArray<LatchSnapshot> Latches { get; init; } = [];

    /// <summary>The alarms that stand. Default in a snapshot of an older version.</summary>
    public ImmutableArray<AlarmSnapshot> Alarms { get; init; } = [];
}

/// <summary>Times in ticks of the boot-time clock.</summary>
public sealed record RouteSnapshot(string Name, bool Ours, RouteForm Form, bool Floor, int Doublings, ImmutableArray<long> Announced, DrainSnapshot? Drain)
{
    /// <summary>The intents that told them, in the same order; 0: not known. Default in a snapshot of an older version.</summary>
    public ImmutableArray<long> AnnouncedBy { get; init; } = [];

    /// <summary>The next admission costs nothing.</summary>
    public bool Free { get; init; } = true;

    /// <summary>Its prefixes that were wanted; none: not known.</summary>
    public ImmutableArray<string> Prefixes { get; init; } = [];

    /// <summary>Those of its config that were not.</summary>
    public ImmutableArray<string> Waiting { get; init; } = [];

    /// <summary>Those of them that a person has confirmed.</summary>
    public ImmutableArray<string> Approved { get; init; } = [];

    /// <summary>Its router; null in a snapshot of an older version.</summary>
    public string? Via { get; init; }

    /// <summary>How it was when it was found announced; null: it was not.</summary>
    public RouteForm? Found { get; init; }

    /// <summary>Retries of a spent budget that were made, and since when it is spent; null: it is not.</summary>
    public int Exhaustions { get; init; }

    public long? ExhaustedAt { get; init; }

    /// <summary>Announced as a last resort on a running server alone: then <see cref="Floor"/> is true for that reason.</summary>
    public bool Bare { get; init; }

    /// <summary>What was decided last, and the reasons for it, in words. All null in a snapshot of an older version.</summary>
    public string? Decided { get; init; }

    public string? WithdrawnFor { get; init; }

    public string? DegradedFor { get; init; }

    /// <summary>The entries of withdraw-when that were met: until somebody knows better, they are not over. Default in a snapshot of an older version.</summary>
    public ImmutableArray<string> Reasons { get; init; } = [];

    /// <summary>What it is, and since when; null in a snapshot of an older version.</summary>
    public SinceSnapshot? Since { get; init; }

    /// <summary>Since when its router shows what is wanted; null: it does not.</summary>
    public long? Agrees { get; init; }

    /// <summary>The router has shown the very form that was wanted, since it was; false in a snapshot of an older version.</summary>
    public bool Obeyed { get; init; }
}

/// <param name="State">The state.</param>
/// <param name="At">Since when, ticks of the boot-time clock.</param>
/// <param name="Wall">The same by the wall clock.</param>
/// <param name="Kept">Since when it would not be admitted, while announced; null: it would.</param>
public sealed record SinceSnapshot(RouteState State, long At, DateTimeOffset Wall, long? Kept);

public sealed record AlarmSnapshot(string Id, long Since)
{
    /// <summary>The text of one that nothing but a person ends; null: it is raised anew by what it is about.</summary>
    public string? Stays { get; init; }

    /// <summary>What was said last; null in a snapshot of an older version.</summary>
    public string? Text { get; init; }
}

public sealed record DrainSnapshot(string Who, long From, long Ends, string? UntilStarted)
{
    /// <summary>Since when it is off the router, and beyond it; null: it is not.</summary>
    public long? Left { get; init; }
}

/// <summary>A server that was seen alive, or asked to stop. The pid, its start and its end are of a process that is out of sight.</summary>
public sealed record ServerSnapshot(string Name, int? Pid, long StartTime, string How)
{
    public bool Seen { get; init; } = true;

    /// <summary>It was asked to stop, and has not answered since.</summary>
    public bool Asked { get; init; }
}

/// <summary>A load condition that was met by a channel's measurement, and has not been below its `clear` since.</summary>
public sealed record LatchSnapshot(string Channel, string Condition)
{
    /// <summary>The measurement has run out, and none has come since.</summary>
    public bool Waits { get; init; }
}

/// <summary>A rule is known again by its condition and its place.</summary>
public sealed record RuleSnapshot(int Index, string Condition, string Server, State Seen);

public sealed record OverrideSnapshot(string Who, string Condition, string Server, string? Zone, State State, long Ends, string Reason);

/// <summary>Route empty: all. Ends <see cref="long.MaxValue"/>: never.</summary>
public sealed record HoldSnapshot(string Route, string Who, long Ends, string Reason);

public sealed record ZoneSetSnapshot(string Server, long CompleteAt, ZoneSet Zones)
{
    /// <summary>The channel that listed it, and renews it by looking again; null: none that is known, or an older version's snapshot.</summary>
    public string? Channel { get; init; }

    /// <summary>Its new members that had not been loaded yet. Default in a snapshot of an older version.</summary>
    public ImmutableArray<GraceSnapshot> Graces { get; init; } = [];
}

/// <summary>A new member, and when it counts though it was not loaded yet.</summary>
public sealed record GraceSnapshot(string Zone, long Ends);

/// <summary>What rules saw last of zones: the values (serials) of a level, the <see cref="State"/>s of any other condition.</summary>
public sealed record LevelSnapshot(string Server, string Condition, ZoneSet Zones, ImmutableArray<uint> Values);
