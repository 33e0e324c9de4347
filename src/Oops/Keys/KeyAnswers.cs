using System.Collections.Immutable;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;

namespace Oops.Keys;

/// <summary>From answers of authoritative servers to what is watched. Null with the reason where an answer is not to be believed: then nothing is known, and nothing is gone.</summary>
internal static class KeyAnswers
{
    /// <summary>The DNSKEY RRset.</summary>
    public static KeySet? Keys(in DnsName zone, PlainAnswer answer, DateTimeOffset now, out string? why)
    {
        why = WhyNot(answer);
        if (why is not null) return null;
        var records = Of(zone, answer, DnsType.Dnskey);
        if (records.Count == 0)
        {
            // A server of another zone, above or below, says with authority that there are none, too.
            var own = zone;
            why = answer.Answers.Count > 0 ? "answers with other records than DNSKEY"
                : !answer.Authorities.Any(r => r.Type == DnsType.Soa && r.Owner == own) ? "says that there are no keys, and not by the zone's authority (no SOA of it)"
                : null;
            return why is null ? new() : null;
        }

        List<KeyData> keys = [];
        foreach (var record in records)
            if (KeyData.Of(record.Data) is { } key) keys.Add(key);
        why = keys.Count != records.Count ? "has a DNSKEY that is none" : TooMany(keys.Count, "DNSKEY");
        List<KeySigner> signers = [];
        foreach (var record in Of(zone, answer, DnsType.Rrsig))
        {
            if (!Rrsig.TryRead(record.Data, out var rrsig) || rrsig.Covered != DnsType.Dnskey || !rrsig.Signer.SequenceEqual(zone.Wire)) continue;
            if (signers.Count < KeySet.Most) signers.Add(new(rrsig.Algorithm, rrsig.KeyTag, Time(rrsig.Expiration, now), Time(rrsig.Inception, now)));
        }

        return why is not null ? null : new() { Ttl = records.Min(r => r.Ttl), Keys = [.. RecordOctets.Sorted(keys)], Signers = [.. signers] };
    }

    /// <summary>The CDS RRset (RFC 7344).</summary>
    public static ImmutableArray<DsData>? Cds(in DnsName zone, PlainAnswer answer, out string? why) => Set(zone, answer, DnsType.Cds, DsData.Of, out why);

    /// <summary>The CDNSKEY RRset.</summary>
    public static ImmutableArray<KeyData>? Cdnskey(in DnsName zone, PlainAnswer answer, out string? why) => Set(zone, answer, DnsType.Cdnskey, KeyData.Of, out why);

    /// <summary>The DS RRset; it must come from the parent's side of the cut: a server of the zone itself says with authority that there is none (RFC 4035, 3.1.4.1).</summary>
    public static DsSet? Ds(in DnsName zone, PlainAnswer answer, out string? why)
    {
        why = answer.Rcode == DnsRcode.NxDomain && answer.Authoritative ? null : WhyNot(answer);
        if (why is not null) return null;
        if (answer.Answers.Count > 0)
            return Set(zone, answer, DnsType.Ds, DsData.Of, out why) is { } records ? new DsSet { Ttl = Of(zone, answer, DnsType.Ds).Min(r => r.Ttl), Records = records } : null;
        var soa = answer.Authorities.FirstOrDefault(r => r.Type == DnsType.Soa);
        if (soa is null) why = "says that there is no DS, and not by which authority (no SOA)";
        else if (soa.Owner == zone) why = "is a server of the zone itself, not of its parent";
        else if (!zone.IsWithin(soa.Owner)) why = "answers for another zone than the parent";
        return why is null ? new() : null;
    }

    static ImmutableArray<T>? Set<T>(in DnsName zone, PlainAnswer answer, DnsType type, Func<byte[], T?> read, out string? why)
        where T : RecordOctets
    {
        why = WhyNot(answer);
        if (why is not null) return null;
        var records = Of(zone, answer, type);
        if (records.Count == 0 && answer.Answers.Count > 0) why = $"answers with other records than {TypeNames.Of(type)}";
        List<T> read2 = [];
        foreach (var record in records)
            if (read(record.Data) is { } one) read2.Add(one);
        if (read2.Count != records.Count) why = $"has a {TypeNames.Of(type)} that is none";
        why ??= TooMany(read2.Count, TypeNames.Of(type));
        return why is null ? [.. RecordOctets.Sorted(read2)] : null;
    }

    static List<AnswerRecord> Of(in DnsName zone, PlainAnswer answer, DnsType type)
    {
        List<AnswerRecord> found = [];
        foreach (var record in answer.Answers)
            if (record.Type == type && record.Owner == zone) found.Add(record);
        return found;
    }

    static string? WhyNot(PlainAnswer answer) =>
        answer.Rcode != DnsRcode.NoError ? DnsWords.Of(answer.Rcode)
        : !answer.Authoritative ? answer.Referral is null ? "answers without authority" : "refers to others"
        : null;

    static string? TooMany(int count, string type) => count > KeySet.Most ? $"has {count} {type} records; at most {KeySet.Most} are taken" : null;

    /// <summary>The time that the 32 bits mean next to now (RFC 4034, 3.1.5).</summary>
    static DateTimeOffset Time(uint seconds, DateTimeOffset now)
    {
        var whole = now.ToUnixTimeSeconds();
        return DateTimeOffset.FromUnixTimeSeconds(whole + unchecked((int)(seconds - (uint)whole)));
    }
}
