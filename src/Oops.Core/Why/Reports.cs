using System.Collections.Immutable;

namespace Oops.Core;

/// <summary>One claim, as `explain` shows it.</summary>
/// <param name="Channel">Who claims.</param>
/// <param name="Standing">Witness, messenger or reference.</param>
/// <param name="Evidence">Proof or suspicion.</param>
/// <param name="State">What it says of this condition.</param>
/// <param name="Says">The measurement in words: `serial 100`, `expires in 7 s`, `silent`.</param>
/// <param name="Age">Since it was made; null: it never was.</param>
/// <param name="ValidFor">What is left of its validity; null: as long as its channel.</param>
/// <param name="Incarnation">Pid of the server's incarnation that it belongs to, if known.</param>
/// <param name="Ended">Why it counts no longer; null: it counts.</param>
public sealed record ClaimReport(string Channel, Standing Standing, Evidence Evidence, State State, string Says, TimeSpan? Age, TimeSpan? ValidFor, int? Incarnation, string? Ended);

/// <summary>A condition and why it is believed; members of a composition explain themselves.</summary>
public sealed record ConditionReport(string Id, string Kind, State State, bool Proven, DateTimeOffset? Since, string Because)
{
    public ImmutableArray<ClaimReport> Claims { get; init; } = [];

    public ImmutableArray<ConditionReport> Members { get; init; } = [];

    public ZoneCounts? Counts { get; init; }

    /// <summary>What was measured, where that is one number: the serial of a zone that is ready or was updated.</summary>
    public long? Value { get; init; }

    /// <summary>The override that stands, in words; null: none.</summary>
    public string? Override { get; init; }

    /// <summary>What would change it, in words, and the command that overrides it.</summary>
    public ImmutableArray<string> WouldChange { get; init; } = [];

    /// <summary>Of error-reported: what each error that was reported usually means, and what to look at first. Null: nothing is reported.</summary>
    public ImmutableArray<string>? Advice { get; init; }
}

/// <summary>Zones of one selector by what is believed of them.</summary>
public sealed record ZoneCounts(int Met, int NotMet, int Unknown, string? FirstNotMet);

/// <summary>One entry of a route's list as it stands.</summary>
public sealed record EntryReport(string Entry, string Server, State State, bool Proven, string Because);

/// <summary>A route as it stands.</summary>
/// <param name="Name">Of a route; of an orphan, its prefix.</param>
/// <param name="Action">The router.</param>
/// <param name="Prefixes">What it announces.</param>
/// <param name="State">As it is decided.</param>
/// <param name="Wanted">What the router shall show; null: nothing is decided yet.</param>
/// <param name="Router">What the router shows; null: not read, or only observed, where nothing is asked of it.</param>
/// <param name="Since">When it came into its state.</param>
/// <param name="Because">Why it is in its state, as of now; what has ended since says so.</param>
public sealed record RouteReport(string Name, string Action, ImmutableArray<string> Prefixes, RouteState State, RouteForm? Wanted, RouteForm? Router, DateTimeOffset? Since, string Because)
{
    /// <summary>Those of its prefixes that came into the config while it was announced, and wait for admission.</summary>
    public ImmutableArray<string> Waiting { get; init; } = [];

    /// <summary>Those of them that a person has confirmed: announced as soon as no hold, no drain and no reason to withdraw stands against it.</summary>
    public ImmutableArray<string> Approved { get; init; } = [];

    public bool Shadow { get; init; }

    public bool LastResort { get; init; }

    /// <summary>`will withdraw in 0.8 s unless server-down ends`.</summary>
    public ImmutableArray<string> Timers { get; init; } = [];

    /// <summary>What keeps it from being announced.</summary>
    public ImmutableArray<string> Blocked { get; init; } = [];

    public ImmutableArray<string> WouldChange { get; init; } = [];

    public ImmutableArray<EntryReport> Announce { get; init; } = [];

    public ImmutableArray<EntryReport> Withdraw { get; init; } = [];

    public ImmutableArray<EntryReport> Degrade { get; init; } = [];

    /// <summary>Announcements left in the budget's window; null: `budget: off`.</summary>
    public int? BudgetLeft { get; init; }

    /// <summary>The next announcement is not counted: the first, and one after a person's drain or confirm.</summary>
    public bool BudgetFree { get; init; }

    /// <summary>Why the router's state is not known or not as wanted; null: it is.</summary>
    public string? RouterWhy { get; init; }

