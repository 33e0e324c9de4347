using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Oops.Keys;

/// <summary>What an address served when it was heard last.</summary>
internal sealed record ServedKeys(string Address, DateTimeOffset At, KeySet Keys);

/// <summary>An address that gave nothing at the last look that can be used.</summary>
/// <param name="Address">Which.</param>
/// <param name="Why">Terminal-safe.</param>
internal sealed record SilentAddress(string Address, string Why);

/// <summary>A DNSKEY RRset that was served, by the ids of its keys: caches may have it until its TTL is over.</summary>
/// <param name="Ids">Of its keys.</param>
/// <param name="Ttl">When it was seen last, seconds.</param>
/// <param name="First">When it was seen first.</param>
/// <param name="Last">And last.</param>
/// <param name="CachedUntil">Caches may have it until then: also what they took while the TTL was longer, and until a moment before it was gone.</param>
/// <param name="Gone">The first look at which nobody had it any more; null: somebody has it, or may.</param>
internal sealed record SeenKeys(ImmutableArray<string> Ids, uint Ttl, DateTimeOffset First, DateTimeOffset Last, DateTimeOffset CachedUntil, DateTimeOffset? Gone = null);

/// <summary>A DS RRset that the parent had; the rest as above.</summary>
internal sealed record SeenDs(DsSet Set, DateTimeOffset First, DateTimeOffset Last, DateTimeOffset CachedUntil, DateTimeOffset? Gone = null);

/// <summary>The DS RRset that a server of the parent told when it was heard last.</summary>
internal sealed record ToldDs(string Address, DateTimeOffset At, DsSet Set);

/// <summary>All that is known of the keys of one zone at one server, and of its DS: what is kept over a restart. It does not change; a look makes the next one.</summary>
internal sealed record ZoneKeys
{
    /// <summary>Most RRsets of a kind that are remembered.</summary>
    public const int MostSets = 32;

    /// <summary>Seconds for which caches keep anything at most, whatever its TTL: a week (RFC 8767, 4).</summary>
    public const uint LongestCached = 7 * 86_400;

    /// <summary>When it was looked at last; null: never.</summary>
    public DateTimeOffset? Looked { get; init; }

    /// <summary>So long what was heard is judged; null: for ever.</summary>
    public TimeSpan? Stands { get; init; }

    public ImmutableArray<LoggedKey> Log { get; init; } = [];

    /// <summary>By address, in the config's order; those that were never heard are missing.</summary>
    public ImmutableArray<ServedKeys> Servers { get; init; } = [];

    /// <summary>The newest last.</summary>
    public ImmutableArray<SeenKeys> KeySets { get; init; } = [];

    /// <summary>The newest last.</summary>
    public ImmutableArray<SeenDs> DsSets { get; init; } = [];

    /// <summary>What the servers of the parent say that answered last, if they agree; null: they do not, or nobody answered yet.</summary>
    public DsSet? Ds { get; init; }

    /// <summary>By address of the parent's servers; those that were never heard are missing. Default: a row of a version that did not keep it.</summary>
    public ImmutableArray<ToldDs> Parents { get; init; } = [];

    /// <summary>Who of the addresses gave nothing at the last look. Default: as above.</summary>
    public ImmutableArray<SilentAddress> Silent { get; init; } = [];

    /// <summary>The first of the parent's servers, and why none of them told anything at the last look; null: one did, or none is asked.</summary>
    public string? ParentSilent { get; init; }

    /// <summary>When the parent was heard; null: never.</summary>
    public DateTimeOffset? DsAt { get; init; }

    /// <summary>How the servers of the parent differ; null: they do not.</summary>
    public string? ParentsDiffer { get; init; }

    /// <summary>Since when the addresses serve other keys than each other; null: they do not.</summary>
    public DateTimeOffset? DifferSince { get; init; }

    /// <summary>A number that changes with the keys that are served: 0 where there are none.</summary>
    [JsonIgnore]
    public uint Hash => Number(RecordOctets.Sorted(Log.Where(k => k.IsServed).Select(k => k.Key)));

    /// <summary>A number that changes with the CDS and CDNSKEY records: 0 where there are none; null: the addresses that are judged have others than each other, or there is none.</summary>
    public uint? Asked(DateTimeOffset now)
    {
        var sets = Judged(now).Select(s => s.Keys).ToList();
        if (sets.Count == 0 || !sets.TrueForAll(s => s.AsksAs(sets[0]))) return null;
        return Number([.. sets[0].Cds, .. sets[0].Cdnskey]);
    }

