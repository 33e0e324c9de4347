using System.Buffers;
using System.Text;

namespace Oops.Wire.Cbor;

/// <summary>Writes data items in core deterministic encoding (RFC 8949, 4.2.1). The order of a map's keys is the caller's.</summary>
public sealed class CborWriter
{
    readonly ArrayBufferWriter<byte> to = new();

    public ReadOnlySpan<byte> Written => to.WrittenSpan;

    public CborWriter Map(int pairs) => Head(5, (ulong)pairs);

    public CborWriter Integer(long value) => value < 0 ? Head(1, (ulong)(-1 - value)) : Head(0, (ulong)value);

    public CborWriter Text(string text)
    {
        Head(3, (ulong)Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, to);
        return this;
    }

    CborWriter Head(int major, ulong argument)
    {
        var size = argument switch { < 24 => 0, <= byte.MaxValue => 1, <= ushort.MaxValue => 2, <= uint.MaxValue => 4, _ => 8 };
        Span<byte> octets = stackalloc byte[9];
        octets[0] = (byte)(major << 5 | size switch { 0 => (int)argument, 1 => 24, 2 => 25, 4 => 26, _ => 27 });
        for (var i = size; i > 0; i--, argument >>= 8) octets[i] = (byte)argument;
        to.Write(octets[..(size + 1)]);
        return this;
    }
}
