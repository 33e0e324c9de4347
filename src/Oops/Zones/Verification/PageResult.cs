namespace Oops.Zones.Verification;

/// <summary>What the judgement of a page, or of many, came to.</summary>
internal sealed class PageResult
{
    public Findings Findings { get; } = new();

    /// <summary>The good signature that expires first.</summary>
    public Horizon? Earliest { get; set; }

    public long RRsets { get; set; }

    public long Delegations { get; set; }

    /// <summary>Signatures that were checked with a key.</summary>
    public long Checked { get; set; }

    /// <summary>Checks in vain: of signatures that are by none of the keys.</summary>
    public long Failed { get; set; }

    /// <summary>Names, empty ones too, whose NSEC3 record is there.</summary>
    public long Hashed { get; set; }

    /// <summary>Empty names that were hashed.</summary>
    public long Empty { get; set; }

    /// <summary>A signature is not by the key that it names: none of the page is taken as checked another time.</summary>
    public bool Unsound { get; set; }

    /// <summary>The first moment (seconds since 1970) at which it may come out otherwise: a signature begins or ends.</summary>
    public long Until { get; set; } = long.MaxValue;

    /// <summary>What else of the zone it rests on; null: that was not asked for.</summary>
    public PageGrounds? Grounds { get; set; }

    public void Take(PageResult other)
    {
        Findings.Take(other.Findings);
        Earliest = Horizon.Earlier(Earliest, other.Earliest);
        RRsets += other.RRsets;
        Delegations += other.Delegations;
        Checked += other.Checked;
        Failed += other.Failed;
        Hashed += other.Hashed;
        Empty += other.Empty;
        Until = Math.Min(Until, other.Until);
    }
}
