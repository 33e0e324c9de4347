using Oops.Wire.Dns;

namespace Oops.Sync;

/// <summary>Which RRsets are carried to a target.</summary>
/// <param name="ApexNs">The NS records of the zone itself, too; else the target keeps its own.</param>
internal sealed record SyncScope(bool ApexNs = false)
{
    /// <summary>What BIND writes about its own signing into a zone.</summary>
    const DnsType BindPrivate = (DnsType)65534;

    /// <summary>Each server makes them itself: of what it serves, by keys of its own.</summary>
    public bool Leaves(ReadOnlySpan<byte> key, DnsType type) => type switch
    {
        DnsType.Soa or DnsType.Zonemd or BindPrivate => true,
        DnsType.Rrsig or DnsType.Nsec or DnsType.Nsec3 or DnsType.Nsec3Param or DnsType.Dnskey or DnsType.Cds or DnsType.Cdnskey => true,
        DnsType.Ns => key.IsEmpty && !ApexNs,
        _ => false,
    };
}
