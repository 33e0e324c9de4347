using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Oops.Keys;

/// <summary>What an address served when it was heard last.</summary>
internal sealed record ServedKeys(string Address, DateTimeOffset At, KeySet Keys);

/// <summary>A DNSKEY RRset that was served, by the ids of its keys: caches may have it until its TTL is over.</summary>
internal sealed record SeenKeys(ImmutableArray<string> Ids, uint Ttl, DateTimeOffset First, DateTimeOffset Last)
{
    [JsonIgnore]
    public DateTimeOffset CachedUntil => Last + TimeSpan.FromSeconds(Math.Min(Ttl, ZoneKeys.LongestCached));
}

/// <summary>A DS RRset that the parent had.</summary>
internal sealed record SeenDs(DsSet Set, DateTimeOffset First, DateTimeOffset Last)
{
    [JsonIgnore]
    public DateTimeOffset CachedUntil => Last + TimeSpan.FromSeconds(Math.Min(Set.Ttl, ZoneKeys.LongestCached));
}

/// <summary>All that is known of the keys of one zone at one server, and of its DS: what is kept over a restart. It does not change; a look makes the next one.</summary>
internal sealed record ZoneKeys
{
    /// <summary>Most RRsets of a kind that are remembered.</summary>
    public const int MostSets = 32;

    /// <summary>Seconds for which caches keep anything at most, whatever its TTL: a week (RFC 8767, 4).</summary>
    public const uint LongestCached = 7 * 86_400;

    /// <summary>When it was looked at last; null: never.</summary>
    public DateTimeOffset? Looked { get; init; }

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
    public uint Hash
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var any = false;
            foreach (var key in RecordOctets.Sorted(Log.Where(k => k.IsServed).Select(k => k.Key)))
            {
                hash.AppendData(SHA256.HashData(key.Data));
                any = true;
            }

            return any ? Math.Max(1, BinaryPrimitives.ReadUInt32BigEndian(hash.GetHashAndReset())) : 0;
        }
    }

    /// <summary>What is known after a look. An address that said nothing has what it had: absence is no claim.</summary>
    public ZoneKeys Take(ZoneLook look, out KeyChanges changes)
    {
        var servers = Heard(look);
        var whole = servers.Length == look.Servers.Length;
        changes = KeyChanges.None;
        var log = servers.IsEmpty ? Log : KeyLog.Take(Log, [.. servers.SelectMany(s => s.Keys.Keys.Select(k => (k, s.Keys.Ttl)))], whole, first: Servers.IsEmpty, look.At, out changes);
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
            var first = known < 0 ? look.At : sets[known].First;
            if (known >= 0) sets.RemoveAt(known);
            sets.Add(new(ids, served.Ttl, first, look.At));
        }

        return [.. sets.TakeLast(MostSets)];
    }

    ImmutableArray<SeenDs> RememberedDs(List<ParentLook> told, DateTimeOffset now)
    {
        List<SeenDs> sets = [.. DsSets];
        foreach (var parent in told)
        {
            var known = sets.FindIndex(s => s.Set.IsSame(parent.Ds!));
            var first = known < 0 ? now : sets[known].First;
            if (known >= 0) sets.RemoveAt(known);
            sets.Add(new(parent.Ds!, first, now));
        }

        return [.. sets.TakeLast(MostSets)];
    }
}
