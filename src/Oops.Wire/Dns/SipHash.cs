using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Oops.Wire.Dns;

/// <summary>SipHash-2-4 with 64 bits of output (Aumasson and Bernstein, 2012): the function of DNS cookies (RFC 9018, 4.4). The .NET libraries have none that takes a key.</summary>
public static class SipHash
{
    /// <summary>Octets of a key.</summary>
    public const int KeySize = 16;

    /// <summary>Of the data, under a key of <see cref="KeySize"/> octets; as RFC 9018 writes it, in little-endian octets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        var k0 = BinaryPrimitives.ReadUInt64LittleEndian(key);
        var k1 = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);
        var state = new State(0x736f6d6570736575 ^ k0, 0x646f72616e646f6d ^ k1, 0x6c7967656e657261 ^ k0, 0x7465646279746573 ^ k1);
        var last = (ulong)data.Length << 56;
        for (; data.Length >= 8; data = data[8..]) state.Absorb(BinaryPrimitives.ReadUInt64LittleEndian(data));
        for (var i = 0; i < data.Length; i++) last |= (ulong)data[i] << (8 * i);
        state.Absorb(last);
        return state.Finish();
    }

    struct State(ulong v0, ulong v1, ulong v2, ulong v3)
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Absorb(ulong word)
        {
            v3 ^= word;
            Round();
            Round();
            v0 ^= word;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ulong Finish()
        {
            v2 ^= 0xff;
            for (var i = 0; i < 4; i++) Round();
            return v0 ^ v1 ^ v2 ^ v3;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Round()
        {
            v0 += v1;
            v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
            v0 = BitOperations.RotateLeft(v0, 32);
            v2 += v3;
            v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
            v2 = BitOperations.RotateLeft(v2, 32);
        }
    }
}
