using System.Text;

namespace Oops.Core;

/// <summary>Zone names of one server, numbered. Kept as bytes in one arena: about 30 B a zone instead of the 110 B of a string in a dictionary.</summary>
internal sealed class ZoneNames
{
    /// <summary>A name of 255 octets with every octet escaped as \DDD.</summary>
    const int Longest = 1020;

    byte[] arena = new byte[256];
    int[] ends = new int[16];
    int[] slots = new int[32];

    public int Count { get; private set; }

    /// <summary>The number of the name, or -1.</summary>
    public int Find(string name)
    {
        Span<byte> utf8 = stackalloc byte[Longest];
        return Encoding.UTF8.TryGetBytes(name, utf8, out var length) ? slots[Slot(utf8[..length])] - 1 : -1;
    }

    /// <summary>The number of the name, a new one if need be; -1 if it cannot be the name of a zone.</summary>
    public int Intern(string name)
    {
        Span<byte> utf8 = stackalloc byte[Longest];
        if (!Encoding.UTF8.TryGetBytes(name, utf8, out var length) || length == 0) return -1;
        var slot = Slot(utf8[..length]);
        if (slots[slot] != 0) return slots[slot] - 1;
        return Add(utf8[..length], slot);
    }

    public string Name(int id) => Encoding.UTF8.GetString(Bytes(id));

    int Add(ReadOnlySpan<byte> name, int slot)
    {
        if (Count == ends.Length) Array.Resize(ref ends, Count + Count / 2);
        var start = Count == 0 ? 0 : ends[Count - 1];
        if (start + name.Length > arena.Length) Array.Resize(ref arena, Math.Max(start + name.Length, arena.Length + arena.Length / 2));
        name.CopyTo(arena.AsSpan(start));
        ends[Count] = start + name.Length;
        slots[slot] = ++Count;
        if (Count * 3 > slots.Length * 2) Rehash();
        return Count - 1;
    }

    ReadOnlySpan<byte> Bytes(int id)
    {
        var start = id == 0 ? 0 : ends[id - 1];
        return arena.AsSpan(start, ends[id] - start);
    }

    int Slot(ReadOnlySpan<byte> name)
    {
        var mask = slots.Length - 1;
        var at = (int)(Hash(name) & (uint)mask);
        while (slots[at] != 0 && !Bytes(slots[at] - 1).SequenceEqual(name)) at = (at + 1) & mask;
        return at;
    }

    void Rehash()
    {
        slots = new int[slots.Length * 2];
        for (var id = 0; id < Count; id++) slots[Slot(Bytes(id))] = id + 1;
    }

    /// <summary>FNV-1a: the order of numbering never depends on it, so replay is the same everywhere.</summary>
    static uint Hash(ReadOnlySpan<byte> name)
    {
        var hash = 2166136261u;
        foreach (var b in name) hash = (hash ^ b) * 16777619u;
        return hash ^ (hash >> 15);
    }
}
