using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Oops.Wire.DBus;

/// <summary>
/// Reads marshalled values. Bounds, padding, text and depth are checked here, once; after the first fault every further read fails with it.
/// Positions count from the start of the span, which must be 8-aligned in its message (a header or a body).
/// </summary>
public ref struct DBusReader(ReadOnlySpan<byte> data, bool bigEndian)
{
    /// <summary>Longest array, in bytes. D-Bus specification, "Marshaling (Wire Format)".</summary>
    public const int MaxArray = 1 << 26;

    const int MaxNesting = 64;

    readonly ReadOnlySpan<byte> data = data;
    readonly bool bigEndian = bigEndian;

    public int Position { get; private set; }

    /// <summary>The first fault; None as long as all went well.</summary>
    public DBusFault Fault { get; private set; }

    public readonly bool AtEnd => Position == data.Length;

    public bool TryByte(out byte value)
    {
        var ok = TryTake(1, 1, out var bytes);
        value = ok ? bytes[0] : (byte)0;
        return ok;
    }

    public bool TryBoolean(out bool value)
    {
        value = TryUInt32(out var raw) && raw == 1;
        return Fault == DBusFault.None && (raw <= 1 || Fail(DBusFault.Boolean));
    }

    public bool TryUInt16(out ushort value)
    {
        var ok = TryTake(2, 2, out var b);
        value = !ok ? (ushort)0 : bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(b) : BinaryPrimitives.ReadUInt16LittleEndian(b);
        return ok;
    }

    public bool TryInt16(out short value)
    {
        var ok = TryUInt16(out var raw);
        value = unchecked((short)raw);
        return ok;
    }

    public bool TryUInt32(out uint value)
    {
        var ok = TryTake(4, 4, out var b);
        value = !ok ? 0 : bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(b) : BinaryPrimitives.ReadUInt32LittleEndian(b);
        return ok;
    }

    public bool TryInt32(out int value)
    {
        var ok = TryUInt32(out var raw);
        value = unchecked((int)raw);
        return ok;
    }

    public bool TryUInt64(out ulong value)
    {
        var ok = TryTake(8, 8, out var b);
        value = !ok ? 0 : bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(b) : BinaryPrimitives.ReadUInt64LittleEndian(b);
        return ok;
    }

    public bool TryInt64(out long value)
    {
        var ok = TryUInt64(out var raw);
        value = unchecked((long)raw);
        return ok;
    }

    public bool TryDouble(out double value)
    {
        var ok = TryUInt64(out var raw);
        value = BitConverter.UInt64BitsToDouble(raw);
        return ok;
    }

    /// <summary>A string's UTF-8, valid and without NUL.</summary>
    public bool TryText(out ReadOnlySpan<byte> utf8)
    {
        utf8 = default;
        return TryUInt32(out var length) && TryTerminated(length, out utf8)
            && (Utf8.IsValid(utf8) && !utf8.Contains((byte)0) || Fail(DBusFault.Text));
    }

    public bool TryString(out string value)
    {
        var ok = TryText(out var utf8);
        value = ok ? Encoding.UTF8.GetString(utf8) : "";
        return ok;
    }

    public bool TryObjectPath(out ReadOnlySpan<byte> path) => TryText(out path) && (DBusName.IsObjectPath(path) || Fail(DBusFault.Name));

    public bool TrySignature(out ReadOnlySpan<byte> signature)
    {
        signature = default;
        return TryByte(out var length) && TryTerminated(length, out signature)
            && (DBusSignature.IsValid(signature) || Fail(DBusFault.Signature));
    }

    /// <summary>Begins a variant: its value, of exactly this type, comes next.</summary>
    public bool TryVariant(out ReadOnlySpan<byte> signature) =>
        TrySignature(out signature) && (DBusSignature.IsSingle(signature) || Fail(DBusFault.Signature));

    /// <summary>Begins a struct or dict entry.</summary>
    public bool TryStruct() => TryAlign(8);

    /// <summary>Begins an array: its elements fill the bytes up to <paramref name="end"/>.</summary>
    /// <param name="element">The first code of the element's type, for its alignment.</param>
    /// <param name="end">The position after the last element.</param>
    public bool TryArray(char element, out int end)
    {
        end = Position;
        var align = DBusSignature.Alignment((byte)element);
        if (align == 0) return Fail(DBusFault.Signature);
        if (!TryUInt32(out var length)) return false;
        if (length > MaxArray) return Fail(DBusFault.TooLong);
        // The padding to the first element is not part of the length, and is there even when the array is empty.
        if (!TryAlign(align)) return false;
        if (length > (uint)(data.Length - Position)) return Fail(DBusFault.Truncated);
        end = Position + (int)length;
        return true;
    }

    /// <summary>Reads past, and validates, one value for each complete type of a valid signature.</summary>
    public bool TrySkip(ReadOnlySpan<byte> signature)
    {
        while (!signature.IsEmpty)
        {
            var length = DBusSignature.FirstLength(signature);
            if (length == 0) return Fail(DBusFault.Signature);
            if (!TrySkipOne(signature[..length], 0)) return false;
            signature = signature[length..];
        }

        return Fault == DBusFault.None;
    }

    bool TrySkipOne(ReadOnlySpan<byte> type, int depth)
    {
        // A variant in a variant in a variant is not bounded by any signature, only by this.
        if (depth > MaxNesting) return Fail(DBusFault.Depth);
        switch (type[0])
        {
            case (byte)'b': return TryBoolean(out _);
            case (byte)'s': return TryText(out _);
            case (byte)'o': return TryObjectPath(out _);
            case (byte)'g': return TrySignature(out _);
            case (byte)'v': return TryVariant(out var inner) && TrySkipOne(inner, depth + 1);
            case (byte)'a': return TrySkipArray(type[1..], depth + 1);
            case (byte)'(' or (byte)'{': return TrySkipMembers(type[1..^1], depth + 1);
            default:
                var size = DBusSignature.Alignment(type[0]);
                return size != 0 ? TryTake(size, size, out _) : Fail(DBusFault.Signature);
        }
    }

    bool TrySkipMembers(ReadOnlySpan<byte> members, int depth)
    {
        if (!TryStruct()) return false;
        while (!members.IsEmpty)
        {
            var length = DBusSignature.FirstLength(members);
            if (length == 0) return Fail(DBusFault.Signature);
            if (!TrySkipOne(members[..length], depth)) return false;
            members = members[length..];
        }

        return true;
    }

    bool TrySkipArray(ReadOnlySpan<byte> element, int depth)
    {
        if (!TryArray((char)element[0], out var end)) return false;
        if (element.Length == 1 && element[0] is (byte)'y' or (byte)'n' or (byte)'q' or (byte)'i' or (byte)'u' or (byte)'x' or (byte)'t' or (byte)'d')
        {
            if ((end - Position) % DBusSignature.Alignment(element[0]) != 0) return Fail(DBusFault.Body);
            Position = end;
            return true;
        }

        while (Position < end)
            if (!TrySkipOne(element, depth)) return false;
        return Position == end || Fail(DBusFault.Body);
    }

    bool TryTerminated(uint length, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (length >= (uint)(data.Length - Position)) return Fail(DBusFault.Truncated);
        bytes = data.Slice(Position, (int)length);
        if (data[Position + (int)length] != 0) return Fail(DBusFault.Text);
        Position += (int)length + 1;
        return true;
    }

    bool TryTake(int size, int align, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!TryAlign(align)) return false;
        if (size > data.Length - Position) return Fail(DBusFault.Truncated);
        bytes = data.Slice(Position, size);
        Position += size;
        return true;
    }

    bool TryAlign(int align)
    {
        if (Fault != DBusFault.None) return false;
        var padding = -Position & (align - 1);
        if (padding > data.Length - Position) return Fail(DBusFault.Truncated);
        if (data.Slice(Position, padding).ContainsAnyExcept((byte)0)) return Fail(DBusFault.Padding);
        Position += padding;
        return true;
    }

    bool Fail(DBusFault fault)
    {
        if (Fault == DBusFault.None) Fault = fault;
        return false;
    }
}
