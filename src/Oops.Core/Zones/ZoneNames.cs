using System.Buffers.Binary;
using System.Text;

namespace Oops.Core;

/// <summary>Zone names of one server, numbered. Kept as bytes in one arena: about 50 B a zone instead of the 110 B of a string in a dictionary.</summary>
internal sealed class ZoneNames
{
    /// <summary>A name of 255 octets with every octet escaped as \DDD.</summary>
    const int Longest = 1020;

    /// <summary>Numbers have 24 bits; the other eight tell most other names apart without a look at them.</summary>
    const int NumberBits = 24, NumberMask = (1 << NumberBits) - 1;

    /// <summary>Number + 1 and a piece of the hash; where the name is in the arena, its length first.</summary>
    struct Slot
    {
        public uint Key;
        public int Start;
    }

    byte[] arena = new byte[256];
    int[] starts = new int[16];
    Slot[] slots = new Slot[32];
    int used;

    public int Count { get; private set; }

    /// <summary>The number of the name, or -1.</summary>
    public int Find(string name)
    {
        Span<byte> utf8 = stackalloc byte[Longest];
        return Encoding.UTF8.TryGetBytes(name, utf8, out var length) ? Number(slots[Place(utf8[..length], Hash(utf8[..length]))]) : -1;
    }

    /// <summary>The number of the name, a new one if need be; -1 if it cannot be the name of a zone.</summary>
    public int Intern(string name)
    {
        Span<byte> utf8 = stackalloc byte[Longest];
        if (!Encoding.UTF8.TryGetBytes(name, utf8, out var length) || length == 0) return -1;
        var hash = Hash(utf8[..length]);
        var place = Place(utf8[..length], hash);
        return slots[place].Key != 0 ? Number(slots[place]) : Add(utf8[..length], place, hash);
    }

    public string Name(int id) => Encoding.UTF8.GetString(Bytes(starts[id]));

    int Add(ReadOnlySpan<byte> name, int place, uint hash)
    {
        if (Count == NumberMask) return -1;
        if (Count == starts.Length) Array.Resize(ref starts, ZoneTable.Grown(Count, Count));
        var needed = used + sizeof(ushort) + name.Length;
        if (needed > arena.Length) Array.Resize(ref arena, ZoneTable.Grown(arena.Length, needed));
        BinaryPrimitives.WriteUInt16LittleEndian(arena.AsSpan(used), (ushort)name.Length);
        name.CopyTo(arena.AsSpan(used + sizeof(ushort)));
        (starts[Count], used) = (used, needed);
        slots[place] = new() { Key = Key(Count, hash), Start = starts[Count] };
        Count++;
        if (Count * 3L > slots.Length * 2L) Rehash();
        return Count - 1;
    }

    ReadOnlySpan<byte> Bytes(int start) => arena.AsSpan(start + sizeof(ushort), BinaryPrimitives.ReadUInt16LittleEndian(arena.AsSpan(start)));

    static uint Key(int number, uint hash) => (uint)(number + 1) | hash & 0xFF00_0000;

    static int Number(Slot slot) => (int)(slot.Key & NumberMask) - 1;

    int Place(ReadOnlySpan<byte> name, uint hash)
    {
        var mask = slots.Length - 1;
        for (var at = (int)(hash & (uint)mask); ; at = (at + 1) & mask)
        {
            var slot = slots[at];
            if (slot.Key == 0 || ((slot.Key ^ hash) >> NumberBits == 0 && Bytes(slot.Start).SequenceEqual(name))) return at;
        }
    }

    void Rehash()
    {
        slots = new Slot[slots.Length * 2];
        for (var id = 0; id < Count; id++)
        {
            var name = Bytes(starts[id]);
            var hash = Hash(name);
            slots[Place(name, hash)] = new() { Key = Key(id, hash), Start = starts[id] };
        }
    }

    /// <summary>FNV-1a: the order of numbering never depends on it, so replay is the same everywhere.</summary>
    static uint Hash(ReadOnlySpan<byte> name)
    {
        var hash = 2166136261u;
        foreach (var b in name) hash = (hash ^ b) * 16777619u;
        return hash ^ (hash >> 15);
    }
}
