using System.Collections.Frozen;

namespace Oops.Core;

public enum Polarity : byte
{
    /// <summary>Met is well. Fold: any NotMet, then any Unknown, then Met.</summary>
    Good,

    /// <summary>Met is trouble. Fold: any Met, then any Unknown, then NotMet.</summary>
    Bad,

    /// <summary>A value, not a state: the newest claim wins; rules fire on each new value.</summary>
    Level,
}

/// <summary>What a condition is about; decides what it may move.</summary>
public enum ConditionClass : byte
{
    /// <summary>The server itself: may withdraw.</summary>
    Local,

    /// <summary>The data it serves: may withdraw with `zones:` or `share:`, and only if worse than its reference.</summary>
    Data,

    /// <summary>What is asked of it: may only degrade (RFC 9199).</summary>
    Load,
}

public enum SubjectKind : byte { Server, Zone }

public enum Kind : byte
{
    ServerRunning,
    ServerShuttingDown,
    ServerDown,
    ServerCrashed,
    ZoneReady,
    AllZonesReady,
    ZoneUpdated,
    ZoneNotRefreshed,
    ZoneExpiring,
    SignaturesExpiring,
    QueryRateHigh,
    QueryRateRising,
    ExtendedError,
    External,
    ZoneStale,
    ZoneInvalid,
    KeysChanged,
    DelegationMismatch,
    ErrorReported,
    CdsNotified,
    CsyncNotified,
    CdsWantsChange,
}

/// <summary>One kind of condition: the draft's, or one of ours beyond it (DESIGN section 2).</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">As written in config, CLI and metrics.</param>
/// <param name="Subject">What it is said of.</param>
/// <param name="Polarity">Which state is well.</param>
/// <param name="Class">What it may move.</param>
/// <param name="Parameter">Its config parameter, or null: a kind without one is a named condition of the same name at once.</param>
/// <param name="About">One line for `--help`, schema and docs.</param>
public sealed record KindInfo(Kind Kind, string Name, SubjectKind Subject, Polarity Polarity, ConditionClass Class, string? Parameter, string About);

public static class Kinds
{
    public static IReadOnlyList<KindInfo> All { get; } =
    [
        new(Kind.ServerRunning, "server-running", SubjectKind.Server, Polarity.Good, ConditionClass.Local, null, "the server runs and can respond (draft 1)"),
        new(Kind.ServerShuttingDown, "server-shutting-down", SubjectKind.Server, Polarity.Bad, ConditionClass.Local, null, "the server was asked to stop (draft 2)"),
        new(Kind.ServerDown, "server-down", SubjectKind.Server, Polarity.Bad, ConditionClass.Local, null, "the server is gone, or hung: silent and idle (draft 3)"),
        new(Kind.ServerCrashed, "server-crashed", SubjectKind.Server, Polarity.Bad, ConditionClass.Local, null, "down without having been asked to stop; derived (draft 3)"),
        new(Kind.ZoneReady, "zone-ready", SubjectKind.Zone, Polarity.Good, ConditionClass.Data, null, "the zone is loaded and served (draft 4)"),
        new(Kind.AllZonesReady, "all-zones-ready", SubjectKind.Server, Polarity.Good, ConditionClass.Data, null, "all expected zones, or the share `at-least`, are ready; derived (draft 5)"),
        new(Kind.ZoneUpdated, "zone-updated", SubjectKind.Zone, Polarity.Level, ConditionClass.Data, null, "the zone has a new serial (draft 6)"),
        new(Kind.ZoneNotRefreshed, "zone-not-refreshed", SubjectKind.Zone, Polarity.Bad, ConditionClass.Data, "tries", "the zone could not be refreshed `tries` times in a row (draft 7)"),
        new(Kind.ZoneExpiring, "zone-expiring", SubjectKind.Zone, Polarity.Bad, ConditionClass.Data, "before", "the zone expires within `before`; 0s: it has expired (draft 8)"),
        new(Kind.SignaturesExpiring, "signatures-expiring", SubjectKind.Zone, Polarity.Bad, ConditionClass.Data, "before", "a signature of the zone expires within `before`; 0s: it has (draft 9)"),
        new(Kind.QueryRateHigh, "query-rate-high", SubjectKind.Server, Polarity.Bad, ConditionClass.Load, "threshold", "more than `threshold` queries per second (draft 10)"),
        new(Kind.QueryRateRising, "query-rate-rising", SubjectKind.Server, Polarity.Bad, ConditionClass.Load, "threshold", "the query rate rises by more than `threshold` per second each second (draft 11)"),
        new(Kind.ExtendedError, "extended-error", SubjectKind.Server, Polarity.Bad, ConditionClass.Load, "codes", "Extended DNS Errors of the set `codes` (draft 12)"),
        new(Kind.External, "external", SubjectKind.Server, Polarity.Bad, ConditionClass.Local, "polarity", "claimed by a `check` command or by `oops signal`"),
        new(Kind.ZoneStale, "zone-stale", SubjectKind.Zone, Polarity.Bad, ConditionClass.Data, "behind", "the zone's serial is behind its primary's for `behind`"),
        new(Kind.ZoneInvalid, "zone-invalid", SubjectKind.Zone, Polarity.Bad, ConditionClass.Data, null, "the zone failed verification"),
        new(Kind.KeysChanged, "keys-changed", SubjectKind.Zone, Polarity.Level, ConditionClass.Data, null, "the zone's key set changed"),
        new(Kind.DelegationMismatch, "delegation-mismatch", SubjectKind.Zone, Polarity.Bad, ConditionClass.Data, null, "the parent's DS does not match the zone's keys, as badly as `severity` or worse"),
        new(Kind.ErrorReported, "error-reported", SubjectKind.Zone, Polarity.Bad, ConditionClass.Load, "codes", "resolvers report errors (RFC 9567)"),
        new(Kind.CdsNotified, "cds-notified", SubjectKind.Zone, Polarity.Level, ConditionClass.Data, null, "the zone asks for its DS to be looked at: NOTIFY(CDS), RFC 9859"),
        new(Kind.CsyncNotified, "csync-notified", SubjectKind.Zone, Polarity.Level, ConditionClass.Data, null, "the zone asks for its delegation to be looked at: NOTIFY(CSYNC), RFC 9859"),
        new(Kind.CdsWantsChange, "cds-wants-change", SubjectKind.Zone, Polarity.Level, ConditionClass.Data, null, "the zone asks for another DS than the parent has: CDS and CDNSKEY, RFC 7344"),
    ];

    static readonly FrozenDictionary<string, KindInfo> ByName = All.ToFrozenDictionary(k => k.Name, StringComparer.Ordinal);

    public static KindInfo Of(Kind kind) => All[(int)kind];

    public static KindInfo? Find(string name) => ByName.GetValueOrDefault(name);
}
