using Oops.Wire.Dns;

namespace Oops.Zones.Compact;

/// <summary>What can be wrong with a record on its way into a zone.</summary>
internal enum IntakeFault
{
    /// <summary>Its owner is not in the zone: left out.</summary>
    OutOfZone,

    /// <summary>Its data are not those of its type: left out.</summary>
    Malformed,

    /// <summary>Its TTL differs from the rest of its RRset (RFC 2181, 5.2).</summary>
    OtherTtl,

    /// <summary>Its RRset does not fit into a message, or its name holds too much: left out.</summary>
    TooLarge,
}

/// <summary>What was wrong with records that came into a zone: how often, and the first of each.</summary>
internal sealed class IntakeFaults
{
    /// <summary>Records of each fault that are named.</summary>
    public const int Named = 20;

    readonly Dictionary<IntakeFault, (long Count, List<(DnsName Owner, DnsType Type)> First)> faults = [];

    /// <summary>How often each was, and the first <see cref="Named"/> of them.</summary>
    public IReadOnlyDictionary<IntakeFault, (long Count, List<(DnsName Owner, DnsType Type)> First)> All => faults;

    public void Note(IntakeFault fault, in DnsName owner, DnsType type)
    {
        var (count, first) = faults.TryGetValue(fault, out var had) ? had : (0, []);
        if (first.Count < Named)
            first.Add((owner, type));
        faults[fault] = (count + 1, first);
    }

    public IntakeFaults Copy()
    {
        var copy = new IntakeFaults();
        foreach (var (fault, (count, first)) in faults)
            copy.faults[fault] = (count, [.. first]);
        return copy;
    }
}
