using Oops.Wire.Dns;
using Oops.Zones;

namespace Oops.Sync;

/// <summary>Which RRsets are carried to a target.</summary>
/// <param name="ApexNs">The NS records of the zone itself, too; else the target keeps its own.</param>
internal sealed record SyncScope(bool ApexNs = false)
{
    /// <summary>Each server makes them itself: of what it serves, by keys of its own.</summary>
    public bool Leaves(ReadOnlySpan<byte> key, DnsType type) => type switch
    {
        DnsType.Soa or DnsType.Dnskey or DnsType.Cds or DnsType.Cdnskey => true,
        DnsType.Ns => key.IsEmpty && !ApexNs,
        _ => MadeBySigning.Is(type),
    };
}
