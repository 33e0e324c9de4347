using System.Buffers.Binary;
using Oops.Wire.Dns;

namespace Oops.Zones.Compact;

/// <summary>What came of adding a record.</summary>
internal enum Placed
{
    Added,

    /// <summary>It was there: RRsets have each record once (RFC 2181, 5).</summary>
    Duplicate,

    /// <summary>Added; its TTL differs from the RRset's, which stays (RFC 2181, 5.2).</summary>
    OtherTtl,

    /// <summary>The RRset would not fit into a message, or the name holds more than it may: not added.</summary>
    TooLarge,
}

/// <summary>
/// Changes a tree by single records into another one. The old one stays as it was; only pages that are touched are copied. What comes in canonical order, as signers and primaries give it, costs no search.
/// </summary>
internal sealed class TreeEdit(ZoneTree from)
{
    /// <summary>Octets of all records of a name, and RRsets with the signatures of each: more would make each look at it slow, and nobody has them (BIND takes 100 types at a name).</summary>
    public const int MaxNode = 256 * 1024, MaxRRsets = 256;

    readonly List<ZonePage> pages = [.. from.Pages];

    // Where the last record went: most come with or behind it.
    int lastPage = -1, lastNode;

    /// <summary>Records added less those removed.</summary>
    public long Records { get; private set; }

    /// <summary>Octets that the tree holds.</summary>
    public long Octets { get; private set; } = from.Octets;

