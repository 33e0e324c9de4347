using System.Buffers.Binary;
using System.Text;

namespace Oops.Core;

/// <summary>
/// Zone names of one server, numbered. Kept as bytes in one arena: some 15 B a zone besides the name instead of the 110 B of a string in a dictionary. One task adds; a name that is there
/// stays where it is, so that whoever was given its number may read it on any thread.
/// </summary>
public sealed class ZoneNames
{
    /// <summary>A name of 255 octets with every octet escaped as \DDD.</summary>
    public const int Longest = 1020;

    /// <summary>Numbers have 24 bits; the other eight tell most other names apart without a look at them.</summary>
    const int NumberBits = 24, NumberMask = (1 << NumberBits) - 1;

    /// <summary>Pieces of the arena double from the smallest to the largest; the higher bits of a place say which, the others where in it.</summary>
    const int SmallestBits = 12, LargestBits = 20, OffsetMask = (1 << LargestBits) - 1;

    readonly Column<uint> places = new();
    byte[][] arena = [];
    int used;

    /// <summary>Number + 1 and a piece of the hash; 0: free.</summary>
    uint[] slots = new uint[32];

    public int Count { get; private set; }

    /// <summary>The number of the name, or -1.</summary>
    public int Find(ReadOnlySpan<char> name)
    {
        Span<byte> utf8 = stackalloc byte[Longest];
        return Encoding.UTF8.TryGetBytes(name, utf8, out var length) ? Number(slots[Slot(utf8[..length], Hash(utf8[..length]))]) : -1;
    }

    /// <summary>The number of the name, a new one if need be; -1 if it cannot be the name of a zone.</summary>
    public int Intern(ReadOnlySpan<char> name)
    {
        Span<byte> utf8 = stackalloc byte[Longest];
        return Encoding.UTF8.TryGetBytes(name, utf8, out var length) ? Intern(utf8[..length]) : -1;
    }

    /// <summary>The same, of a name in UTF-8.</summary>
    public int Intern(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > Longest) return -1;
        var hash = Hash(utf8);
        var slot = Slot(utf8, hash);
        return slots[slot] != 0 ? Number(slots[slot]) : Add(utf8, slot, hash);
    }

    public string Name(int number) => Encoding.UTF8.GetString(Utf8(number));

    public ReadOnlySpan<byte> Utf8(int number)
    {
        var place = places[number];
        var bytes = arena[place >> LargestBits].AsSpan((int)(place & OffsetMask));
        return bytes.Slice(sizeof(ushort), BinaryPrimitives.ReadUInt16LittleEndian(bytes));
    }

    int Add(ReadOnlySpan<byte> name, int slot, uint hash)
    {
        if (Count == NumberMask) return -1;
        var needed = sizeof(ushort) + name.Length;
        if (arena.Length == 0 || used + needed > arena[^1].Length)
        {
            if (arena.Length > uint.MaxValue >> LargestBits) return -1;
            arena = [.. arena, new byte[1 << Math.Min(SmallestBits + arena.Length, LargestBits)]];
            used = 0;
        }

        var bytes = arena[^1].AsSpan(used);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)name.Length);
        name.CopyTo(bytes[sizeof(ushort)..]);
        places.At(Count) = (uint)(arena.Length - 1) << LargestBits | (uint)used;
        used += needed;
        slots[slot] = Key(Count, hash);
        Count++;
        if (Count * 3L > slots.Length * 2L) Rehash();
        return Count - 1;
    }

    static uint Key(int number, uint hash) => (uint)(number + 1) | hash & ~(uint)NumberMask;

    static int Number(uint key) => (int)(key & NumberMask) - 1;

    int Slot(ReadOnlySpan<byte> name, uint hash)
    {
        var mask = slots.Length - 1;
        for (var at = (int)(hash & (uint)mask); ; at = (at + 1) & mask)
        {
            var key = slots[at];
            if (key == 0 || ((key ^ hash) >> NumberBits == 0 && Utf8(Number(key)).SequenceEqual(name))) return at;
        }
    }

    void Rehash()
    {
        slots = new uint[slots.Length * 2];
        for (var number = 0; number < Count; number++)
        {
            var name = Utf8(number);
            var hash = Hash(name);
            slots[Slot(name, hash)] = Key(number, hash);
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
