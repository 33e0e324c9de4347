using System.Collections.Immutable;
using System.Globalization;
using Oops.Wire.Dns;

namespace Oops.Keys;

/// <summary>
/// Whether the DS at the parent fits the keys of a zone: now, for everybody who has an answer of before in his cache, and as the zone wants it (CDS, RFC 7344). No signature is verified: who signs is what the RRSIGs say.
/// </summary>
/// <param name="zone">The zone.</param>
/// <param name="known">All that is known of it.</param>
/// <param name="grace">So long may the addresses differ: a transfer takes its time.</param>
/// <param name="now">When.</param>
internal sealed class Delegation(DnsName zone, ZoneKeys known, TimeSpan grace, DateTimeOffset now)
{
    static readonly TimeSpan EndsSoon = TimeSpan.FromDays(3);

    readonly List<Finding> findings = [];

    /// <summary>Those whose answers are not too old to be judged.</summary>
    readonly ImmutableArray<ServedKeys> servers = [.. known.Judged(now)];

    /// <summary>The worst first.</summary>
    public static ImmutableArray<Finding> Judge(in DnsName zone, ZoneKeys known, TimeSpan grace, DateTimeOffset now)
    {
        var judge = new Delegation(zone, known, grace, now);
        judge.Silent();
        judge.Differences();
        judge.Tags();
        judge.Signatures();
        if (known.IsDsJudged(now))
        {
            if (known.ParentsDiffer is { } differ) judge.Add(FindingKind.ParentsDiffer, Severity.Note, $"the parent's servers differ about the DS: {differ}");
            if (known.Ds is { } ds) judge.Present(ds);
            judge.CachedDs();
            judge.CachedKeys();
            judge.Wanted();
        }

        return [.. judge.findings.OrderByDescending(f => f.Severity)];
    }

    void Add(FindingKind kind, Severity severity, string text, DateTimeOffset? until = null) => findings.Add(new(kind, severity, text, until));

    void Present(DsSet ds)
    {
        if (ds.Records.IsEmpty)
        {
            if (servers.Any(s => !s.Keys.Keys.IsEmpty) && !WantsNone)
                Add(FindingKind.KeyWithoutDs, Severity.Unsigned, "the zone has keys, and the parent has no DS: nobody validates it");
            return;
        }

        foreach (var server in servers) Present(ds, server);
        foreach (var one in ds.Records.Where(d => d.IsKnown && servers.Length > 0 && !servers.Any(s => Points(d, s.Keys) is not null)))
            Add(FindingKind.DsOfNoKey, Severity.Note, $"the DS {DsSet.Words([one])} is of no key that is served");
    }

    void Present(DsSet ds, ServedKeys server)
    {
        // Of digests that nobody here knows nothing can be said.
        if (!ds.Records.Any(d => d.IsKnown)) return;
        var pointed = ds.Records.Select(d => Points(d, server.Keys)).OfType<KeyData>().ToList();
        if (pointed.Count == 0)
        {
            var revoked = server.Keys.Keys.Any(k => k.IsRevoked) ? "; it serves a revoked key" : "";
            Add(FindingKind.DsWithoutKey, Severity.Fails, $"the DS ({DsSet.Words(ds.Records)}) is of no key that {server.Address} serves ({Words(server.Keys)}){revoked}: validators fail");
        }
        else if (!pointed.Exists(k => server.Keys.IsSignedBy(k, now)))
        {
            var begins = Begins(server.Keys.Signers.Where(s => pointed.Exists(s.IsOf)));
            var valid = begins is not null ? " that has begun" : pointed.Exists(server.Keys.IsSignedBy) ? " that has not ended" : "";
            var from = begins is { } first ? $" (the first begins {Time(first)})" : "";
            Add(FindingKind.KeyDoesNotSign, Severity.Fails, $"{server.Address} has no signature of the DNSKEY RRset{valid} by a key that the DS is of ({string.Join(", ", pointed.Select(k => k.Tag).Distinct())}){from}: validators fail", begins);
        }
    }