    public Placed Add(ReadOnlySpan<byte> key, DnsType type, DnsType covered, uint ttl, ReadOnlySpan<byte> data)
    {
        var (index, offset) = Place(key);
        var page = pages[index];
        var node = page[offset];
        var (at, rrsets) = (offset + node.EntriesStart, 0);
        foreach (var rrset in node.RRsets)
        {
            rrsets++;
            if (Compare(rrset, type, covered) < 0)
                at += rrset.Size;
        }

        var entry = at < offset + node.Size ? RRset.At(page.Octets[at..]) : default;
        var fresh = entry.IsAbsent || Compare(entry, type, covered) != 0;
        var place = at + RRset.Head;
        var placed = Placed.Added;
        if (!fresh)
        {
            if (!TryPlace(entry, data, ref place))
                return Placed.Duplicate;
            if (entry.Size - RRset.Head + sizeof(ushort) + data.Length > ushort.MaxValue || entry.Count == ushort.MaxValue)
                return Placed.TooLarge;
            if (entry.Ttl != ttl)
                placed = Placed.OtherTtl;
        }

        var size = sizeof(ushort) + data.Length + (fresh ? RRset.Head : 0);
        if (node.Size + size > MaxNode || (fresh && rrsets == MaxRRsets))
            return Placed.TooLarge;
        if (fresh)
            RRset.WriteHead(page.Insert(at, RRset.Head), type, covered, ttl);
        var record = page.Insert(place, sizeof(ushort) + data.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(record, (ushort)data.Length);
        data.CopyTo(record[sizeof(ushort)..]);
        page.AddInt32(at + RRset.DataSizeAt, record.Length);
        page.AddUInt16(at + RRset.CountAt, 1);
        page.AddInt32(offset, size);
        Octets += size;
        Records++;
        if (page.Length > ZonePage.Full && page.Nodes > 1)
            Split(index, offset);
        return placed;
    }

    /// <summary>False: it is not there.</summary>
    public bool Remove(ReadOnlySpan<byte> key, DnsType type, DnsType covered, ReadOnlySpan<byte> data)
    {
        var index = ZoneTree.PageOf(Held, key);
        if (index < 0 || !pages[index].TryFind(key, out var offset))
            return false;
        var page = Own(index);
        var node = page[offset];
        var at = offset + node.EntriesStart;
        foreach (var rrset in node.RRsets)
        {
            if (Compare(rrset, type, covered) == 0)
                return RemoveFrom(index, offset, at, rrset, data);
            at += rrset.Size;
        }

        return false;
    }

    /// <summary>The tree as it is now. The edit is over.</summary>
    public ZoneTree Seal()
    {
        foreach (var page in pages)
        {
            if (page.Editor == this)
                page.Seal();
        }

        var sealedPages = pages.ToArray();
        pages.Clear();
        return new ZoneTree(sealedPages);
    }

    ReadOnlySpan<ZonePage> Held => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(pages);

    /// <summary>The node of that key, which is made if it is not there, in a page that may be changed.</summary>
    (int Page, int Node) Place(ReadOnlySpan<byte> key)
    {
        if (lastPage >= 0 && pages[lastPage][lastNode].Key.SequenceEqual(key))
            return (lastPage, lastNode);
        if (pages.Count == 0)
            pages.Add(new ZonePage([], 0, this));
        // Behind the last of all is where records that come in order go.
        var index = lastPage == pages.Count - 1 && lastPage >= 0 && pages[lastPage].FirstKey.SequenceCompareTo(key) <= 0 ? lastPage : pages[0].Nodes == 0 ? 0 : Math.Max(0, ZoneTree.PageOf(Held, key));
        var page = Own(index);
        var offset = index == lastPage && lastNode + page[lastNode].Size == page.Length && page[lastNode].Key.SequenceCompareTo(key) < 0 ? page.Length : -1;
        if (offset >= 0 || !page.TryFind(key, out offset))
            page.InsertNode(offset, key);
        return (lastPage, lastNode) = (index, offset);
    }

    ZonePage Own(int index) => pages[index].Editor == this ? pages[index] : pages[index] = pages[index].CopyFor(this);

    void Split(int index, int touched)
    {
        var page = pages[index];
        // What comes in order leaves full pages behind it.
        var atEnd = touched + page[touched].Size == page.Length;
        var (at, nodes) = (0, 0);
        while (nodes < page.Nodes - 1 && (nodes == 0 || (atEnd ? at < touched : at < page.Length / 2)))
        {
            at += page[at].Size;
            nodes++;
        }

        pages.Insert(index + 1, page.SplitAt(at, nodes));
        (lastPage, lastNode) = touched >= at ? (index + 1, touched - at) : (index, touched);
    }

    bool RemoveFrom(int index, int offset, int at, in RRset rrset, ReadOnlySpan<byte> data)
    {
        var page = pages[index];
        var place = at + RRset.Head;
        foreach (var had in rrset.Data)
        {
            if (had.SequenceEqual(data))
            {
                var (whole, nodeEmpty) = (rrset.Count == 1, rrset.Count == 1 && page[offset].Size == page[offset].EntriesStart + rrset.Size);
                var size = whole ? rrset.Size : sizeof(ushort) + data.Length;
                lastPage = -1;
                Octets -= size;
                Records--;
                if (nodeEmpty)
                {
                    page.RemoveNode(offset);
                    if (page.Nodes == 0)
                        pages.RemoveAt(index);
                    return true;
                }

                if (!whole)
                {
                    page.AddInt32(at + RRset.DataSizeAt, -size);
                    page.AddUInt16(at + RRset.CountAt, -1);
                }

                page.AddInt32(offset, -size);
                page.Remove(whole ? at : place, size);
                return true;
            }

            place += sizeof(ushort) + had.Length;
        }

        return false;
    }

    /// <summary>Moves to where the data belongs in canonical order; false: it is there.</summary>
    static bool TryPlace(in RRset rrset, ReadOnlySpan<byte> data, ref int place)
    {
        foreach (var had in rrset.Data)
        {
            var order = had.SequenceCompareTo(data);
            if (order >= 0)
                return order > 0;
            place += sizeof(ushort) + had.Length;
        }

        return true;
    }

    static int Compare(in RRset rrset, DnsType type, DnsType covered) => ((uint)rrset.Type << 16 | (uint)rrset.Covered).CompareTo((uint)type << 16 | (uint)covered);
}
