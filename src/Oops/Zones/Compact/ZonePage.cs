using System.Buffers.Binary;

namespace Oops.Zones.Compact;

/// <summary>
/// Some neighbouring names of a zone with their RRsets, in canonical order, in one array. A page that belongs to a version of a zone never changes; one that belongs to an edit is the edit's own.
/// <code>
/// node:  u32 size | u16 size of key | key | entries        (sizes of all that is the node's; little end first: they are ours)
/// entry: u16 type | u16 covered | u32 TTL | u16 count | u32 size of data | (u16 size | data) in canonical order
/// </code>
/// </summary>
internal sealed class ZonePage
{
    /// <summary>Octets beyond which a page is split.</summary>
    public const int Full = 16 * 1024;

    byte[] octets;

    public ZonePage(byte[] octets, int nodes, TreeEdit? editor)
    {
        this.octets = octets;
        (Length, Nodes, Editor) = (octets.Length, nodes, editor);
    }

    /// <summary>Octets that are used.</summary>
    public int Length { get; private set; }

    /// <summary>Names.</summary>
    public int Nodes { get; private set; }

    /// <summary>Who may change it; null: nobody.</summary>
    public TreeEdit? Editor { get; private set; }

    public ReadOnlySpan<byte> Octets => octets.AsSpan(0, Length);

    /// <summary>The key of its first name.</summary>
    public ReadOnlySpan<byte> FirstKey => ZoneNode.At(Octets, 0).Key;

    /// <summary>The key of its last name.</summary>
    public ReadOnlySpan<byte> LastKey => this[LastOffset].Key;

    /// <summary>Where its last name is.</summary>
    public int LastOffset
    {
        get
        {
            var at = 0;
            while (at + this[at].Size < Length)
                at += this[at].Size;
            return at;
        }
    }

    public ZoneNode this[int offset] => ZoneNode.At(Octets, offset);

    /// <summary>A page of the same content that the edit may change.</summary>
    public ZonePage CopyFor(TreeEdit editor) => new(Octets.ToArray(), Nodes, editor);

    /// <summary>Nobody changes it from now on, and it takes no more memory than it must.</summary>
    public void Seal()
    {
        if (Editor is null)
            return;
        Editor = null;
        if (octets.Length != Length)
            octets = Octets.ToArray();
    }

    /// <summary>Where the key is, or where it would be.</summary>
    public bool TryFind(ReadOnlySpan<byte> key, out int offset)
    {
        var page = Octets;
        for (offset = 0; offset < page.Length; offset += ZoneNode.At(page, offset).Size)
        {
            var order = ZoneNode.At(page, offset).Key.SequenceCompareTo(key);
            if (order >= 0)
                return order == 0;
        }

        return false;
    }

    /// <summary>Makes room for so many octets, whose content is not set.</summary>
    public Span<byte> Insert(int at, int size)
    {
        if (Length + size > octets.Length)
            Array.Resize(ref octets, Math.Max(Length + size, Math.Min(2 * octets.Length, Length + size + Full)));
        octets.AsSpan(at, Length - at).CopyTo(octets.AsSpan(at + size));
        Length += size;
        return octets.AsSpan(at, size);
    }

    public void Remove(int at, int size)
    {
        octets.AsSpan(at + size, Length - at - size).CopyTo(octets.AsSpan(at));
        Length -= size;
    }

    /// <summary>Puts a node without entries.</summary>
    public void InsertNode(int at, ReadOnlySpan<byte> key)
    {
        var node = Insert(at, ZoneNode.Head + key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(node, node.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(node[4..], (ushort)key.Length);
        key.CopyTo(node[ZoneNode.Head..]);
        Nodes++;
    }

    public void RemoveNode(int at)
    {
        Remove(at, this[at].Size);
        Nodes--;
    }

    public void AddInt32(int at, int more)
    {
        var field = octets.AsSpan(at, sizeof(int));
        BinaryPrimitives.WriteInt32LittleEndian(field, BinaryPrimitives.ReadInt32LittleEndian(field) + more);
    }

    public void AddUInt16(int at, int more)
    {
        var field = octets.AsSpan(at, sizeof(ushort));
        BinaryPrimitives.WriteUInt16LittleEndian(field, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(field) + more));
    }

    /// <summary>Gives what stands from the node at <paramref name="at"/> on to a page of its own, and with it the room to grow: what comes in order grows there, and leaves pages behind it that take what they must.</summary>
    public ZonePage SplitAt(int at, int nodes)
    {
        var right = new ZonePage(octets, Nodes - nodes, Editor) { Length = Length - at };
        (octets, Length, Nodes) = (octets.AsSpan(0, at).ToArray(), at, nodes);
        right.octets.AsSpan(at, right.Length).CopyTo(right.octets);
        return right;
    }
}
