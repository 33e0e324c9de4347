using Oops.Wire.Dns;

namespace Oops.Zones.Compact;

/// <summary>
/// One version of a zone, whole and unchanging. What proves non-existence by hashes stands apart: NSEC3 records and their signatures are at names of their own, which the others need not step over.
/// </summary>
internal sealed class ZoneVersion(DnsName apex, ZoneTree names, ZoneTree hashes, long records, IntakeFaults intake)
{
    readonly DnsName apex = apex;

    public ref readonly DnsName Apex => ref apex;

    /// <summary>Labels of the zone's name, the root not counted.</summary>
    public int ApexLabels { get; } = LabelsOf(apex);

    /// <summary>All records but those of <see cref="Hashes"/>.</summary>
    public ZoneTree Names => names;

    /// <summary>The NSEC3 records (RFC 5155) and their signatures.</summary>
    public ZoneTree Hashes => hashes;

    public long Records => records;

    /// <summary>What was wrong with records on their way into it, or into the versions that it was made of: it is not among the records.</summary>
    public IntakeFaults Intake => intake;

    /// <summary>Octets in memory.</summary>
    public long Octets => names.Octets + hashes.Octets;

    /// <summary>The name at the top; none: the zone has nothing there.</summary>
    public ZoneNode ApexNode => names.Find(default);

    /// <summary>A DNAME at the apex: there is nothing else (RFC 6672, 2.4).</summary>
    public bool HidesAll => ApexNode is { IsNone: false } apex && apex.Has(DnsType.Dname);

    /// <summary>Null: it has no SOA that could be read.</summary>
    public Soa? Soa
    {
        get
        {
            var rrset = ApexNode is { IsNone: false } node ? node.Get(DnsType.Soa) : default;
            return rrset.Count > 0 && Oops.Wire.Dns.Soa.TryRead(rrset.First, out var soa) ? soa : null;
        }
    }

    static int LabelsOf(in DnsName name)
    {
        var labels = 0;
        for (var at = 0; name.Wire[at] != 0; at += name.Wire[at] + 1)
            labels++;
        return labels;
    }

    public static ZoneVersion Nothing(in DnsName apex) => new(apex, ZoneTree.Empty, ZoneTree.Empty, 0, new());
}
