using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>Judges the hosts that records name, where they are of this very zone: others are not known here.</summary>
internal sealed class TargetJudge(ZoneVersion zone, Docket docket)
{
    readonly byte[] key = new byte[NameKey.MaxLength];
    readonly byte[] wildcard = new byte[NameKey.MaxLength];
    readonly bool hidesAll = zone.HidesAll;

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
        var has = HasAddress(node);
        var isOwn = type == DnsType.Ns && owner.IsEmpty;
        // At or below a delegation nothing but delegations hides it.
        if (role == NameRole.Delegation && (host.SequenceEqual(owner) || NameKey.IsBelow(host, owner)))
        {
            if (!has)
                docket.Findings.Add(ZoneFault.GlueMissing, owner, type, $"{target} has no address here");
            return;
        }

        var above = CutAbove(host);
        if (above.IsNone ? hidesAll && !host.IsEmpty : !above.IsDelegation)
            docket.Findings.Add(Fault(ZoneFault.TargetIsCname), owner, type, $"{target} is below a DNAME, and so an alias");
        else if (has || !above.IsNone)
            return;
        else if (!node.IsNone && node.Has(DnsType.Cname))
            docket.Findings.Add(Fault(ZoneFault.TargetIsCname), owner, type, $"{target} is an alias");
        else if (node.IsNone ? !IsMade(host) : !node.IsDelegation)
            docket.Findings.Add(Fault(ZoneFault.TargetMissing), owner, type, $"{target} has no address");

        // Without the servers of the zone itself there is no zone.
        ZoneFault Fault(ZoneFault usual) => isOwn ? ZoneFault.ServerUnusable : usual;
    }

    static bool HasAddress(in ZoneNode node) => !node.IsNone && (node.Has(DnsType.A) || node.Has(DnsType.Aaaa));

    /// <summary>The delegation or the DNAME that a host is below: somebody else tells its addresses. None: there is none below the apex.</summary>
    ZoneNode CutAbove(ReadOnlySpan<byte> host)
    {
        foreach (var length in NameKey.Above(host))
        {
            var above = docket.Find(host[..length]);
            if (!above.IsNone && above.HidesBelow)
                return above;
        }

        return default;
    }

    /// <summary>A wildcard makes the host, and gives it an address or an alias.</summary>
    bool IsMade(ReadOnlySpan<byte> host)
    {
        // An empty name is there, and no wildcard makes it.
        if (docket.HasAny(host))
            return false;
        for (var length = NameKey.ParentLength(host); ; length = NameKey.ParentLength(host[..length]))
        {
            // The closest encloser alone counts, also one that is empty (RFC 4592, 3.3.1).
            if (length > 0 && !docket.HasAny(host[..length]))
                continue;
            host[..length].CopyTo(wildcard);
            "*\0"u8.CopyTo(wildcard.AsSpan(length));
            var node = docket.Find(wildcard.AsSpan(0, length + 2));
            return HasAddress(node) || (!node.IsNone && node.Has(DnsType.Cname));
        }
    }
}
