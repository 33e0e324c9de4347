using System.Buffers.Binary;
using System.Globalization;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>
/// Checks the signatures over RRsets (RFC 4035, 5.3) as the signer's side needs it: one good signature by each algorithm of the zone's keys, of the keys themselves one by a key that the parent's DS may be of,
/// and none that is wrong. One for each thread.
/// </summary>
internal sealed class SignatureJudge(ZonePlan plan, Docket docket) : IDisposable
{
    /// <summary>Signatures over one RRset that are looked at, and keys that are tried for one: no signer makes more, and each costs work.</summary>
    public const int MaxSignatures = 16, MaxTries = 4;

    readonly SigningKey?[] signing = new SigningKey?[plan.Keys.All.Count];
    readonly bool[] unusable = new bool[plan.Keys.All.Count];

    // The algorithms by which a good signature was found, and those of which by a key with SEP; and of each algorithm without one, why not.
    readonly List<byte> good = [], entered = [];
    readonly List<(byte Algorithm, bool Sep, ZoneFault Fault, string Why)> weak = [];

    // When those that are good end.
    readonly List<(byte Algorithm, bool Sep, long Expires)> ends = [];
    byte[] signed = new byte[4096];

    // Of the signature that was tried last: there were more keys of its tag than are tried; its key, or one of those that it is not by, is one that the parent's DS may be of; it is revoked.
    bool exhausted, bySep, byRevoked;

    // It was not checked: too many have failed.
    bool skipped;

    // The RRset at hand and what covers it were checked for an earlier version, by the same keys.
    bool known;
    ZonePage? knownPage;
    int knownNode;

    /// <summary>Checks that may be in vain before the rest is not checked.</summary>
    public long Left { get; set; } = long.MaxValue;

    /// <summary>Checks what covers an RRset that must be signed.</summary>
    /// <param name="key">The owner.</param>
    /// <param name="rrset">What is signed.</param>
    /// <param name="signatures">What covers it; none: that is a fault.</param>
    public void Judge(ReadOnlySpan<byte> key, in RRset rrset, in RRset signatures)
    {
        if (signatures.Count == 0)
        {
            docket.Findings.Add(ZoneFault.SignatureMissing, key, rrset.Type, "no RRSIG covers it");
            return;
        }

        good.Clear();
        entered.Clear();
        weak.Clear();
        ends.Clear();
        known = IsKnown(key, rrset, signatures);
        var number = 0;
        foreach (var data in signatures.Data)
        {
            if (++number > MaxSignatures)
            {
                docket.Findings.Add(ZoneFault.SignatureTooMany, key, rrset.Type, $"{signatures.Count} signatures");
                break;
            }

            JudgeOne(key, rrset, data);
        }

        foreach (var algorithm in plan.Keys.Algorithms)
        {
            if (!good.Contains(algorithm))
                Miss(key, rrset.Type, algorithm, entry: false);
            else if (IsEntryMissing(rrset.Type, algorithm))
                Miss(key, rrset.Type, algorithm, entry: true);
        }

        NoteEnd(key, rrset.Type);
        foreach (var (algorithm, sep, _, why) in weak)
        {
            var told = !good.Contains(algorithm) || (sep && IsEntryMissing(rrset.Type, algorithm));
            if ((!told || !plan.Keys.Algorithms.Contains(algorithm)) && good.Count > 0)
                docket.Findings.Add(ZoneFault.SignatureLeftover, key, rrset.Type, why);
        }
    }

    /// <summary>Of several good ones of an algorithm the last that ends counts: until then there is one.</summary>
    void NoteEnd(ReadOnlySpan<byte> key, DnsType type)
    {
        var until = long.MaxValue;
        foreach (var algorithm in plan.Keys.Algorithms)
        {
            var (last, lastEntry) = (long.MinValue, long.MinValue);
            foreach (var (of, sep, expires) in ends)
            {
                if (of != algorithm)
                    continue;
                last = Math.Max(last, expires);
                if (sep)
                    lastEntry = Math.Max(lastEntry, expires);
            }

            if (type == DnsType.Dnskey && plan.Keys.Entries.Contains(algorithm))
                last = lastEntry;
            if (last != long.MinValue)
                until = Math.Min(until, last);
        }

        if (until != long.MaxValue && (docket.Result.Earliest is not { } first || !first.IsBefore(until, key, type)))
            docket.Result.Earliest = new Horizon(until, key.ToArray(), type);
    }

    /// <summary>Of the keys themselves: whoever comes from the parent's DS finds no signature by a key that it may be of.</summary>
    bool IsEntryMissing(DnsType type, byte algorithm) => type == DnsType.Dnskey && plan.Keys.Entries.Contains(algorithm) && !entered.Contains(algorithm);

