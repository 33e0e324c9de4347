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
        if (plan.Options.RequireZonemd && !ZoneDigest.IsAny(apex.Get(DnsType.Zonemd)))
            findings.Add(ZoneFault.ZonemdMissing, [], DnsType.Zonemd, apex.Has(DnsType.Zonemd) ? "none that can be checked here" : "none");
        CdsJudge.Judge(plan, apex, findings);
    }

    static void JudgeSigned(ZonePlan plan, Findings findings)
    {
        if (plan.Keys.Algorithms.Count == 0)
            findings.Add(ZoneFault.DnskeyMissing, [], DnsType.Dnskey, "all keys are revoked");
        else if (plan.Options.RequireDnssec && !plan.Keys.Algorithms.Any(SigningKey.IsSupported))
            findings.Add(ZoneFault.DnssecMissing, [], DnsType.Dnskey, "it is signed by algorithms that cannot be checked here only");
        foreach (var key in plan.Keys.All)
        {
            if (key.Revoked && !IsBy(plan.Zone.ApexNode.Get(DnsType.Rrsig, DnsType.Dnskey), key))
                findings.Add(ZoneFault.RevokedUnsigned, [], DnsType.Dnskey, $"key {key.Tag}");
        }

        if (plan.Denial.Form == DenialForm.None && plan.Zone.Hashes.Nodes == 0)
            findings.Add(ZoneFault.DenialMissing, [], DnsType.Nsec, "the apex has neither NSEC nor NSEC3PARAM");
    }

    static bool IsBy(in RRset signatures, ZoneKey key)
    {
        foreach (var data in signatures.Data)
        {
            if (Rrsig.TryRead(data, out var rrsig) && key.IsNamedBy(rrsig))
                return true;
        }

        return false;
    }

    static void JudgeUnsigned(ZonePlan plan, in ZoneNode apex, Findings findings)
    {
        if (plan.Options.RequireDnssec)
            findings.Add(ZoneFault.DnssecMissing, [], DnsType.Dnskey, "there is no zone key");
        // RRSIG and NSEC records are seen at their names.
        if (plan.Zone.Hashes.Nodes > 0 || apex.Has(DnsType.Nsec3Param))
            findings.Add(ZoneFault.DnskeyMissing, [], DnsType.Dnskey, "there are NSEC3 or NSEC3PARAM records");
    }
}
