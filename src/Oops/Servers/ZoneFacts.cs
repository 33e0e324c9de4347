namespace Oops.Servers;

/// <summary>Whether a server tells when it will do something.</summary>
internal enum PlanKind : byte
{
    /// <summary>It does not tell, or it is under way.</summary>
    Unsaid,

    /// <summary>It tells that it plans nothing.</summary>
    None,

    /// <summary>So long from now; negative when overdue.</summary>
    In,
}

/// <summary>When a server will refresh a zone, or let it expire.</summary>
internal readonly record struct Plan(PlanKind Kind, TimeSpan Span = default)
{
    public static Plan None => new(PlanKind.None);

    public static Plan In(TimeSpan span) => new(PlanKind.In, span);
}

/// <summary>What a server says of one of its zones, in the words that all servers share.</summary>
internal readonly record struct ZoneFacts
{
    /// <summary>The name, as the server writes it.</summary>
    public required string Zone { get; init; }

    /// <summary>The server says that it does not have the zone, in these words; everything else is then without meaning.</summary>
    public string? Denied { get; init; }

    /// <summary>The server has a zone that may be this one: nothing is claimed, and not that it is missing either.</summary>
    public bool Unclear { get; init; }

    /// <summary>It comes from a primary. Not: it is one, and never expires.</summary>
    public bool Secondary { get; init; }

    /// <summary>This answer does not say which of the two: it is what an earlier one said.</summary>
    public bool RoleUnsaid { get; init; }

    /// <summary>It answers queries for the zone, as far as it says.</summary>
    public bool Loaded { get; init; }

    /// <summary>Null of a loaded zone: the server does not say. Then it is asked for over DNS.</summary>
    public uint? Serial { get; init; }

    /// <summary>The next attempt to refresh it.</summary>
    public Plan Refresh { get; init; }

    /// <summary>When it expires.</summary>
    public Plan Expiry { get; init; }

    /// <summary>So long ago it was refreshed, of a server that does not tell when it expires: that follows with the SOA's expire, which is learnt over DNS.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>What is said of it is to be confirmed over DNS, now and then: an answer that contradicts wins, as not ready.</summary>
    public bool Confirm { get; init; }

    /// <summary>It is in trouble: looked at when <see cref="Refresh"/> says, however late it expires.</summary>
    public bool Watch { get; init; }

    /// <summary>The server says that it has expired.</summary>
    public bool Expired { get; init; }

    /// <summary>It is empty, and what the server says excludes that it has expired. Neither: one that was loaded before is taken to have.</summary>
    public bool Unexpired { get; init; }

    /// <summary>Failed refreshes in a row, where the server tells or the source counts them; null: they follow from how its plans move.</summary>
    public int? Failures { get; init; }

    /// <summary>When the last good refresh was, where the server tells that and no plans.</summary>
    public LastRefresh? Refreshed { get; init; }

    /// <summary>A number of the server's own that changes with the zone but is not the serial that it serves; a zone whose number has changed is asked for over DNS at once.</summary>
    public long? Edition { get; init; }

    /// <summary>Why it is not loaded, in terminal-safe words.</summary>
    public string? Detail { get; init; }
}