    /// <summary>What is known after a look. An address that said nothing has what it had: absence is no claim.</summary>
    public ZoneKeys Take(ZoneLook look, out KeyChanges changes)
    {
        var servers = Heard(look);
        var whole = servers.Length == look.Servers.Length;
        changes = KeyChanges.None;
        var log = Log;
        if (look.Servers.Any(s => s.Keys is not null))
        {
            var heard = look.Servers.Select(s => s.Keys).OfType<KeySet>().SelectMany(s => s.Keys.Select(k => new HeardKey(k, s.Ttl, k.IsRevoked && s.IsSignedBy(k, look.At))));
            var remembered = servers.Where(s => look.Servers.All(l => l.Address != s.Address || l.Keys is null)).SelectMany(s => s.Keys.Keys);
            log = KeyLog.Take(Log, [.. heard], [.. remembered], whole, first: IsNew, look.At, out changes);
        }

        var differ = servers.Skip(1).Any(s => !s.Keys.HasSameKeys(servers[0].Keys));
        var told = look.Parents.Where(p => p.Ds is not null).ToList();
        var parents = Told(look);
        var agree = told.TrueForAll(p => p.Ds!.IsSame(told[0].Ds!));
        return this with
        {
            Looked = look.At,
            Log = log,
            Servers = servers,
            KeySets = Remembered(look, servers),
            DsSets = RememberedDs(told, parents, look.At),
            Parents = parents,
            Silent = [.. look.Servers.Where(s => s.Keys is null).Select(s => new SilentAddress(s.Address, s.Why ?? "nothing"))],
            ParentSilent = told.Count > 0 || look.Parents.IsEmpty ? null : $"{look.Parents[0].Address}: {look.Parents[0].Why}",
            Ds = told.Count == 0 ? Ds : agree ? told[0].Ds : null,
            DsAt = told.Count == 0 ? DsAt : look.At,
            ParentsDiffer = told.Count == 0 ? ParentsDiffer : agree ? null : string.Join("; ", told.Select(p => $"{p.Address} has {(p.Ds!.Records.IsEmpty ? "none" : DsSet.Words(p.Ds.Records))}")),
            DifferSince = !differ ? null : DifferSince ?? look.At,
        };
    }

    /// <summary>Who was heard so lately that it is judged what he serves.</summary>
    public IEnumerable<ServedKeys> Judged(DateTimeOffset now) => Servers.Where(s => Stood(s.At, now));

    /// <summary>What the parent said last is judged.</summary>
    public bool IsDsJudged(DateTimeOffset now) => DsAt is { } at && Stood(at, now);

    /// <summary>The silent ones.</summary>
    [JsonIgnore]
    public ImmutableArray<SilentAddress> Unheard => Silent.IsDefault ? [] : Silent;

    /// <summary>A server of the parent may have that DS: it said so when it was heard last, and that is judged.</summary>
    public bool MayHave(DsSet set, DateTimeOffset now) => Holds(Parents, set, now);

    /// <summary>All of it is there: what comes from a disk may lack anything.</summary>
    [JsonIgnore]
    public bool IsWhole =>
        !Log.IsDefault && Log.All(k => k is { Key: not null })
        && !Servers.IsDefault && Servers.All(s => s is { Address: not null, Keys.IsWhole: true })
        && !KeySets.IsDefault && KeySets.All(s => s is not null && !s.Ids.IsDefault && s.Ids.All(i => i is not null))
        && !DsSets.IsDefault && DsSets.All(s => s is { Set.IsWhole: true })
        && (Parents.IsDefault || Parents.All(p => p is { Address: not null, Set.IsWhole: true }))
        && (Silent.IsDefault || Silent.All(s => s is { Address: not null, Why: not null }))
        && Ds is null or { IsWhole: true };

    /// <summary>Nobody was ever heard of the zone. Who is asked may have changed since.</summary>
    bool IsNew => Servers.IsEmpty && Log.IsEmpty && KeySets.IsEmpty;

