using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>What a name is to a zone (RFC 1034, 4.2).</summary>
internal enum NameRole
{
    Authoritative,

    /// <summary>NS below the apex: where the zone ends.</summary>
    Delegation,

    /// <summary>Below a delegation or a DNAME.</summary>
    Below,
}

/// <summary>Judges the names of a page one after the other. One for each thread.</summary>
internal sealed class NameJudge(ZonePlan plan, SignatureJudge signatures, Docket docket)
{
    readonly byte[] cut = new byte[NameKey.MaxLength];
    readonly byte[] previous = new byte[NameKey.MaxLength];
    readonly TargetJudge targets = new(plan.Zone, docket);
    readonly ChainJudge chain = new(plan, docket);
    int cutLength = -1, previousLength;

    // What the cut is: below a delegation addresses are glue.
    bool cutDelegates;

    /// <summary>Empty names that it may come to.</summary>
    public long Empty
    {
        set => chain.Left = value;
    }

    ReadOnlySpan<byte> Cut => cut.AsSpan(0, cutLength);

    Findings Findings => docket.Findings;

    public void JudgePage(int index)
    {
        docket.Begin();
        var page = plan.Zone.Names.Pages[index];
        EnterBefore(index, page.FirstKey);
        var last = -1;
        for (var at = 0; at < page.Length; at += page[at].Size)
        {
            var node = page[at];
            if (Judge(plan.Zone.Names.From(index, at)) != NameRole.Below)
                last = at;
            node.Key.CopyTo(previous);
            previousLength = node.Key.Length;
        }

        if (docket.Notes is { } notes && plan.Denial.HasNsec && last >= 0)
            notes.Next(last, ChainJudge.NextKey(plan.Zone.Names.From(index, last)));
    }

    /// <summary>Where the walk is when it comes to the first name of a page: the delegation that is above it, and the name before it.</summary>
    void EnterBefore(int index, ReadOnlySpan<byte> first)
    {
        (cutLength, previousLength) = (-1, 0);
        if (plan.Zone.HidesAll)
            SetCut(plan.Zone.ApexNode);
        foreach (var length in NameKey.Above(first))
        {
            if (cutLength >= 0)
                break;
            var above = docket.Find(first[..length]);
            if (!above.IsNone && above.HidesBelow)
                SetCut(above);
        }

        if (index == 0)
            return;
        var before = plan.Zone.Names.Pages[index - 1].LastKey;
        before.CopyTo(previous);
        previousLength = before.Length;
        if (plan.Denial.IsHashed)
            docket.Notes?.Before(before);
    }

    void SetCut(in ZoneNode node)
    {
        node.Key.CopyTo(cut);
        (cutLength, cutDelegates) = (node.Key.Length, node.IsDelegation);
    }

    NameRole Judge(ZoneCursor here)
    {
        var node = here.Current;
        var role = RoleOf(node);
        foreach (var rrset in node.RRsets)
        {
            if (!plan.IsSigned && rrset.Type is (DnsType.Rrsig or DnsType.Nsec))
                Findings.Add(ZoneFault.DnskeyMissing, node.Key, rrset.Type, "the zone has no key");
            if (rrset.Type == DnsType.Rrsig)
            {
                // Not checked, so not to be taken as checked when the name is something else another time.
                docket.Result.Unsound |= !MustBeSigned(role, rrset.Covered);
                if (!node.Has(rrset.Covered) || !MustBeSigned(role, rrset.Covered))
                    Findings.Add(ZoneFault.SignatureExtra, node.Key, rrset.Covered, node.Has(rrset.Covered) ? "signed, and not of this zone" : "there is no such RRset");
                continue;
            }

            docket.Result.RRsets++;
            JudgeData(node, role, rrset);
            if (plan.IsSigned && MustBeSigned(role, rrset.Type))
                signatures.Judge(node.Key, rrset, node.Get(DnsType.Rrsig, rrset.Type));
        }

        if (role == NameRole.Delegation)
            docket.Result.Delegations++;
        if (plan.IsSigned)
            chain.Judge(here, role, previous.AsSpan(0, previousLength));
        if (role != NameRole.Below && node.HidesBelow)
            SetCut(node);
        return role;
    }

    NameRole RoleOf(in ZoneNode node)
    {
        if (cutLength >= 0 && NameKey.IsBelow(node.Key, Cut))
            return NameRole.Below;
        cutLength = -1;
        return node.IsDelegation ? NameRole.Delegation : NameRole.Authoritative;
    }

