namespace Oops.Wire.Knot;

public enum KnotRole : byte
{
    /// <summary>Not in the answer.</summary>
    Unknown,

    Master,
    Slave,
}

/// <summary>What is open on a zone; only one at a time.</summary>
public enum KnotTransaction : byte
{
    /// <summary>Not in the answer.</summary>
    Unsaid,

    None,

    /// <summary>Somebody's `zone-begin`.</summary>
    Open,

    /// <summary>From 3.5.0: a version waits for `zone-commit` or `zone-abort` (external validation).</summary>
    External,
}

[Flags]
public enum KnotZoneFlags : byte
{
    None = 0,
    Slave = 1,

    /// <summary>Not loaded: never was, or expired. Queries get SERVFAIL.</summary>
    Empty = 2,

    CatalogMember = 4,
}

/// <summary>What `zone-status` says of one zone.</summary>
public sealed record KnotZoneStatus(string Zone)
{
    public KnotRole Role { get; init; }

    public KnotZoneFlags Flags { get; init; }

    /// <summary>Null when the zone is not loaded ("-").</summary>
    public uint? Serial { get; init; }

    public KnotTransaction Transaction { get; init; }

    /// <summary>When the primary is asked next.</summary>
    public KnotEvent Refresh { get; init; }

    /// <summary>When the zone expires; None for a primary and for a zone that has expired; Other when the answer does not say.</summary>
    public KnotEvent Expiration { get; init; }

    /// <summary>The server's error for this zone ("no such zone found"); everything else is then without meaning.</summary>
    public string? Error { get; init; }

    /// <summary>The answer went on before it told role and serial: nothing is known of the zone, not even that it is not loaded.</summary>
    public bool Cut { get; init; }

    /// <summary>The zone answers queries: it has a serial and is not flagged empty.</summary>
    public bool Loaded => Error is null && Serial is not null && (Flags & KnotZoneFlags.Empty) == 0;
}