    static uint Number(IReadOnlyCollection<RecordOctets> records)
    {
        if (records.Count == 0) return 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var record in records) hash.AppendData(SHA256.HashData(record.Data));
        return Math.Max(1, BinaryPrimitives.ReadUInt32BigEndian(hash.GetHashAndReset()));
    }

    /// <summary>How long caches have what they may have already, and what is served now. A time far ahead is of a clock that was wrong.</summary>
    static DateTimeOffset Cached(DateTimeOffset? before, uint ttl, DateTimeOffset now)
    {
        var until = now + TimeSpan.FromSeconds(Math.Min(ttl, LongestCached));
        return before > until && before <= now + TimeSpan.FromSeconds(LongestCached) ? before.Value : until;
    }

    ImmutableArray<ServedKeys> Heard(ZoneLook look)
    {
        var heard = ImmutableArray.CreateBuilder<ServedKeys>();
        foreach (var server in look.Servers)
        {
            if (server.Keys is { } keys) heard.Add(new(server.Address, look.At, keys));
            else if (Servers.FirstOrDefault(s => s.Address == server.Address) is { } before) heard.Add(before);
        }

        return heard.ToImmutable();
    }

    bool Stood(DateTimeOffset at, DateTimeOffset now) => Stands is not { } stands || now - at <= stands;

    bool Holds(ImmutableArray<ToldDs> parents, DsSet set, DateTimeOffset now) => !parents.IsDefault && parents.Any(p => p.Set.IsSame(set) && Stood(p.At, now));

    ImmutableArray<ToldDs> Told(ZoneLook look)
    {
        var told = ImmutableArray.CreateBuilder<ToldDs>();
        foreach (var parent in look.Parents)
        {
            if (parent.Ds is { } ds) told.Add(new(parent.Address, look.At, ds));
            else if (!Parents.IsDefault && Parents.FirstOrDefault(p => p.Address == parent.Address) is { } before) told.Add(before);
        }

        return told.ToImmutable();
    }

    /// <summary>
    /// Until when caches may have what this look has not seen, and since when it is gone. That is not when it was seen last: a cache may have taken it a moment before the first look without it.
    /// What was gone before stays as it was; a moment of the future is of a clock that was wrong.
    /// </summary>
    static (DateTimeOffset Until, DateTimeOffset? Gone) Unseen(uint ttl, DateTimeOffset until, DateTimeOffset? gone, bool had, bool has, DateTimeOffset now) =>
        gone is { } at ? at <= now ? (until, gone) : (Cached(until, ttl, now), now)
        : had || has ? (Cached(until, ttl, now), has ? null : now)
        : (until, null);

    ImmutableArray<SeenKeys> Remembered(ZoneLook look, ImmutableArray<ServedKeys> servers)
    {
        var now = look.At;
        // That there were none is cached too, but for how long is another record's to say.
        var heard = look.Servers.Select(s => s.Keys).OfType<KeySet>().ToList();
        if (heard.Count == 0) return KeySets;
        var served = heard.Where(s => !s.Keys.IsEmpty).GroupBy(s => string.Join(' ', Ids(s))).ToDictionary(g => g.Key, g => (Ids: Ids(g.First()), Ttl: g.Max(s => s.Ttl)), StringComparer.Ordinal);
        List<SeenKeys> sets = [];
        foreach (var seen in KeySets)
        {
            if (served.ContainsKey(string.Join(' ', seen.Ids))) continue;
            bool Has(ServedKeys server) => Ids(server.Keys).AsSpan().SequenceEqual(seen.Ids.AsSpan());
            var (until, gone) = Unseen(seen.Ttl, seen.CachedUntil, seen.Gone, Servers.Any(Has), servers.Any(s => Has(s) && Stood(s.At, now)), now);
            sets.Add(seen with { CachedUntil = until, Gone = gone });
        }

        foreach (var (key, (ids, ttl)) in served)
        {
            var before = KeySets.FirstOrDefault(s => string.Join(' ', s.Ids) == key);
            sets.Add(new(ids, ttl, before?.First ?? now, now, Cached(before?.CachedUntil, Longest(ttl, before?.Ttl, before?.Gone), now)));
        }

        return [.. sets.TakeLast(MostSets)];
    }

    ImmutableArray<SeenDs> RememberedDs(List<ParentLook> told, ImmutableArray<ToldDs> parents, DateTimeOffset now)
    {
        if (told.Count == 0) return DsSets;
        List<SeenDs> sets = [];
        foreach (var seen in DsSets.Where(s => !told.Exists(p => p.Ds!.IsSame(s.Set))))
        {
            var had = Parents.IsDefault ? Ds?.IsSame(seen.Set) == true : Parents.Any(p => p.Set.IsSame(seen.Set));
            var (until, gone) = Unseen(seen.Set.Ttl, seen.CachedUntil, seen.Gone, had, Holds(parents, seen.Set, now), now);
            sets.Add(seen with { CachedUntil = until, Gone = gone });
        }

        foreach (var parent in told)
        {
            if (sets.Exists(s => s.Last == now && s.Set.IsSame(parent.Ds!))) continue;
            var set = parent.Ds! with { Ttl = told.Where(p => p.Ds!.IsSame(parent.Ds!)).Max(p => p.Ds!.Ttl) };
            var before = DsSets.FirstOrDefault(s => s.Set.IsSame(set));
            sets.Add(new(set, before?.First ?? now, now, Cached(before?.CachedUntil, Longest(set.Ttl, before?.Set.Ttl, before?.Gone), now)));
        }

        return [.. sets.TakeLast(MostSets)];
    }

    /// <summary>The TTL with which a cache may have taken what is there now: until a moment ago, that of the last look.</summary>
    static uint Longest(uint ttl, uint? before, DateTimeOffset? gone) => gone is null && before > ttl ? before.Value : ttl;

    static ImmutableArray<string> Ids(KeySet keys) => [.. keys.Keys.Select(k => k.Id).Order(StringComparer.Ordinal)];
}
