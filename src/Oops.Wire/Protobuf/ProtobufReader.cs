using System.Buffers.Binary;

namespace Oops.Wire.Protobuf;

/// <summary>Walks the fields of one protobuf message (protobuf encoding, wire types 0, 1, 2 and 5; groups are not in use any more and malformed here).</summary>
ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    ReadOnlySpan<byte> rest = message;

    /// <summary>Everything was read.</summary>
    public readonly bool AtEnd => rest.IsEmpty;

    /// <summary>The number of the field that <see cref="TryNext"/> read.</summary>
    public uint Field { get; private set; }

    /// <summary>Its value, if it is a number (varint, fixed32, fixed64).</summary>
    public ulong Number { get; private set; }

    /// <summary>Its octets, if it has a length.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>It has a length.</summary>
    public bool IsBytes { get; private set; }

    /// <summary>False at the end, or where the message is malformed: then it is not <see cref="AtEnd"/>.</summary>
    public bool TryNext()
    {
        if (rest.IsEmpty || !TryVarint(out var tag))
            return false;
        Field = (uint)(tag >> 3);
        IsBytes = false;
        if (Field == 0 || tag > uint.MaxValue)
            return Malformed();
        switch (tag & 7)
        {
            case 0:
                if (!TryVarint(out var number))
                    return Malformed();
                Number = number;
                return true;
            case 1:
                if (rest.Length < 8)
                    return Malformed();
                Number = BinaryPrimitives.ReadUInt64LittleEndian(rest);
                rest = rest[8..];
                return true;
            case 2:
                if (!TryVarint(out var length) || length > (ulong)rest.Length)
                    return Malformed();
                Bytes = rest[..(int)length];
                IsBytes = true;
                rest = rest[(int)length..];
                return true;
            case 5:
                if (rest.Length < 4)
                    return Malformed();
                Number = BinaryPrimitives.ReadUInt32LittleEndian(rest);
                rest = rest[4..];
                return true;
            default:
                return Malformed();
        }
    }

    // What is malformed at its very end must not look like an end.
    bool Malformed()
    {
        rest = Stuck;
        return false;
    }

    static ReadOnlySpan<byte> Stuck => [0xFF];

    /// <summary>The next number of a packed field, or of a tag. False where there is none, or no whole one.</summary>
    public bool TryVarint(out ulong value)
    {
        // Nearly all are one octet.
        if (rest[..Math.Min(1, rest.Length)] is [< 0x80 and var single])
        {
            value = single;
            rest = rest[1..];
            return true;
        }

        value = 0;
        for (var i = 0; i < rest.Length && i < 10; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] >= 0x80)
                continue;
            rest = rest[(i + 1)..];
            return true;
        }

        return false;
    }
}
