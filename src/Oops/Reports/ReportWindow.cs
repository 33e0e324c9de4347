using System.Runtime.CompilerServices;
using Oops.Core;

namespace Oops.Reports;

/// <summary>
/// The reports of one zone that one condition counts, weighed, over a window that moves in eighths. A sender whose address is proved weighs 1, or a quarter if its network spoke of this zone within the window already;
/// one whose address may be forged weighs a tenth. Only proved networks are counted: else one machine could be as many as it likes.
/// </summary>
/// <param name="condition">Of kind `error-reported`.</param>
internal sealed class ReportWindow(KindSpec condition)
{
    const int Slices = 8, LeastRemembered = 16;

    /// <summary>In fortieths, which all three are multiples of.</summary>
    const uint One = 40, Again = 10, Unproved = 4;

    readonly (long Slice, ulong Weight)[] slices = new (long, ulong)[Slices];
    readonly (ulong Network, long Slice)[] networks = new (ulong, long)[Math.Max(LeastRemembered, condition.Networks)];
    readonly long length = Math.Max(1, (long)condition.Span.TotalMilliseconds / Slices);

    public KindSpec Condition => condition;

    /// <summary>The value that was told last.</summary>
    public long Told { get; set; }

    /// <summary>There is something to say that changes no value: what a check has found.</summary>
    public bool HasRemark { get; set; }

    /// <summary>It is on the list of those that have news.</summary>
    public bool Changed { get; set; }

    /// <param name="network">Null: its address may be forged.</param>
    /// <param name="now">Milliseconds of a clock that does not go back.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ulong? network, long now)
    {
        var slice = SliceOf(now);
        ref var here = ref slices[slice % Slices];
        if (here.Slice != slice) here = (slice, 0);
        here.Weight += network is not { } known ? Unproved : Remember(known, slice) ? One : Again;
    }

    /// <summary>The weighted number of reports, rounded down; 0 where fewer networks than asked for told of it.</summary>
    public long Value(long now)
    {
        var slice = SliceOf(now);
        var (weight, told) = (0UL, 0);
        foreach (var (of, some) in slices)
            if (slice - of < Slices) weight += some;
        foreach (var (_, last) in networks)
            if (last > 0 && slice - last < Slices) told++;
        return ErrorReports.Counted(condition, (double)weight / One, told);
    }

    /// <summary>Nothing is left in the window.</summary>
    public bool IsEmpty(long now)
    {
        foreach (var (of, weight) in slices)
            if (weight > 0 && SliceOf(now) - of < Slices) return false;
        return true;
    }

    // Beginning above the number of slices, so that zero is none, also just after the host has booted.
    long SliceOf(long now) => (now / length) + Slices;

    /// <summary>True: it has not spoken within the window, and there was room to remember it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    bool Remember(ulong network, long slice)
    {
        var free = -1;
        for (var i = 0; i < networks.Length; i++)
        {
            var lives = networks[i].Slice > 0 && slice - networks[i].Slice < Slices;
            if (lives && networks[i].Network == network)
            {
                networks[i].Slice = slice;
                return false;
            }
            if (!lives && free < 0) free = i;
        }
        if (free >= 0) networks[free] = (network, slice);
        return free >= 0;
    }
}
