using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Oops.Reports;

/// <summary>
/// What was reported by whom within a window, in a table of fixed size: four places for each of its sets, of which the oldest gives way. A flood makes it forget early, and then a repetition counts as new; that is all it can do.
/// </summary>
internal sealed class SeenReports
{
    const int Ways = 4, TimeBits = 24, TimeMask = (1 << TimeBits) - 1;

    // In each: forty bits of the hash, and the time in seconds, modulo 194 days. Zero: empty.
    readonly ulong[] places;
    readonly int mask, window;

    /// <param name="bits">2^bits sets.</param>
    /// <param name="window">How long a repetition is one.</param>
    public SeenReports(int bits, TimeSpan window)
    {
        places = new ulong[Ways << bits];
        mask = (1 << bits) - 1;
        this.window = (int)Math.Min(window.TotalSeconds, TimeMask / 2);
    }

    /// <summary>It is asked for soon: what the table has of it is fetched into the cache meanwhile, which saves the wait for memory.</summary>
    public unsafe void Expect(ulong hash)
    {
        // Of an array that was moved meanwhile another line is fetched; nothing is read through the pointer.
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref places[((int)hash & mask) * Ways]));
    }

    /// <summary>Whether it was there within the window, and if not, the place that it may have.</summary>
    /// <param name="hash">Of who reports what.</param>
    /// <param name="second">Of a clock that does not go back.</param>
    /// <param name="place">For <see cref="Remember"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Knows(ulong hash, long second, out int place)
    {
        place = -1;
        var first = ((int)hash & mask) * Ways;
        var set = places.AsSpan(first, Ways);
        var tag = TagOf(hash);
        var now = (int)second & TimeMask;
        var (oldest, longest) = (0, -1);
        for (var i = 0; i < Ways; i++)
        {
            var age = set[i] == 0 ? int.MaxValue : (now - (int)(set[i] & TimeMask)) & TimeMask;
            if (set[i] >> TimeBits << TimeBits == tag && age < window) return true;
            if (age > longest) (oldest, longest) = (i, age);
        }
        place = first + oldest;
        return false;
    }

    /// <summary>It is there from now on. A repetition does not make its window longer.</summary>
    public void Remember(int place, ulong hash, long second) => places[place] = TagOf(hash) | (uint)((int)second & TimeMask);

    // Never zero, which is an empty place.
    static ulong TagOf(ulong hash) => hash >> TimeBits == 0 ? 1UL << TimeBits : hash >> TimeBits << TimeBits;
}
