using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Oops.Keys;

/// <summary>What an address served when it was heard last.</summary>
internal sealed record ServedKeys(string Address, DateTimeOffset At, KeySet Keys);

/// <summary>A DNSKEY RRset that was served, by the ids of its keys: caches may have it until its TTL is over.</summary>
/// <param name="Ids">Of its keys.</param>
/// <param name="Ttl">When it was seen last, seconds.</param>
/// <param name="First">When it was seen first.</param>
/// <param name="Last">And last.</param>
/// <param name="CachedUntil">Caches may have it until then: also what they took while the TTL was longer.</param>
internal sealed record SeenKeys(ImmutableArray<string> Ids, uint Ttl, DateTimeOffset First, DateTimeOffset Last, DateTimeOffset CachedUntil);

/// <summary>A DS RRset that the parent had; the rest as above.</summary>
internal sealed record SeenDs(DsSet Set, DateTimeOffset First, DateTimeOffset Last, DateTimeOffset CachedUntil);

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

    /// <summary>When that was heard; null: never.</summary>
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
        var agree = told.TrueForAll(p => p.Ds!.IsSame(told[0].Ds!));
        return this with
        {
            Looked = look.At,
            Log = log,
            Servers = servers,
            KeySets = Remembered(look),
            DsSets = RememberedDs(told, look.At),
            Ds = told.Count == 0 ? Ds : agree ? told[0].Ds : null,
            DsAt = told.Count == 0 ? DsAt : look.At,
            ParentsDiffer = told.Count == 0 ? ParentsDiffer : agree ? null : string.Join("; ", told.Select(p => $"{p.Address} has {(p.Ds!.Records.IsEmpty ? "none" : DsSet.Words(p.Ds.Records))}")),
            DifferSince = !differ ? null : DifferSince ?? look.At,
        };
    }

    /// <summary>Who was heard so lately that it is judged what he serves.</summary>
    public IEnumerable<ServedKeys> Judged(DateTimeOffset now) => Servers.Where(s => Stands is not { } stands || now - s.At <= stands);

    /// <summary>What the parent said last is judged.</summary>
    public bool IsDsJudged(DateTimeOffset now) => DsAt is { } at && (Stands is not { } stands || now - at <= stands);

    /// <summary>All of it is there: what comes from a disk may lack anything.</summary>
    [JsonIgnore]
    public bool IsWhole =>
        !Log.IsDefault && Log.All(k => k is { Key: not null })
        && !Servers.IsDefault && Servers.All(s => s is { Address: not null, Keys.IsWhole: true })
        && !KeySets.IsDefault && KeySets.All(s => s is not null && !s.Ids.IsDefault && s.Ids.All(i => i is not null))
        && !DsSets.IsDefault && DsSets.All(s => s is { Set.IsWhole: true })
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

    ImmutableArray<SeenKeys> Remembered(ZoneLook look)
    {
        List<SeenKeys> sets = [.. KeySets];
        foreach (var server in look.Servers)
        {
            // That there were none is cached too, but for how long is another record's to say.
            if (server.Keys is not { Keys.IsEmpty: false } served) continue;
            ImmutableArray<string> ids = [.. served.Keys.Select(k => k.Id).Order(StringComparer.Ordinal)];
            var known = sets.FindIndex(s => s.Ids.AsSpan().SequenceEqual(ids.AsSpan()));
            var before = known < 0 ? null : sets[known];
            if (known >= 0) sets.RemoveAt(known);
            sets.Add(new(ids, served.Ttl, before?.First ?? look.At, look.At, Cached(before?.CachedUntil, served.Ttl, look.At)));
        }

        return [.. sets.TakeLast(MostSets)];
    }

    ImmutableArray<SeenDs> RememberedDs(List<ParentLook> told, DateTimeOffset now)
    {
        List<SeenDs> sets = [.. DsSets];
        foreach (var parent in told)
        {
            var known = sets.FindIndex(s => s.Set.IsSame(parent.Ds!));
            var before = known < 0 ? null : sets[known];
            if (known >= 0) sets.RemoveAt(known);
            sets.Add(new(parent.Ds!, before?.First ?? now, now, Cached(before?.CachedUntil, parent.Ds!.Ttl, now)));
        }

        return [.. sets.TakeLast(MostSets)];
    }
}
