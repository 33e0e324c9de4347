using System.Collections.Immutable;

namespace Oops.Keys;

/// <summary>Every key of a zone that was ever seen, within a bound: of more, those that were gone first are forgotten.</summary>
internal static class KeyLog
{
    public const int Most = 256;

    /// <summary>The log after a look.</summary>
    /// <param name="log">Before.</param>
    /// <param name="served">What anybody serves, or did when he was heard last, with the TTL.</param>
    /// <param name="whole">Everybody was heard once: what is not there is gone.</param>
    /// <param name="first">The zone is seen for the first time: what there is was there before.</param>
    /// <param name="now">When.</param>
    /// <param name="changes">What is new; nothing at the first look.</param>
    public static ImmutableArray<LoggedKey> Take(ImmutableArray<LoggedKey> log, IReadOnlyCollection<(KeyData Key, uint Ttl)> served, bool whole, bool first, DateTimeOffset now, out KeyChanges changes)
    {
        var found = Found(served);
        var before = Algorithms(log);
        List<KeyData> added = [], removed = [], revoked = [];
        List<LoggedKey> next = [];
        foreach (var entry in log)
        {
            if (found.Remove(entry.Key.Id, out var seen)) next.Add(Seen(entry, seen.Key, seen.Ttl, now, added, revoked));
            else if (!whole) next.Add(entry);
            else next.Add(Unseen(entry, now, removed));
        }

        foreach (var (key, ttl) in found.Values.OrderBy(f => f.Key.Id, StringComparer.Ordinal))
        {
            added.Add(key);
            next.Add(new()
            {
                Key = key,
                Ttl = ttl,
                First = now,
                Last = now,
                Since = now,
                State = !key.IsSep ? null : key.IsRevoked ? KeyState.Revoked : first ? KeyState.Valid : KeyState.AddPend,
            });
        }

        var kept = next.Count <= Most ? next.ToImmutableArray() : [.. next.OrderByDescending(k => k.Gone ?? DateTimeOffset.MaxValue).ThenByDescending(k => k.Last).Take(Most)];
        var after = Algorithms(kept);
        var other = !before.SequenceEqual(after);
        changes = first ? KeyChanges.None : new() { Added = added, Removed = removed, Revoked = revoked, AlgorithmsBefore = other ? before : [], AlgorithmsNow = other ? after : [] };
        return kept;
    }

    /// <summary>One of each key. While one server has it revoked and another has not yet, it is revoked: that does not go back.</summary>
    static Dictionary<string, (KeyData Key, uint Ttl)> Found(IEnumerable<(KeyData Key, uint Ttl)> served)
    {
        Dictionary<string, (KeyData Key, uint Ttl)> found = new(StringComparer.Ordinal);
        foreach (var one in served)
            if (!found.TryGetValue(one.Key.Id, out var known) || (one.Key.IsRevoked && !known.Key.IsRevoked)) found[one.Key.Id] = one;
        return found;
    }

    static LoggedKey Seen(LoggedKey entry, KeyData key, uint ttl, DateTimeOffset now, List<KeyData> added, List<KeyData> revoked)
    {
        if (!entry.IsServed) added.Add(key);
        if (key.IsRevoked && !entry.Key.IsRevoked) revoked.Add(key);
        var next = entry with { Key = key, Ttl = ttl, Last = now, Gone = null };
        return Moved(next, served: true, now);
    }

    static LoggedKey Unseen(LoggedKey entry, DateTimeOffset now, List<KeyData> removed)
    {
        if (entry.IsServed) removed.Add(entry.Key);
        return Moved(entry with { Gone = entry.Gone ?? now }, served: false, now);
    }

    static LoggedKey Moved(LoggedKey entry, bool served, DateTimeOffset now)
    {
        if (entry.State is not { } state) return entry;
        var (next, since) = KeyStates.Next(state, entry.Since, served, entry.Key.IsRevoked, TimeSpan.FromSeconds(entry.Ttl), now);
        return entry with { State = next, Since = since };
    }

    static List<byte> Algorithms(IEnumerable<LoggedKey> log) => [.. log.Where(k => k.IsServed).Select(k => k.Key.Algorithm).Distinct().Order()];
}
