using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>Judges what only the top of a zone has, and what the zone is as a whole.</summary>
internal static class ApexJudge
{
    public static void Judge(ZonePlan plan, Findings findings)
    {
        var apex = plan.Zone.ApexNode;
        var soa = apex.IsNone ? 0 : apex.Get(DnsType.Soa).Count;
        if (soa != 1)
            findings.Add(ZoneFault.SoaCount, [], DnsType.Soa, soa == 0 ? "none" : $"{soa} of them");
        if (apex.IsNone || !apex.Has(DnsType.Ns))
            findings.Add(ZoneFault.NsMissing, [], DnsType.Ns, "none");
        if (apex.IsNone)
            return;
        if (!plan.IsSigned)
            JudgeUnsigned(plan, apex, findings);
        else
            JudgeSigned(plan, findings);
        if (plan.Options.RequireZonemd && !apex.Has(DnsType.Zonemd))
            findings.Add(ZoneFault.ZonemdMissing, [], DnsType.Zonemd, "none");
        JudgeCds(plan, apex, findings);
    }

    static void JudgeSigned(ZonePlan plan, Findings findings)
    {
        if (plan.Keys.Algorithms.Count == 0)
            findings.Add(ZoneFault.DnskeyMissing, [], DnsType.Dnskey, "all keys are revoked");
        else if (plan.Options.RequireDnssec && !plan.Keys.Algorithms.Any(SigningKey.IsSupported))
            findings.Add(ZoneFault.DnssecMissing, [], DnsType.Dnskey, "it is signed by algorithms that cannot be checked here only");
        if (plan.Denial.Form == DenialForm.None && plan.Zone.Hashes.Nodes == 0)
            findings.Add(ZoneFault.DenialMissing, [], DnsType.Nsec, "the apex has neither NSEC nor NSEC3PARAM");
    }

    static void JudgeUnsigned(ZonePlan plan, in ZoneNode apex, Findings findings)
    {
        if (plan.Options.RequireDnssec)
            findings.Add(ZoneFault.DnssecMissing, [], DnsType.Dnskey, "there is no zone key");
        var signed = plan.Zone.Hashes.Nodes > 0;
        foreach (var rrset in apex.RRsets)
            signed |= rrset.Type is DnsType.Rrsig or DnsType.Nsec or DnsType.Nsec3Param;
        if (signed)
            findings.Add(ZoneFault.DnskeyMissing, [], DnsType.Dnskey, "there are signatures, NSEC or NSEC3 records");
    }

    /// <summary>What the parent is asked to publish must be of keys that are here (RFC 7344, 4.1), or ask for nothing at all (RFC 8078, 4).</summary>
    static void JudgeCds(ZonePlan plan, in ZoneNode apex, Findings findings)
    {
        foreach (var data in apex.Get(DnsType.Cds).Data)
        {
            if (data.Length > 4 && !data.StartsWith<byte>([0, 0, 0, 0]) && !IsOfKey(plan, data))
                findings.Add(ZoneFault.CdsMismatch, [], DnsType.Cds, $"key tag {data[0] << 8 | data[1]}, digest type {data[3]}");
        }

        foreach (var data in apex.Get(DnsType.Cdnskey).Data)
        {
            if (Dnskey.TryRead(data, out var wanted) && wanted.Algorithm != 0 && !IsKey(plan, data))
                findings.Add(ZoneFault.CdsMismatch, [], DnsType.Cdnskey, $"key tag {wanted.Tag}");
        }
    }

    static bool IsKey(ZonePlan plan, ReadOnlySpan<byte> cdnskey)
    {
        foreach (var known in plan.Keys.All)
        {
            if (cdnskey.SequenceEqual(known.Data))
                return true;
        }

        return false;
    }

    static bool IsOfKey(ZonePlan plan, ReadOnlySpan<byte> cds)
    {
        if (DsDigest.Size(cds[3]) is null)
            return true;
        foreach (var known in plan.Keys.All)
        {
            if (Dnskey.TryRead(known.Data, out var key) && DsDigest.Matches(plan.Zone.Apex, cds, key))
                return true;
        }

        return false;
    }
}
