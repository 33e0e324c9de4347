using System.Net;

namespace Oops.Routers;

/// <summary>
/// Who changes what we told a router, while its memory is as it was, is another writer. What they did is put right once; after a second time it is left to them, and shown: two who correct each other would flap the prefix.
/// That ends with a withdraw of ours, with the router's restart, and when they put it as it should be. A correction that has stood for long is forgotten: who reloads the router's configuration now and then is nobody who corrects us.
/// </summary>
internal sealed class SecondWriter
{
    /// <summary>So many readings, ten minutes at the usual interval.</summary>
    public const int Long = 60;

    readonly Dictionary<IPNetwork, Look> told = [];
    readonly Dictionary<IPNetwork, int> corrected = [];
    readonly Dictionary<IPNetwork, Look> left = [];

    /// <summary>We told the router, and it took it.</summary>
    public void Told(PrefixChange change)
    {
        if (change.Look is { } look)
        {
            told[change.Prefix] = look;
            return;
        }

        told.Remove(change.Prefix);
        corrected.Remove(change.Prefix);
        left.Remove(change.Prefix);
    }

    /// <summary>The router was restarted: nobody changed what that took.</summary>
    public void Forget()
    {
        told.Clear();
        corrected.Clear();
        left.Clear();
    }

    /// <summary>What the router has now.</summary>
    public void Look(IReadOnlyDictionary<IPNetwork, PrefixRead> seen)
    {
        foreach (var (prefix, look) in told.ToList())
        {
            if (seen.TryGetValue(prefix, out var read) && read.Look == look)
            {
                if (corrected.TryGetValue(prefix, out var stood) && (corrected[prefix] = stood + 1) == Long) corrected.Remove(prefix);
                continue;
            }

            told.Remove(prefix);
            if (!corrected.TryAdd(prefix, 0)) left[prefix] = look;
        }

        foreach (var (prefix, look) in left.ToList())
            if (seen.TryGetValue(prefix, out var read) && read.Look == look) left.Remove(prefix);
    }

    /// <summary>This would be said against somebody who has undone it twice. A withdraw is always said.</summary>
    public bool Forbids(PrefixChange change) => change.Look is not null && left.ContainsKey(change.Prefix);
}