    /// <summary>A DS RRset of before is in caches until its TTL is over, from when it was gone; until then one of its keys must be served, and sign.</summary>
    void CachedDs()
    {
        foreach (var seen in known.DsSets)
        {
            var stays = seen.Gone is null && known.MayHave(seen.Set, now);
            if ((!stays && !MayBeCached(seen.Last, seen.Gone, seen.CachedUntil)) || seen.Set.Records.IsEmpty || known.Ds is { } present && present.IsSame(seen.Set) || !seen.Set.Records.Any(d => d.IsKnown)) continue;
            var (words, ttl) = (DsSet.Words(seen.Set.Records), Ttl(seen.Set.Ttl, seen.Gone ?? seen.Last, seen.CachedUntil));
            var story = stays ? $"the DS {words} is not known to be gone from all servers of the parent (seen last {Time(seen.Last)}): caches may have it until it is, and its TTL, {Span(seen.Set.Ttl)}, is over"
                : seen.Gone is { } at ? $"the DS {words} was gone from the parent at {Time(at)} (seen last {Time(seen.Last)}), and its TTL {ttl}: caches may have it until {Time(seen.CachedUntil)}"
                : $"the DS {words} was seen last {Time(seen.Last)}, and its TTL {ttl}: caches may have it until {Time(seen.CachedUntil)} or later";
            DateTimeOffset? until = stays ? null : seen.CachedUntil;
            var bad = servers.Where(s => !seen.Set.Records.Any(d => Points(d, s.Keys) is { } key && s.Keys.IsSignedBy(key, now))).Select(s => s.Address).ToList();
            if (bad.Count > 0) Add(FindingKind.CachedDsWithoutKey, Severity.MayFail, $"{story}, and {string.Join(", ", bad)} {(bad.Count == 1 ? "does" : "do")} not sign with a key of it: they fail; bring the key back, and keep it until then", until);
            else Add(FindingKind.DsStillCached, Severity.Note, $"{story}: keep its key and its signature until then", until);
        }
    }

    /// <summary>The other way round: a DNSKEY RRset of before is in caches, and the DS is of none of its keys.</summary>
    void CachedKeys()
    {
        if (known.Ds is not { Records.IsEmpty: false } ds || !ds.Records.Any(d => d.IsKnown)) return;
        foreach (var seen in known.KeySets)
        {
            if (!MayBeCached(seen.Last, seen.Gone, seen.CachedUntil) || servers.Any(s => IsSame(seen, s.Keys))) continue;
            var keys = known.Log.Where(k => seen.Ids.Contains(k.Key.Id)).Select(k => k.Key).ToList();
            if (keys.Count < seen.Ids.Length || keys.Exists(k => ds.Records.Any(d => d.IsOf(zone, k) || (k.IsRevoked && d.IsOf(zone, k.Unrevoked))))) continue;
            var gone = seen.Gone is { } at ? $", gone at {Time(at)}" : "";
            Add(FindingKind.CachedKeysWithoutDs, Severity.MayFail, $"caches may have the keys of before ({string.Join(", ", keys.Select(k => k.Tag))}) until {Time(seen.CachedUntil)} (seen last {Time(seen.Last)}{gone}; the TTL {Ttl(seen.Ttl, seen.Gone ?? seen.Last, seen.CachedUntil)}), and the DS ({DsSet.Words(ds.Records)}) is of none of these: they fail; the DS came too early", seen.CachedUntil);
        }
    }

    /// <summary>What the zone asks for. Only what all addresses have that were heard: a parent asks all of them (RFC 7344, 6.1).</summary>
    void Wanted()
    {
        if (servers.IsEmpty || known.Ds is not { } ds) return;
        var first = servers[0].Keys;
        if (servers.Any(s => !s.Keys.AsksAs(first))) return;
        var cds = first.Cds.Select(d => (d.Tag, d.Algorithm)).ToHashSet();
        var cdnskey = first.Cdnskey.Select(k => k.Algorithm == 0 ? ((ushort)0, k.Algorithm) : (k.Tag, k.Algorithm)).ToHashSet();
        if (cds.Count == 0 && cdnskey.Count == 0) return;
        if (cds.Count > 0 && cdnskey.Count > 0 && !cds.SetEquals(cdnskey))
        {
            Add(FindingKind.CdsUnfit, Severity.ChangeWanted, $"CDS ({Pairs(cds)}) and CDNSKEY ({Pairs(cdnskey)}) are of other keys than each other: a parent takes neither (RFC 7344, 4)");
            return;
        }

        var wanted = cds.Count > 0 ? cds : cdnskey;
        if (WantsNone)
        {
            if (!ds.Records.IsEmpty) Add(FindingKind.CdsWantsChange, Severity.ChangeWanted, $"the zone asks for its DS to be removed ({DsSet.Words(ds.Records)})");
            return;
        }

        var has = ds.Records.Select(d => (d.Tag, d.Algorithm)).ToHashSet();
        var sameDigests = first.Cds.All(c => ds.Records.Where(d => d.Tag == c.Tag && d.Algorithm == c.Algorithm && d.DigestType == c.DigestType).All(d => d.Equals(c)));
        if (!wanted.SetEquals(has) || !sameDigests)
            Add(FindingKind.CdsWantsChange, Severity.ChangeWanted, $"the zone asks for the DS {Pairs(wanted)}, and the parent has {(has.Count == 0 ? "none" : DsSet.Words(ds.Records))}");
        if (first.Cds.Any(d => d.IsKnown) && !first.Cds.Any(c => Points(c, first) is { } key && first.IsSignedBy(key, now)))
            Add(FindingKind.CdsUnfit, Severity.ChangeWanted, $"the CDS ({Pairs(cds)}) is of no key that signs the DNSKEY RRset: such a DS would break the zone");
    }

