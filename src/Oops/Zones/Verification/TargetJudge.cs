using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>Judges the hosts that records name, where they are of this very zone: others are not known here.</summary>
internal sealed class TargetJudge(ZoneVersion zone, Docket docket)
{
    readonly byte[] key = new byte[NameKey.MaxLength];
    readonly byte[] wildcard = new byte[NameKey.MaxLength];

    public void Judge(ReadOnlySpan<byte> owner, NameRole role, in RRset rrset)
    {
        foreach (var data in rrset.Data)
        {
            var at = rrset.Type switch { DnsType.Mx => 2, DnsType.Srv => 6, _ => 0 };
            // "." says that there is none (RFC 7505; RFC 2782).
            if (data.Length < at || !DnsName.TryRead(data, ref at, out var target) || target.IsRoot || !target.IsWithin(zone.Apex))
                continue;
            JudgeTarget(owner, role, rrset.Type, target);
        }
    }

    void JudgeTarget(ReadOnlySpan<byte> owner, NameRole role, DnsType type, in DnsName target)
    {
        var host = key.AsSpan(0, NameKey.Write(target, zone.Apex, key));
        var node = docket.Find(host);
        if (!node.IsNone && (node.Has(DnsType.A) || node.Has(DnsType.Aaaa)))
            return;
        if (role == NameRole.Delegation && (host.SequenceEqual(owner) || NameKey.IsBelow(host, owner)))
            docket.Findings.Add(ZoneFault.GlueMissing, owner, type, $"{target} has no address here");
        else if (!node.IsNone && node.Has(DnsType.Cname))
            docket.Findings.Add(ZoneFault.TargetIsCname, owner, type, $"{target} is an alias");
        else if (!IsElsewhere(host))
            docket.Findings.Add(ZoneFault.TargetMissing, owner, type, $"{target} has no address");
    }

    /// <summary>A host that is, or may be, told by somebody else: below another delegation or a DNAME; or one that a wildcard makes.</summary>
    bool IsElsewhere(ReadOnlySpan<byte> host)
    {
        foreach (var length in NameKey.Above(host))
        {
            var above = docket.Find(host[..length]);
            if (!above.IsNone && above.HidesBelow)
                return true;
        }

        var node = docket.Find(host);
        if (!node.IsNone)
            return !host.IsEmpty && node.Has(DnsType.Ns);
        for (var length = NameKey.ParentLength(host); ; length = NameKey.ParentLength(host[..length]))
        {
            host[..length].CopyTo(wildcard);
            "*\0"u8.CopyTo(wildcard.AsSpan(length));
            if (!docket.Find(wildcard.AsSpan(0, length + 2)).IsNone)
                return true;
            // The closest encloser alone counts (RFC 4592, 3.3.1).
            if (length == 0 || !docket.Find(host[..length]).IsNone)
                return false;
        }
    }
}
