using System.Buffers.Binary;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>
/// What the judgement of a page rests on beside the page: it stands as long as all of that is the same. Names and hashes are kept as 64 bits: two that share them make a page be judged once too often, never too seldom.
/// </summary>
/// <param name="Asked">The names that were looked up, and the hashes of the page's own names: marks, see <see cref="MarkOf"/>.</param>
/// <param name="Open">Of names without an NSEC3 record: where their hashes are in the order of hashes, rising.</param>
/// <param name="Before">The last name of the page before; null: there is none, or nobody asked.</param>
/// <param name="NextOf">Where in the page the name is whose next name is on another page; -1: nobody asked.</param>
/// <param name="Next">That next name.</param>
internal sealed record PageGrounds(ulong[] Asked, ulong[] Open, byte[]? Before, int NextOf, byte[] Next)
{
    const ulong Offset = 0xcbf29ce484222325, Prime = 0x100000001b3, BelowTwist = 0x9e3779b97f4a7c15, HashTwist = 0xc2b2ae3d27d4eb4f;

    /// <summary>The mark of a name itself: FNV-1a.</summary>
    public static ulong MarkOf(ReadOnlySpan<byte> key)
    {
        var mark = Offset;
        foreach (var octet in key)
            mark = (mark ^ octet) * Prime;
        return mark;
    }

    /// <summary>The mark of all that is below a name.</summary>
    public static ulong MarkOfBelow(ReadOnlySpan<byte> key) => MarkOf(key) ^ BelowTwist;

    /// <summary>The mark of the NSEC3 record of a hash.</summary>
    public static ulong MarkOfHash(ReadOnlySpan<byte> hash) => PlaceOf(hash) ^ HashTwist;

    /// <summary>Where a hash is in the order of hashes.</summary>
    public static ulong PlaceOf(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt64BigEndian(hash);
}

/// <summary>Notes what is looked at beside a page while it is judged. One for each thread, used again for each page.</summary>
internal sealed class GroundNotes
{
    readonly List<ulong> asked = [], open = [];
    byte[]? before;
    byte[] next = [];
    int nextOf = -1;

    public void Asked(ReadOnlySpan<byte> key) => asked.Add(PageGrounds.MarkOf(key));

    public void AskedBelow(ReadOnlySpan<byte> key) => asked.Add(PageGrounds.MarkOfBelow(key));

    public void Hashed(ReadOnlySpan<byte> hash) => asked.Add(PageGrounds.MarkOfHash(hash));

    public void Open(ReadOnlySpan<byte> hash) => open.Add(PageGrounds.PlaceOf(hash));

    public void Before(ReadOnlySpan<byte> key) => before = key.ToArray();

    public void Next(int of, ReadOnlySpan<byte> key) => (nextOf, next) = (of, key.ToArray());

    /// <summary>What was noted, and begins anew.</summary>
    public PageGrounds Take()
    {
        var grounds = new PageGrounds(Distinct(asked), Distinct(open), before, nextOf, next);
        (before, nextOf, next) = (null, -1, []);
        return grounds;
    }

    static ulong[] Distinct(List<ulong> marks)
    {
        marks.Sort();
        var kept = 0;
        for (var i = 0; i < marks.Count; i++)
        {
            if (kept == 0 || marks[kept - 1] != marks[i])
                marks[kept++] = marks[i];
        }

        var distinct = kept == 0 ? [] : marks.GetRange(0, kept).ToArray();
        marks.Clear();
        return distinct;
    }
}