    /// <summary>Which of its prefixes come from somebody else as well, and what that means; null: none that is known.</summary>
    public string? Shared { get; init; }

    /// <summary>A person's hold, or the break-glass file: nothing moves.</summary>
    public bool Held { get; init; }

    /// <summary>The drain or hold that stands, in words.</summary>
    public string? Person { get; init; }

    /// <summary>The last drain has reached `withdrawn`, read back, and has lingered: what `drain --wait` waits for.</summary>
    public bool Drained { get; init; }

    /// <summary>What the routers beyond ours show; null: nobody looks there.</summary>
    public UpstreamReport? Upstream { get; init; }

    /// <summary>What serves its users while it is withdrawn: peers of its servers, and other routes for the same addresses.</summary>
    public ImmutableArray<CoverReport> Covers { get; init; } = [];
}

/// <summary>What the routers beyond ours show of a route.</summary>
/// <param name="State">Met: they have it from here. NotMet: they do not.</param>
/// <param name="Says">What the command said.</param>
/// <param name="Age">Since when; null: never yet.</param>
public sealed record UpstreamReport(State State, string Says, TimeSpan? Age);

/// <summary>Something that serves the users of a route while that is withdrawn.</summary>
/// <param name="Who">`peer 198.51.100.7 of ns1`, `route last4 (last resort) via edge`.</param>
/// <param name="Route">The other route of ours; null: it is another server's answer.</param>
/// <param name="State">Whether it does.</param>
/// <param name="Says">`answered 2s ago`.</param>
public sealed record CoverReport(string Who, string? Route, State State, string Says)
{
    public bool Peer => Route is null;

    public override string ToString() => $"{Who}: {Says}";
}

public sealed record ChannelReport(string Name, string Server, Standing Standing, bool Open, DateTimeOffset? Since, TimeSpan? LastHeard, string? Why)
{
    /// <summary>Not open, and there is nothing now that it should speak of.</summary>
    public bool Quiet { get; init; }
}

public sealed record ServerReport(string Name, int? Pid, string Process, int ZonesExpected, bool ZonesComplete, ZoneCounts? Ready, ImmutableArray<ConditionReport> Conditions)
{
    /// <summary>When the expected zones were last listed, or found to be as they are; null: the config lists them, or nobody has.</summary>
    public DateTimeOffset? ZonesListed { get; init; }

    /// <summary>New members that have not been loaded yet, and do not count before that or `new-zone-grace`.</summary>
    public int ZonesNew { get; init; }

    /// <summary>Expected and not served; null: none.</summary>
    public ZoneNamesReport? NotServed { get; init; }

    /// <summary>Served, as a witness has seen, and not expected; null: none, or no set was ever complete.</summary>
    public ZoneNamesReport? NotExpected { get; init; }

    /// <summary>Of each condition of zones but `zone-ready`: the expected zones where it is met, if there are any.</summary>
    public ImmutableArray<ZonesWithReport> ZonesWith { get; init; } = [];
}

/// <summary>The zones where a condition is met.</summary>
public sealed record ZonesWithReport(string Condition, ZoneNamesReport Zones);

/// <summary>How many zones, and some of them by name.</summary>
public sealed record ZoneNamesReport(int Count, ImmutableArray<string> Some);

public sealed record ZoneReport(string Server, string Zone, bool Expected, uint? Serial, State Ready, ImmutableArray<ConditionReport> Conditions)
{
    /// <summary>When the first of its signatures ends, as far as anybody has looked; null: nobody has, or it is not signed.</summary>
    public DateTimeOffset? SignedUntil { get; init; }
}

public sealed record AlarmReport(string Id, DateTimeOffset Since, string Text);

public sealed record StatusReport(Mode Mode, string Site, string ConfigHash)
{
    public ImmutableArray<RouteReport> Routes { get; init; } = [];

    public ImmutableArray<ServerReport> Servers { get; init; } = [];

    public ImmutableArray<ChannelReport> Channels { get; init; } = [];

    public ImmutableArray<AlarmReport> Alarms { get; init; } = [];

    /// <summary>Overrides, drains and holds in words, with what is left of each.</summary>
    public ImmutableArray<string> People { get; init; } = [];

    /// <summary>Conditions that nobody covers: what is *not* monitored.</summary>
    public ImmutableArray<string> NotMonitored { get; init; } = [];
}
