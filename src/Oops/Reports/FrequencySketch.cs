using System.Runtime.CompilerServices;

namespace Oops.Reports;

/// <summary>
/// How often something was seen of late, for any number of things in 256 KiB (a count-min sketch, Cormode and Muthukrishnan 2005): never too low, and too high only where all four counters are shared.
/// All are halved now and then, so that what was frequent once gives way to what is (as in TinyLFU, Einziger, Friedman and Manes 2017).
/// </summary>
internal sealed class FrequencySketch
{
    // Each row takes another sixteen bits of the hash.
    const int Rows = 4, Bits = 16, AddsUntilHalved = 8 << Bits;

    readonly byte[] counters = new byte[Rows << Bits];
    int adds;

    /// <summary>Counts one, and says how many that makes: at most 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Add(ulong hash)
    {
        var least = (int)byte.MaxValue;
        for (var row = 0; row < Rows; row++) least = Math.Min(least, counters[Place(hash, row)]);
        if (least < byte.MaxValue)
        {
            // Only the lowest ones grow: so less is counted for others.
            for (var row = 0; row < Rows; row++)
            {
                ref var counter = ref counters[Place(hash, row)];
                if (counter == least) counter++;
            }
            least++;
        }
        if (++adds >= AddsUntilHalved) Halve();
        return least;
    }

    void Halve()
    {
        adds = 0;
        foreach (ref var counter in counters.AsSpan()) counter >>= 1;
    }

    static int Place(ulong hash, int row) => (row << Bits) + (int)(ushort)(hash >> (row * Bits));
}
