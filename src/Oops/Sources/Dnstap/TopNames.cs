using Oops.Wire.Dns;

namespace Oops.Sources.Dnstap;

/// <summary>
/// The names that occur most, in a memory that does not grow: Space-Saving (Metwally, Agrawal, El Abbadi 2005). A name that is not kept takes the place of the rarest, and its count, which is
/// then known to be too high by that much. Allocates nothing but when it is made.
/// </summary>
internal sealed class TopNames
{
    /// <summary>Each name that has more than this share of all is kept for certain.</summary>
    public const int Kept = 16;

    struct Entry
    {
        public DnsName Name;
        public long Count;
        public long TooMuch;
    }

    readonly Entry[] entries = new Entry[Kept];

    public void Add(in DnsName name)
    {
        var rarest = 0;
        for (var i = 0; i < entries.Length; i++)
        {
            ref var entry = ref entries[i];
            if (entry.Count > 0 && entry.Name == name)
            {
                entry.Count++;
                return;
            }

            if (entry.Count < entries[rarest].Count) rarest = i;
        }

        ref var place = ref entries[rarest];
        place.Name = name;
        place.TooMuch = place.Count;
        place.Count++;
    }

    /// <summary>What is old counts half, so that names of yesterday go.</summary>
    public void Age()
    {
        foreach (ref var entry in entries.AsSpan())
        {
            entry.Count /= 2;
            entry.TooMuch /= 2;
        }
    }

    /// <summary>The names of which most are certain, at most so many; printable. Of those that only passed through once nothing is said, unless all fit.</summary>
    public IReadOnlyList<string> Most(int count)
    {
        var certain = entries.Where(e => e.Count - e.TooMuch > (e.TooMuch > 0 ? 1 : 0));
        return [.. certain.OrderByDescending(e => e.Count - e.TooMuch).ThenBy(e => e.Name.ToString(), StringComparer.Ordinal).Take(count).Select(e => e.Name.ToString())];
    }
}
