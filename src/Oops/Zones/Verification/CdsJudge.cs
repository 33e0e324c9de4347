using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>Judges what the parent is asked to publish (RFC 7344, RFC 8078): it may ask for keys that are still to come, and must not break the delegation that there is.</summary>
internal static class CdsJudge
{
    /// <summary>What a record asks for.</summary>
    enum Asks
    {
        /// <summary>No DS at all.</summary>
        Nothing,

        /// <summary>That of a key which is not in the zone.</summary>
        Stranger,

        /// <summary>That of a key of the zone.</summary>
        Key,

        /// <summary>That of a key by which the DNSKEY RRset is signed: with it the delegation holds.</summary>
        Signer,
    }

    public static void Judge(ZonePlan plan, in ZoneNode apex, Findings findings)
    {
        var signatures = apex.Get(DnsType.Rrsig, DnsType.Dnskey);
        var cds = apex.Get(DnsType.Cds);
        var cdnskey = apex.Get(DnsType.Cdnskey);
        foreach (var (type, count) in (ReadOnlySpan<(DnsType, int)>)[(DnsType.Cds, cds.Count), (DnsType.Cdnskey, cdnskey.Count)])
        {
            if (count <= ZoneKeys.MaxKeys)
                continue;
            // Each is compared with each key.
            findings.Add(ZoneFault.DnskeyTooMany, [], type, $"{count} records: they were not looked at");
            return;
        }

        JudgeKeys(plan, signatures, cds, findings);
        JudgeKeys(plan, signatures, cdnskey, findings);
        JudgeSigner(plan, apex, cds, findings);
        JudgeSigner(plan, apex, cdnskey, findings);
        if (cds.Count > 0 && cdnskey.Count > 0)
            JudgeBoth(plan, cds, cdnskey, findings);
    }

    /// <summary>One of a key that signs the DNSKEY RRset is enough (RFC 7344, 4.1), and nothing can be asked for beside something (RFC 8078, 4).</summary>
    static void JudgeKeys(ZonePlan plan, in RRset signatures, in RRset asked, Findings findings)
    {
        var (nothing, holds) = (false, false);
        foreach (var data in asked.Data)
        {
            var asks = AsksFor(plan, signatures, asked.Type, data);
            nothing |= asks == Asks.Nothing;
            holds |= asks == Asks.Signer;
        }

        if (nothing && asked.Count > 1)
            findings.Add(ZoneFault.CdsConflict, [], asked.Type, "asks for no DS and for some");
        foreach (var data in asked.Data)
        {
            var asks = AsksFor(plan, signatures, asked.Type, data);
            if (asks != Asks.Nothing && !holds)
                findings.Add(ZoneFault.CdsMismatch, [], asked.Type, Words(asked.Type, data));
            else if (asks == Asks.Stranger)
                findings.Add(ZoneFault.CdsStandby, [], asked.Type, Words(asked.Type, data));
        }
    }

    /// <summary>A signer signs them with the key that the parent's DS is of; whether the signature is good is told of the RRset.</summary>
    static void JudgeSigner(ZonePlan plan, in ZoneNode apex, in RRset asked, Findings findings)
    {
        if (asked.Count == 0 || plan.Keys.Entries.Count == 0)
            return;
        var signatures = apex.Get(DnsType.Rrsig, asked.Type);
        foreach (var key in plan.Keys.All)
        {
            if (key.Sep && Signs(signatures, key, plan.Options.Now))
                return;
        }

        findings.Add(ZoneFault.CdsSignature, [], asked.Type, "none by a key with the SEP flag");
    }

    /// <summary>Where both are they must say the same (RFC 7344, 4).</summary>
    static void JudgeBoth(ZonePlan plan, in RRset cds, in RRset cdnskey, Findings findings)
    {
        foreach (var data in cds.Data)
        {
            var found = false;
            foreach (var key in cdnskey.Data)
                found |= IsSame(plan, data, key);
            if (!found)
                findings.Add(ZoneFault.CdsConflict, [], DnsType.Cds, $"{Words(DnsType.Cds, data)}: no CDNSKEY record says the same");
        }

        foreach (var key in cdnskey.Data)
        {
            var found = false;
            foreach (var data in cds.Data)
                found |= IsSame(plan, data, key);
            if (!found)
                findings.Add(ZoneFault.CdsConflict, [], DnsType.Cdnskey, $"{Words(DnsType.Cdnskey, key)}: no CDS record says the same");
        }
    }

    static bool IsSame(ZonePlan plan, ReadOnlySpan<byte> cds, ReadOnlySpan<byte> cdnskey) =>
        IsNothing(DnsType.Cds, cds) ? IsNothing(DnsType.Cdnskey, cdnskey) : Dnskey.TryRead(cdnskey, out var key) && IsOf(plan, cds, key);

    static Asks AsksFor(ZonePlan plan, in RRset signatures, DnsType type, ReadOnlySpan<byte> data)
    {
        if (IsNothing(type, data))
            return Asks.Nothing;
        var asks = Asks.Stranger;
        foreach (var known in plan.Keys.All)
        {
            if (!Dnskey.TryRead(known.Data, out var key) || !(type == DnsType.Cdnskey ? data.SequenceEqual(known.Data) : IsOf(plan, data, key)))
                continue;
            if (Signs(signatures, known, plan.Options.Now))
                return Asks.Signer;
            asks = Asks.Key;
        }

        return asks;
    }

    /// <summary>Algorithm 0 (RFC 8078, 4).</summary>
    static bool IsNothing(DnsType type, ReadOnlySpan<byte> data) => data.Length > 4 && data[type == DnsType.Cds ? 2 : 3] == 0;

    /// <summary>Of a digest that is not known here the tag must do.</summary>
    static bool IsOf(ZonePlan plan, ReadOnlySpan<byte> cds, in Dnskey key) => cds.Length > 4
        && (DsDigest.Size(cds[3]) is null ? cds[2] == key.Algorithm && (cds[0] << 8 | cds[1]) == key.Tag : DsDigest.Matches(plan.Zone.Apex, cds, key));

    /// <summary>Whether the signature is good is told of the DNSKEY RRset itself.</summary>
    static bool Signs(in RRset signatures, ZoneKey key, long now)
    {
        foreach (var data in signatures.Data)
        {
            if (!key.Revoked && Rrsig.TryRead(data, out var rrsig) && key.IsNamedBy(rrsig) && SignatureJudge.TimesOf(rrsig, now) is var (begins, expires) && begins <= now && expires >= now)
                return true;
        }

        return false;
    }

    static string Words(DnsType type, ReadOnlySpan<byte> data)
    {
        if (type == DnsType.Cdnskey)
            return Dnskey.TryRead(data, out var key) ? $"key tag {key.Tag}" : "too short";
        return data.Length > 4 ? $"key tag {data[0] << 8 | data[1]}, digest type {data[3]}" : "too short";
    }
}
