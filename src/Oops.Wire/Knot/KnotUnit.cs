namespace Oops.Wire.Knot;

/// <summary>The type byte of a unit. Knot DNS, src/libknot/control/control.c.</summary>
public enum KnotUnitType : byte
{
    /// <summary>Closes the session.</summary>
    End = 0,

    /// <summary>Begins a command, or the answer's part for one zone.</summary>
    Data = 1,

    /// <summary>Goes on with the last DATA.</summary>
    Extra = 2,

    /// <summary>Ends a request or an answer.</summary>
    Block = 3,
}

/// <summary>The code byte of an item, which is followed by a 16-bit length and a value.</summary>
public enum KnotItem : byte
{
    Command = 0x10,
    Flags = 0x11,
    Error = 0x12,
    Section = 0x13,
    Item = 0x14,
    Id = 0x15,
    Zone = 0x16,
    Owner = 0x17,
    Ttl = 0x18,
    Type = 0x19,
    Data = 0x1a,
    Filters = 0x1b,
}

/// <summary>One unit: a type and at most one item of each code. Its values are slices of the decoder's buffer and die with the next call to it.</summary>
public readonly ref struct KnotUnit
{
    internal const int Codes = 12;

    readonly ReadOnlySpan<byte> items;

    internal KnotUnit(KnotUnitType type, ReadOnlySpan<byte> items)
    {
        Type = type;
        this.items = items;
    }

    public KnotUnitType Type { get; }

    /// <summary>The value of an item; empty when it is absent or empty.</summary>
    public ReadOnlySpan<byte> this[KnotItem code] => TryGet(code, out var value) ? value : default;

    /// <summary>False when the item is absent.</summary>
    public bool TryGet(KnotItem code, out ReadOnlySpan<byte> value)
    {
        // The decoder has checked every length.
        for (var rest = items; rest.Length >= 3;)
        {
            var length = rest[1] << 8 | rest[2];
            value = rest.Slice(3, length);
            if (rest[0] == (byte)code) return true;
            rest = rest[(3 + length)..];
        }

        value = default;
        return false;
    }
}
