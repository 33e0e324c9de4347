using System.Collections.Immutable;

namespace Oops.Keys;

/// <summary>A key that somebody serves.</summary>
/// <param name="Key">As it is served.</param>
/// <param name="Ttl">Of the RRset, seconds.</param>
/// <param name="IsRevoked">It has the REVOKE bit and signs the RRset that it is in: one without the other revokes nothing (RFC 5011, 2.1).</param>
internal readonly record struct HeardKey(KeyData Key, uint Ttl, bool IsRevoked);

/// <summary>Every key of a zone that was ever seen, within a bound: of more, those that were gone first are forgotten.</summary>
internal static class KeyLog
{
    public const int Most = 256;

    /// <summary>The log after a look.</summary>
    /// <param name="log">Before.</param>
    /// <param name="served">What was heard in this look.</param>
    /// <param name="remembered">What those serve, as far as is known, who were silent: it is not gone, and not heard either.</param>
    /// <param name="whole">Everybody was heard once: what is not there is gone.</param>
    /// <param name="first">The zone is seen for the first time: what there is was there before.</param>
    /// <param name="now">When.</param>
    /// <param name="changes">What is new; nothing at the first look.</param>
    public static ImmutableArray<LoggedKey> Take(ImmutableArray<LoggedKey> log, IReadOnlyCollection<HeardKey> served, IReadOnlyCollection<KeyData> remembered, bool whole, bool first, DateTimeOffset now, out KeyChanges changes)
    {
        var found = Found(served);
        foreach (var key in remembered)
            if (key.IsRevoked && found.TryGetValue(key.Id, out var heard) && !heard.Key.IsRevoked) found[key.Id] = heard with { Key = key };
        var there = remembered.Select(k => k.Id).ToHashSet(StringComparer.Ordinal);
        var before = Algorithms(log);
        List<KeyData> added = [], removed = [], revoked = [], unproven = [];
        List<LoggedKey> next = [];
        foreach (var entry in log)
        {
            if (found.Remove(entry.Key.Id, out var seen)) next.Add(Seen(entry, seen, now, added, revoked, unproven));
            else if (!whole || there.Contains(entry.Key.Id)) next.Add(entry);
            else next.Add(Unseen(entry, now, removed));
        }

        foreach (var (key, ttl, isRevoked) in found.Values.OrderBy(f => f.Key.Id, StringComparer.Ordinal))
        {
            added.Add(key);
            next.Add(new()
            {
                Key = key,
                Ttl = ttl,
                First = now,
                Last = now,
                Since = now,
                State = !key.IsSep ? null : isRevoked ? KeyState.Revoked : first ? KeyState.Valid : KeyState.AddPend,
            });
        }

        var kept = next.Count <= Most ? next.ToImmutableArray() : [.. next.OrderByDescending(k => k.Gone ?? DateTimeOffset.MaxValue).ThenByDescending(k => k.Last).Take(Most)];
        var after = Algorithms(kept);
        var other = !before.SequenceEqual(after);
        changes = first ? KeyChanges.None : new() { Added = added, Removed = removed, Revoked = revoked, Unproven = unproven, AlgorithmsBefore = other ? before : [], AlgorithmsNow = other ? after : [] };
        return kept;
    }

    /// <summary>One of each key. While one server has it revoked and another has not yet, it is revoked: that does not go back.</summary>
    static Dictionary<string, HeardKey> Found(IEnumerable<HeardKey> served)
    {
        Dictionary<string, HeardKey> found = new(StringComparer.Ordinal);
        foreach (var one in served)
            if (!found.TryGetValue(one.Key.Id, out var known) || Weight(one) > Weight(known)) found[one.Key.Id] = one;
        return found;
    }

    static int Weight(HeardKey heard) => heard.IsRevoked ? 2 : heard.Key.IsRevoked ? 1 : 0;

    static LoggedKey Seen(LoggedKey entry, HeardKey heard, DateTimeOffset now, List<KeyData> added, List<KeyData> revoked, List<KeyData> unproven)
    {
        var (key, ttl, isRevoked) = heard;
        if (!entry.IsServed) added.Add(key);
        if (key.IsRevoked && !entry.Key.IsRevoked) (isRevoked ? revoked : unproven).Add(key);
        else if (isRevoked && entry.State is not (null or KeyState.Revoked or KeyState.Removed)) revoked.Add(key);
        return Moved(entry with { Key = key, Ttl = ttl, Last = now, Gone = null }, served: true, isRevoked, now);
    }

    static LoggedKey Unseen(LoggedKey entry, DateTimeOffset now, List<KeyData> removed)
    {
        if (entry.IsServed) removed.Add(entry.Key);
        return Moved(entry with { Gone = entry.Gone ?? now }, served: false, isRevoked: false, now);
    }

    static LoggedKey Moved(LoggedKey entry, bool served, bool isRevoked, DateTimeOffset now)
    {
        if (entry.State is not { } state) return entry;
        var (next, since) = KeyStates.Next(state, entry.Since, served, isRevoked, TimeSpan.FromSeconds(entry.Ttl), now);
        return entry with { State = next, Since = since };
    }

    static List<byte> Algorithms(IEnumerable<LoggedKey> log) => [.. log.Where(k => k.IsServed).Select(k => k.Key.Algorithm).Distinct().Order()];
}
