using Oops.Wire.Dns;

namespace Oops.Zones.Verification;

/// <summary>Where a fault is, and how it shows.</summary>
/// <param name="Key">The owner, as <see cref="Compact.NameKey"/>.</param>
/// <param name="Type">Of the RRset; 0: the name as a whole.</param>
/// <param name="Why">One line, terminal-safe.</param>
internal sealed record Finding(byte[] Key, DnsType Type, string Why) : IComparable<Finding>
{
    public int CompareTo(Finding? other)
    {
        var order = Key.AsSpan().SequenceCompareTo(other!.Key);
        if (order == 0)
            order = Type.CompareTo(other.Type);
        return order != 0 ? order : string.CompareOrdinal(Why, other.Why);
    }
}

/// <summary>
/// What was found: of each fault how often, and its first places in canonical order. The same whatever the order in which the places were looked at, and bounded however bad a zone is.
/// </summary>
internal sealed class Findings
{
    /// <summary>Places of each fault that are named.</summary>
    public const int Named = 100;

    readonly Dictionary<ZoneFault, Kept> faults = [];

    sealed class Kept
    {
        public long Count { get; set; }

        public SortedSet<Finding> First { get; } = [];
    }

    public IEnumerable<ZoneFault> Faults => faults.Keys.Order();

    public bool IsEmpty => faults.Count == 0;

    /// <summary>Places that are named.</summary>
    public int Places => faults.Values.Sum(static kept => kept.First.Count);

    public long Count(ZoneFault fault) => faults.TryGetValue(fault, out var kept) ? kept.Count : 0;

    /// <summary>The first of them.</summary>
    public IReadOnlyCollection<Finding> First(ZoneFault fault) => faults.TryGetValue(fault, out var kept) ? kept.First : [];

    public void Add(ZoneFault fault, ReadOnlySpan<byte> key, DnsType type, string why, long count = 1) => Keep(Of(fault), new Finding(key.ToArray(), type, why), count);

    /// <summary>Counts without a place.</summary>
    public void Count(ZoneFault fault, long more) => Of(fault).Count += more;

    public void Take(Findings others)
    {
        foreach (var (fault, theirs) in others.faults)
        {
            var ours = Of(fault);
            foreach (var finding in theirs.First)
                Keep(ours, finding, 0);
            ours.Count += theirs.Count;
        }
    }

    Kept Of(ZoneFault fault)
    {
        if (!faults.TryGetValue(fault, out var kept))
            faults[fault] = kept = new Kept();
        return kept;
    }

    static void Keep(Kept kept, Finding finding, long count)
    {
        kept.Count += count;
        if (kept.First.Count >= Named && kept.First.Max!.CompareTo(finding) <= 0)
            return;
        kept.First.Add(finding);
        if (kept.First.Count > Named)
            kept.First.Remove(kept.First.Max!);
    }
}