    public void Dispose()
    {
        foreach (var key in signing)
            key?.Dispose();
    }

    /// <summary>No good signature by an algorithm: by what there is of it, or that there is nothing.</summary>
    void Miss(ReadOnlySpan<byte> key, DnsType type, byte algorithm, bool entry)
    {
        var told = false;
        foreach (var (of, sep, fault, why) in weak)
        {
            if (of != algorithm || (entry && !sep))
                continue;
            docket.Findings.Add(fault, key, type, why);
            told = true;
        }

        if (!told)
            docket.Findings.Add(entry ? ZoneFault.SignatureKskMissing : ZoneFault.SignatureAlgorithmMissing, key, type, entry ? $"none by a key of algorithm {algorithm} with the SEP flag" : $"none by algorithm {algorithm}");
    }

    void JudgeOne(ReadOnlySpan<byte> key, in RRset rrset, ReadOnlySpan<byte> data)
    {
        if (!Rrsig.TryRead(data, out var rrsig))
        {
            docket.Findings.Add(ZoneFault.SignatureMalformed, key, rrset.Type, "the data are not those of an RRSIG record");
            return;
        }

        if (!rrsig.Signer.SequenceEqual(plan.Zone.Apex.Wire))
        {
            docket.Findings.Add(ZoneFault.SignatureMalformed, key, rrset.Type, "the signer is another zone");
            return;
        }

        var labels = plan.Zone.ApexLabels + NameKey.Labels(key) - (NameKey.IsWildcard(key) || (key.IsEmpty && plan.Zone.Apex.Wire.StartsWith("\u0001*"u8)) ? 1 : 0);
        if (rrsig.Labels != labels)
        {
            docket.Findings.Add(ZoneFault.SignatureMalformed, key, rrset.Type, $"{rrsig.Labels} labels, and the name has {labels}");
            return;
        }

        if (rrsig.OriginalTtl != rrset.Ttl)
            docket.Findings.Add(ZoneFault.SignatureTtl, key, rrset.Type, $"original TTL {rrsig.OriginalTtl}, and the TTL is {rrset.Ttl}");
        JudgeWithKey(key, rrset, rrsig);
    }

    void JudgeWithKey(ReadOnlySpan<byte> key, in RRset rrset, in Rrsig rrsig)
    {
        var (begins, expires) = TimesOf(rrsig, plan.Options.Now);
        switch (Try(key, rrset, rrsig))
        {
            case null:
                weak.Add((rrsig.Algorithm, false, ZoneFault.SignatureAlgorithmMissing, $"by key {rrsig.KeyTag} of algorithm {rrsig.Algorithm}, which is {(IsRevoked(rrsig.KeyTag, rrsig.Algorithm) ? "revoked" : "not in the DNSKEY RRset")}"));
                return;
            case false:
                docket.Findings.Add(skipped ? ZoneFault.SignatureUnchecked : exhausted ? ZoneFault.SignatureTooMany : ZoneFault.SignatureBogus, key, rrset.Type,
                    exhausted ? $"more than {MaxTries} keys have the tag {rrsig.KeyTag}" : $"by key {rrsig.KeyTag}");
                // Told once: not as an algorithm or a key that is missing, too.
                Take(rrsig.Algorithm);
                docket.Result.Unsound = true;
                return;
        }

        NoteChanges(expires, begins);
        if (expires < plan.Options.Now)
        {
            weak.Add((rrsig.Algorithm, bySep, ZoneFault.SignatureExpired, $"by key {rrsig.KeyTag}, expired {Moment(expires)}"));
        }
        else if (begins > plan.Options.Now)
        {
            weak.Add((rrsig.Algorithm, bySep, ZoneFault.SignatureNotYet, $"by key {rrsig.KeyTag}, from {Moment(begins)} on"));
        }
        else
        {
            if (byRevoked)
                return;
            Take(rrsig.Algorithm);
            ends.Add((rrsig.Algorithm, bySep, expires));
        }
    }

    bool IsRevoked(ushort tag, byte algorithm) => plan.Keys.All.Any(k => k.Tag == tag && k.Algorithm == algorithm && k.Revoked);

    void Take(byte algorithm)
    {
        if (!good.Contains(algorithm))
            good.Add(algorithm);
        if (bySep && !entered.Contains(algorithm))
            entered.Add(algorithm);
    }

    /// <summary>Seconds since 1970: serial arithmetic around the moment of judgement (RFC 4034, 3.1.5).</summary>
    public static (long Begins, long Expires) TimesOf(in Rrsig rrsig, long now) => (now + (int)(rrsig.Inception - (uint)now), now + (int)(rrsig.Expiration - (uint)now));

