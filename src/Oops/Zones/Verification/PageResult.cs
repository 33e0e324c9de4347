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

    /// <summary>Names, empty ones too, whose NSEC3 record is there.</summary>
    public long Hashed { get; set; }

    public void Take(PageResult other)
    {
        Findings.Take(other.Findings);
        Earliest = Horizon.Earlier(Earliest, other.Earliest);
        RRsets += other.RRsets;
        Delegations += other.Delegations;
        Checked += other.Checked;
        Hashed += other.Hashed;
    }
}