    /// <summary>RFC 4035, 2.2: all that is authoritative, and of a delegation what is the parent's.</summary>
    static bool MustBeSigned(NameRole role, DnsType type) => role == NameRole.Authoritative || (role == NameRole.Delegation && type is DnsType.Ds or DnsType.Nsec);

    void JudgeData(in ZoneNode node, NameRole role, in RRset rrset)
    {
        switch (role)
        {
            case NameRole.Below when rrset.Type == DnsType.Nsec:
                Findings.Add(ZoneFault.NsecExtra, node.Key, rrset.Type, BelowWhat);
                return;
            case NameRole.Below when !cutDelegates || rrset.Type is not (DnsType.A or DnsType.Aaaa):
                Findings.Add(ZoneFault.Occluded, node.Key, rrset.Type, BelowWhat);
                return;
            case NameRole.Below:
                return;
            case NameRole.Delegation when rrset.Type == DnsType.Cname:
                JudgeCname(node, rrset);
                return;
            case NameRole.Delegation when rrset.Type is not (DnsType.Ns or DnsType.Ds or DnsType.Nsec or DnsType.A or DnsType.Aaaa):
                Findings.Add(ZoneFault.Occluded, node.Key, rrset.Type, "beside a delegation");
                return;
        }

        JudgeType(node, role, rrset);
    }

    string BelowWhat => cutDelegates ? "below a delegation" : "below a DNAME";

    void JudgeType(in ZoneNode node, NameRole role, in RRset rrset)
    {
        switch (rrset.Type)
        {
            case DnsType.Cname:
                JudgeCname(node, rrset);
                break;
            case DnsType.Dname when rrset.Count > 1:
                Findings.Add(ZoneFault.DnameMultiple, node.Key, rrset.Type, $"{rrset.Count} of them");
                break;
            case DnsType.Soa when !node.Key.IsEmpty:
                Findings.Add(ZoneFault.SoaElsewhere, node.Key, rrset.Type, "only the apex has one");
                break;
            case DnsType.Ds:
                JudgeDs(node, role, rrset);
                break;
            case DnsType.Cds or DnsType.Cdnskey when NameKey.IsLabelled(node.Key, "_dsboot\0"u8):
                // What a child's server says of the child (RFC 9615, 4.1).
                break;
            case DnsType.Dnskey or DnsType.Cds or DnsType.Cdnskey or DnsType.Nsec3Param when !node.Key.IsEmpty:
                Findings.Add(ZoneFault.DnskeyElsewhere, node.Key, rrset.Type, "only the apex has it");
                break;
            case DnsType.Ns or DnsType.Mx or DnsType.Srv:
                if (rrset.Type == DnsType.Ns && NameKey.IsWildcard(node.Key))
                    Findings.Add(ZoneFault.NsWildcard, node.Key, rrset.Type, "at a wildcard");
                targets.Judge(node.Key, role, rrset);
                break;
        }
    }

    void JudgeCname(in ZoneNode node, in RRset rrset)
    {
        if (rrset.Count > 1)
            Findings.Add(ZoneFault.CnameMultiple, node.Key, rrset.Type, $"{rrset.Count} of them");
        foreach (var other in node.RRsets)
        {
            // RFC 2181 (10.1) and RFC 4034 (2.5) allow KEY, NSEC and RRSIG.
            if (other.Type is DnsType.Cname or DnsType.Rrsig or DnsType.Nsec or (DnsType)25)
                continue;
            Findings.Add(ZoneFault.CnameAndOther, node.Key, other.Type, "beside a CNAME");
        }
    }

    void JudgeDs(in ZoneNode node, NameRole role, in RRset rrset)
    {
        if (role != NameRole.Delegation)
            Findings.Add(ZoneFault.DsWithoutNs, node.Key, rrset.Type, node.Key.IsEmpty ? "at the apex: it is the parent's" : "there is no NS record");
        foreach (var data in rrset.Data)
        {
            if (data.Length < 5 || (DsDigest.Size(data[3]) is { } size && data.Length != 4 + size))
                Findings.Add(ZoneFault.DsMalformed, node.Key, rrset.Type, data.Length < 5 ? "no digest" : $"{data.Length - 4} octets of digest type {data[3]}");
        }
    }
}
