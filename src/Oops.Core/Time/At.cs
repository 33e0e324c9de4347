namespace Oops.Core;

/// <summary>An instant on the boot-time clock (CLOCK_BOOTTIME): 100 ns units since boot. It counts suspended time and is never stepped.</summary>
public readonly record struct At(long Ticks) : IComparable<At>
{
    /// <summary>Boot.</summary>
    public static At Zero => default;

    /// <summary>Later than every instant that occurs: a deadline that never comes.</summary>
    public static At Never => new(long.MaxValue);

    public static At operator +(At at, TimeSpan span) =>
        span == Timeout.InfiniteTimeSpan || (span > TimeSpan.Zero && at.Ticks > long.MaxValue - span.Ticks) ? Never : at == Never ? Never : new(at.Ticks + span.Ticks);

    public static At operator -(At at, TimeSpan span) => new(at.Ticks - span.Ticks);

    public static TimeSpan operator -(At a, At b) => new(a.Ticks - b.Ticks);

    public static bool operator <(At a, At b) => a.Ticks < b.Ticks;

    public static bool operator >(At a, At b) => a.Ticks > b.Ticks;

    public static bool operator <=(At a, At b) => a.Ticks <= b.Ticks;

    public static bool operator >=(At a, At b) => a.Ticks >= b.Ticks;

    public static At Min(At a, At b) => a <= b ? a : b;

    public static At Max(At a, At b) => a >= b ? a : b;

    public int CompareTo(At other) => Ticks.CompareTo(other.Ticks);

    /// <summary>Seconds since boot, for logs and tests.</summary>
    public override string ToString() => this == Never ? "never" : (Ticks / (double)TimeSpan.TicksPerSecond).ToString("0.000", System.Globalization.CultureInfo.InvariantCulture) + "s";
}
