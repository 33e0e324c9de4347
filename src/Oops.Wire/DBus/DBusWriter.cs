using System.Buffers.Binary;
using System.Text;

namespace Oops.Wire.DBus;

/// <summary>Marshals values into a growing buffer. The caller keeps to its signature; wrong use is a bug of ours and throws.</summary>
public sealed class DBusWriter(bool bigEndian = false)
{
    byte[] buffer = new byte[256];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

    public bool BigEndian { get; } = bigEndian;

    public DBusWriter Byte(byte value)
    {
        Take(1, 1)[0] = value;
        return this;
    }

    public DBusWriter Boolean(bool value) => UInt32(value ? 1u : 0);

    public DBusWriter UInt16(ushort value)
    {
        if (BigEndian) BinaryPrimitives.WriteUInt16BigEndian(Take(2, 2), value);
        else BinaryPrimitives.WriteUInt16LittleEndian(Take(2, 2), value);
        return this;
    }

    public DBusWriter Int16(short value) => UInt16(unchecked((ushort)value));

    public DBusWriter UInt32(uint value)
    {
        Put(Take(4, 4), value);
        return this;
    }

    public DBusWriter Int32(int value) => UInt32(unchecked((uint)value));

    public DBusWriter UInt64(ulong value)
    {
        if (BigEndian) BinaryPrimitives.WriteUInt64BigEndian(Take(8, 8), value);
        else BinaryPrimitives.WriteUInt64LittleEndian(Take(8, 8), value);
        return this;
    }

    public DBusWriter Int64(long value) => UInt64(unchecked((ulong)value));

    public DBusWriter Double(double value) => UInt64(BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A string or an object path.</summary>
    public DBusWriter String(string value)
    {
        if (value.Contains('\0', StringComparison.Ordinal)) throw new ArgumentException("a D-Bus string has no NUL", nameof(value));
        var size = Encoding.UTF8.GetByteCount(value);
        UInt32((uint)size);
        Encoding.UTF8.GetBytes(value, Take(size + 1, 1));
        return this;
    }

    public DBusWriter Signature(string value)
    {
        var size = Encoding.ASCII.GetByteCount(value);
        if (size > DBusSignature.MaxLength) throw new ArgumentException("a D-Bus signature has at most 255 bytes", nameof(value));
        Byte((byte)size);
        Encoding.ASCII.GetBytes(value, Take(size + 1, 1));
        return this;
    }

    /// <summary>Begins a variant of one complete type; its value is written next.</summary>
    public DBusWriter Variant(string signature) => Signature(signature);

    /// <summary>Begins a struct or a dict entry; it needs no end.</summary>
    public DBusWriter Struct()
    {
        Take(0, 8);
        return this;
    }

    /// <summary>Begins an array of elements whose type starts with <paramref name="element"/>; end it with <see cref="EndArray"/>.</summary>
    public DBusArray BeginArray(char element)
    {
        UInt32(0);
        var lengthAt = Length - 4;
        Take(0, DBusSignature.Alignment((byte)element));
        return new DBusArray(lengthAt, Length);
    }

    public DBusWriter EndArray(DBusArray array)
    {
        Put(buffer.AsSpan(array.LengthAt, 4), (uint)(Length - array.Start));
        return this;
    }

    internal void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length, 1));

    void Put(Span<byte> at, uint value)
    {
        if (BigEndian) BinaryPrimitives.WriteUInt32BigEndian(at, value);
        else BinaryPrimitives.WriteUInt32LittleEndian(at, value);
    }

    // New bytes of the buffer are zero: padding and terminators need no writing.
    Span<byte> Take(int size, int align)
    {
        var start = checked(Length + (-Length & (align - 1)));
        var end = checked(start + size);
        if (end > buffer.Length) Array.Resize(ref buffer, checked(Math.Max(end, buffer.Length * 2)));
        Length = end;
        return buffer.AsSpan(start, size);
    }
}

/// <summary>An array that is being written: where its length is, and where its elements begin.</summary>
public readonly record struct DBusArray(int LengthAt, int Start);
