namespace Oops.Reports;

/// <summary>What became of the reports that were handed on, since the source was made. Each counts in exactly one of the first five.</summary>
internal sealed record TallyCounts
{
    /// <summary>New ones, by senders that receive at their address.</summary>
    public long Verified { get; set; }

    /// <summary>New ones, by others.</summary>
    public long Unverified { get; set; }

    /// <summary>The same network reported the same within the window.</summary>
    public long Repeated { get; set; }

    /// <summary>Shed: too many from one network.</summary>
    public long ShedNetwork { get; set; }

    /// <summary>Shed: too many of one zone.</summary>
    public long ShedZone { get; set; }

    /// <summary>Of the new ones: of names in no zone that is known here; kept in the table, and counted for no zone.</summary>
    public long Elsewhere { get; set; }

    /// <summary>Of the new ones: counted for no zone, because no more zones are counted.</summary>
    public long Crowded { get; set; }

    /// <summary>Zones whose counters made room for others'.</summary>
    public long ZonesForgotten { get; set; }

    /// <summary>Different reports that gave their place in the table to others.</summary>
    public long Displaced { get; init; }

    /// <summary>Reports of these that were not stored.</summary>
    public long Forgotten { get; init; }
}
