using System.Buffers.Binary;
using System.Numerics;

namespace Oops.Wire.Dns;

/// <summary>
/// SHA-224 (FIPS 180-4, 6.3) and its HMAC (RFC 2104): SHA-256 with other initial values, cut to 28 octets. .NET has no SHA-224 and RFC 8945 (6) names hmac-sha224, which
/// operators do have in their key files. Allocates nothing; about half as fast as a native SHA-256 on short messages.
/// </summary>
internal static class Sha224
{
    /// <summary>Octets of a digest.</summary>
    public const int Size = 28;

    const int Block = 64;

    static ReadOnlySpan<uint> Constants =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    static ReadOnlySpan<uint> Initial =>
        [0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4];

    /// <summary>HMAC-SHA224 of <paramref name="data"/>; <paramref name="mac"/> takes 28 octets.</summary>
    public static void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac)
    {
        Span<byte> pad = stackalloc byte[Block];
        Pad(key, pad);
        Span<byte> inner = stackalloc byte[Size];
        Xor(pad, 0x36);
        Hash(pad, data, inner);
        Xor(pad, 0x36 ^ 0x5c);
        Hash(pad, inner, mac);
    }

    /// <summary>The digest of a prefix of none or one whole block followed by <paramref name="data"/>.</summary>
    public static void Hash(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> digest)
    {
        Span<uint> state = stackalloc uint[8];
        Initial.CopyTo(state);
        if (!prefix.IsEmpty)
            Compress(state, prefix);
        var rest = data;
        for (; rest.Length >= Block; rest = rest[Block..])
            Compress(state, rest);
        End(state, rest, (ulong)(prefix.Length + (long)data.Length), digest);
    }

    static void End(Span<uint> state, ReadOnlySpan<byte> rest, ulong octets, Span<byte> digest)
    {
        Span<byte> last = stackalloc byte[2 * Block];
        last.Clear();
        rest.CopyTo(last);
        last[rest.Length] = 0x80;
        var size = rest.Length < Block - 8 ? Block : 2 * Block;
        BinaryPrimitives.WriteUInt64BigEndian(last[(size - 8)..], 8 * octets);
        Compress(state, last);
        if (size > Block)
            Compress(state, last[Block..]);
        for (var i = 0; i < Size / 4; i++)
            BinaryPrimitives.WriteUInt32BigEndian(digest[(4 * i)..], state[i]);
    }

    static void Pad(ReadOnlySpan<byte> key, Span<byte> pad)
    {
        pad.Clear();
        if (key.Length > Block)
            Hash([], key, pad);
        else
            key.CopyTo(pad);
    }

    /// <summary>An HMAC over data that comes in pieces; it begins anew after each <see cref="Finish"/>.</summary>
    internal sealed class Pieces
    {
        readonly byte[] pad = new byte[Block];
        readonly byte[] rest = new byte[Block];
        readonly uint[] state = new uint[8];
        int held;
        ulong octets;

        public Pieces(ReadOnlySpan<byte> key)
        {
            Pad(key, pad);
            Begin();
        }

        public void Append(ReadOnlySpan<byte> data)
        {
            octets += (ulong)data.Length;
            if (held > 0)
            {
                var more = Math.Min(Block - held, data.Length);
                data[..more].CopyTo(rest.AsSpan(held));
                held += more;
                data = data[more..];
                if (held < Block)
                    return;
                Compress(state, rest);
                held = 0;
            }

            for (; data.Length >= Block; data = data[Block..])
                Compress(state, data);
            data.CopyTo(rest);
            held = data.Length;
        }

        public void Finish(Span<byte> mac)
        {
            Span<byte> inner = stackalloc byte[Size];
            End(state, rest.AsSpan(0, held), octets, inner);
            Xor(pad, 0x5c);
            Hash(pad, inner, mac);
            Xor(pad, 0x5c);
            Begin();
        }

        void Begin()
        {
            Initial.CopyTo(state);
            (held, octets) = (0, 0);
            Xor(pad, 0x36);
            Append(pad);
            Xor(pad, 0x36);
        }
    }

    static void Xor(Span<byte> pad, byte value)
    {
        for (var i = 0; i < pad.Length; i++)
            pad[i] ^= value;
    }

    static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[64];
        for (var i = 0; i < 16; i++)
            w[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]);
        for (var i = 16; i < 64; i++)
        {
            var s0 = BitOperations.RotateRight(w[i - 15], 7) ^ BitOperations.RotateRight(w[i - 15], 18) ^ w[i - 15] >> 3;
            var s1 = BitOperations.RotateRight(w[i - 2], 17) ^ BitOperations.RotateRight(w[i - 2], 19) ^ w[i - 2] >> 10;
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }

        uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        for (var i = 0; i < 64; i++)
        {
            var s1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
            var t1 = h + s1 + (e & f ^ ~e & g) + Constants[i] + w[i];
            var s0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
            var t2 = s0 + (a & b ^ a & c ^ b & c);
            (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
}
