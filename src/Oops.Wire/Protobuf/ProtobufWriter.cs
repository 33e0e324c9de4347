using System.Buffers;
using System.Text;

namespace Oops.Wire.Protobuf;

/// <summary>Writes the fields of one protobuf message, in the order in which they are given. What has its default, a zero or nothing, is not written, as proto3 does.</summary>
sealed class ProtobufWriter
{
    readonly ArrayBufferWriter<byte> to = new();

    public ReadOnlySpan<byte> Written => to.WrittenSpan;

    public ProtobufWriter Number(uint field, ulong value)
    {
        if (value == 0) return this;
        Varint(field << 3);
        Varint(value);
        return this;
    }

    public ProtobufWriter Text(uint field, string text) => text.Length == 0 ? this : Bytes(field, Encoding.UTF8.GetBytes(text));

    /// <summary>A message, also an empty one: that it is there has a meaning.</summary>
    public ProtobufWriter Message(uint field, ProtobufWriter message) => Bytes(field, message.Written);

    /// <summary>Numbers, packed, as proto3 does.</summary>
    public ProtobufWriter Packed(uint field, IReadOnlyCollection<uint> numbers)
    {
        if (numbers.Count == 0) return this;
        var packed = new ProtobufWriter();
        foreach (var number in numbers) packed.Varint(number);
        return Bytes(field, packed.Written);
    }

    ProtobufWriter Bytes(uint field, ReadOnlySpan<byte> bytes)
    {
        Varint(field << 3 | 2);
        Varint((ulong)bytes.Length);
        to.Write(bytes);
        return this;
    }

    void Varint(ulong value)
    {
        Span<byte> octets = stackalloc byte[10];
        var n = 0;
        for (; value >= 0x80; value >>= 7) octets[n++] = (byte)(value | 0x80);
        octets[n++] = (byte)value;
        to.Write(octets[..n]);
    }
}
