using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Oops.Reports;

/// <summary>
/// Token buckets for any number of keys in a table of fixed size. Two keys that meet in it share a bucket, so each key has two, and is over its rate only where both are empty: somebody who floods
/// takes away from few others. Threads that meet at a bucket lose a token at most; no lock.
/// </summary>
internal sealed class TokenBuckets
{
    // Each of the two that a key has gets half of its rate.
    const int Fraction = 2000;

    // In each: milliseconds (upper half), and two-thousandths of tokens (lower half). All zero: never used, so full.
    readonly ulong[] buckets;
    readonly ulong one, two;
    readonly int shift;
    readonly uint perMillisecond, most;

    /// <param name="bits">There are 2^bits buckets.</param>
    /// <param name="perSecond">How many a key may have per second, 1 to 1,000,000; twice as many at once.</param>
    public TokenBuckets(int bits, int perSecond)
    {
        buckets = new ulong[1 << bits];
        shift = 64 - bits;
        // Half of a rate per second is the same number of two-thousandths per millisecond.
        (perMillisecond, most) = ((uint)perSecond, (uint)perSecond * Fraction);
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        // Odd, so that no bit of the key is lost.
        (one, two) = (BitConverter.ToUInt64(random) | 1, BitConverter.ToUInt64(random[8..]) | 1);
    }

    /// <summary>Takes one token of the key's; false: there is none.</summary>
    /// <param name="key">Whose.</param>
    /// <param name="now">Milliseconds of a clock that does not go back.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Take(ulong key, long now)
    {
        // Xored before the second product, so that keys that meet in one table do not meet in the other.
        var mixed = key ^ (key >> 32);
        return TakeAt(mixed * one >> shift, (uint)now) || TakeAt((mixed ^ one) * two >> shift, (uint)now);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    bool TakeAt(ulong place, uint now)
    {
        ref var bucket = ref buckets[place];
        var seen = Volatile.Read(ref bucket);
        // Another thread may have read its clock a little later than this one.
        var passed = Math.Max(0, (int)(now - (uint)(seen >> 32)));
        var has = seen == 0 ? most : (uint)Math.Min(most, (uint)seen + ((ulong)passed * perMillisecond));
        var left = has >= Fraction ? has - Fraction : has;
        // Zero means that it was never used.
        Volatile.Write(ref bucket, (ulong)now << 32 | Math.Max(left, 1));
        return has >= Fraction;
    }
}