    /// <summary>Who did not answer at the last look, and why; and whose answer is too old to be judged.</summary>
    void Silent()
    {
        var silent = known.Unheard.ToDictionary(s => s.Address, s => s.Why, StringComparer.Ordinal);
        foreach (var (address, why) in silent.Where(s => known.Servers.All(k => k.Address != s.Key)))
            Add(FindingKind.NotHeard, Severity.Note, $"{address} was never heard: {why}");
        foreach (var server in known.Servers.Where(s => silent.ContainsKey(s.Address) || !servers.Contains(s)))
            Add(FindingKind.NotHeard, Severity.Note, $"{server.Address} was not heard since {Time(server.At)}: {(servers.Contains(server) ? "what it served then is" : "what it serves is not")} judged{Because(silent.GetValueOrDefault(server.Address))}");
        var parent = known.ParentSilent;
        if (known.DsAt is { } told ? parent is not null || told < known.Looked || !known.IsDsJudged(now) : parent is not null)
        {
            Add(FindingKind.NotHeard, Severity.Note, known.DsAt is { } at
                ? $"the parent was not heard since {Time(at)}: the DS {(known.IsDsJudged(now) ? "of then is" : "is not")} judged{Because(parent)}"
                : $"the parent was never heard: {parent}");
        }
    }

    static string Because(string? why) => why is null ? "" : $" ({why})";

    void Differences()
    {
        if (known.DifferSince is { } since && now - since >= grace && servers.Skip(1).Any(s => !s.Keys.HasSameKeys(servers[0].Keys)))
            Add(FindingKind.ServersDiffer, Severity.MayFail, $"since {Time(since)} the servers have other keys than each other: {string.Join("; ", servers.Select(s => $"{s.Address} {Words(s.Keys)}"))}");
    }

    /// <summary>Two keys that a validator cannot tell apart by tag and algorithm: signers have confused them, and validators try both.</summary>
    void Tags()
    {
        foreach (var group in known.Log.Where(k => k.IsServed).GroupBy(k => (k.Key.Tag, k.Key.Algorithm)).Where(g => g.Count() > 1))
            Add(FindingKind.SameTag, Severity.MayFail, $"{group.Count()} keys have the tag {group.Key.Tag} and the algorithm {group.Key.Algorithm}: a signature does not say by which of them it is");
    }

    void Signatures()
    {
        foreach (var server in servers.Where(s => !s.Keys.Keys.IsEmpty))
        {
            if (server.Keys.SignedUntil is not { } until) Add(FindingKind.SignatureEnds, Severity.Note, $"{server.Address} has no signature of the DNSKEY RRset");
            else if (server.Keys.Signers.All(s => s.From > now)) Add(FindingKind.SignatureEnds, Severity.Note, $"no signature of the DNSKEY RRset at {server.Address} has begun: the first begins {Time(server.Keys.Signers.Min(s => s.From))}", server.Keys.Signers.Min(s => s.From));
            else if (until - now < EndsSoon) Add(FindingKind.SignatureEnds, Severity.Note, $"the last signature of the DNSKEY RRset at {server.Address} {(until <= now ? "ended" : "ends")} {Time(until)}");
        }
    }

    /// <summary>When the first of those begins that have not begun yet; null: there is none such.</summary>
    DateTimeOffset? Begins(IEnumerable<KeySigner> signers) => signers.Where(s => s.From > now).Select(s => (DateTimeOffset?)s.From).Min();

    bool WantsNone => servers.Length > 0 && servers.All(s => s.Keys.Cds is [{ Algorithm: 0 }] || s.Keys is { Cds: [], Cdnskey: [{ Algorithm: 0 }] });

    /// <summary>The key that a DS is of; null: the server has none such.</summary>
    KeyData? Points(DsData ds, KeySet keys) => keys.Keys.FirstOrDefault(k => !k.IsRevoked && ds.IsOf(zone, k));

    /// <summary>What was seen later than now was seen by a clock that was wrong.</summary>
    bool MayBeCached(DateTimeOffset last, DateTimeOffset? gone, DateTimeOffset until) => last <= now && !(gone > now) && until > now;

    static bool IsSame(SeenKeys seen, KeySet keys) => seen.Ids.Length == keys.Keys.Length && keys.Keys.All(k => seen.Ids.Contains(k.Id));

    static string Words(KeySet keys) => keys.Keys.IsEmpty ? "none" : string.Join(", ", keys.Keys.Select(k => k.Tag));

    static string Pairs(IEnumerable<(ushort Tag, byte Algorithm)> pairs) => string.Join(", ", pairs.Order().Select(p => p.Algorithm == 0 ? "none" : $"{p.Tag} {p.Algorithm}"));

    static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    static string Ttl(uint ttl, DateTimeOffset taken, DateTimeOffset until) => taken + TimeSpan.FromSeconds(ttl) < until ? $"is {Span(ttl)}, and was longer before" : $"is {Span(ttl)}";

    static string Span(uint seconds) => Core.Words.Of(TimeSpan.FromSeconds(seconds));
}