    /// <summary>When a signature that is good or out of its time counts as something else: as it begins or ends, and where serial arithmetic turns round.</summary>
    void NoteChanges(long expires, long begins)
    {
        const long Turn = 1L << 31;
        foreach (var moment in (ReadOnlySpan<long>)[expires + 1, begins, expires + Turn, begins + Turn])
        {
            if (moment > plan.Options.Now && moment < docket.Result.Until)
                docket.Result.Until = moment;
        }
    }

    bool IsKnown(ReadOnlySpan<byte> key, in RRset rrset, in RRset signatures)
    {
        if (plan.Precedent is not { } precedent)
            return false;
        // The RRsets of a name come one after the other.
        if (knownPage is null || !knownPage[knownNode].Key.SequenceEqual(key))
            (knownPage, knownNode) = precedent.Find(rrset.Type == DnsType.Nsec3, key);
        if (knownPage is null)
            return false;
        var node = knownPage[knownNode];
        return node.Get(rrset.Type).IsSame(rrset) && node.Get(DnsType.Rrsig, rrset.Type).IsSame(signatures);
    }

    /// <summary>Null: no key of that tag and algorithm. A signature of an algorithm that cannot be checked is taken as it is: that was told of the key.</summary>
    bool? Try(ReadOnlySpan<byte> key, in RRset rrset, in Rrsig rrsig)
    {
        bool? result = null;
        exhausted = bySep = byRevoked = skipped = false;
        var (size, tries, failed, counted) = (0, 0, 0, false);
        for (var i = 0; i < plan.Keys.All.Count; i++)
        {
            var candidate = plan.Keys.All[i];
            if (!candidate.IsNamedBy(rrsig) || (candidate.Revoked && rrset.Type != DnsType.Dnskey))
                continue;
            var sep = candidate.Sep && !candidate.Revoked;
            if (!SigningKey.IsSupported(candidate.Algorithm))
                return IsBy(candidate, sep);
            result = false;
            bySep |= sep;
            exhausted = ++tries > MaxTries;
            if (exhausted)
                break;
            if (SignerOf(i) is not { } signer)
                continue;
            skipped = Left <= 0;
            if (skipped)
                return false;
            if (!counted)
                docket.Result.Checked++;
            counted = true;
            // Of several keys with its tag, the one that it is by may be another; over the keys themselves that matters, and is looked at again.
            if (known && rrset.Type != DnsType.Dnskey)
                return true;
            if (size == 0)
                size = Assemble(key, rrset, rrsig);
            if (signer.Verify(signed.AsSpan(0, size), rrsig.Signature))
                return IsBy(candidate, sep);
            failed++;
        }

        docket.Result.Failed += failed;
        Left -= failed;
        return result;
    }

    bool IsBy(ZoneKey key, bool sep)
    {
        (bySep, byRevoked) = (sep, key.Revoked);
        return true;
    }

    SigningKey? SignerOf(int index)
    {
        if (signing[index] is null && !unusable[index])
        {
            signing[index] = SigningKey.TryCreate(plan.Keys.All[index].Algorithm, plan.Keys.All[index].Public);
            unusable[index] = signing[index] is null;
        }

        return signing[index];
    }

    /// <summary>Writes what was signed, and says how many octets: the signature's own fields, then each record in canonical form and order (RFC 4034, 3.1.8.1).</summary>
    int Assemble(ReadOnlySpan<byte> key, in RRset rrset, in Rrsig rrsig)
    {
        Span<byte> head = stackalloc byte[DnsName.MaxLength + 8];
        var owner = NameKey.WriteWire(key, plan.Zone.Apex, head);
        BinaryPrimitives.WriteUInt16BigEndian(head[owner..], (ushort)rrset.Type);
        BinaryPrimitives.WriteUInt16BigEndian(head[(owner + 2)..], (ushort)DnsClass.In);
        BinaryPrimitives.WriteUInt32BigEndian(head[(owner + 4)..], rrsig.OriginalTtl);
        head = head[..(owner + 8)];
        var size = rrsig.Signed.Length + rrset.Size + rrset.Count * head.Length;
        if (signed.Length < size)
            signed = new byte[Math.Max(size, 2 * signed.Length)];
        rrsig.Signed.CopyTo(signed);
        var at = rrsig.Signed.Length;
        foreach (var data in rrset.Data)
        {
            head.CopyTo(signed.AsSpan(at));
            at += head.Length;
            BinaryPrimitives.WriteUInt16BigEndian(signed.AsSpan(at), (ushort)data.Length);
            at += sizeof(ushort);
            data.CopyTo(signed.AsSpan(at));
            at += data.Length;
        }

        return at;
    }

    static string Moment(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
