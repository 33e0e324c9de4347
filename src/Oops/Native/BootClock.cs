using System.Runtime.InteropServices;
using Oops.Core;

namespace Oops.Native;

/// <summary>The kernel's clocks: the boot-time clock by which everything is decided, and the wall clock, which can be wrong.</summary>
internal static partial class BootClock
{
    const int Realtime = 0;
    const int Monotonic = 1;
    const int Boottime = 7;
    const int ClockError = 5;
    const int Unsynchronised = 0x40;

    // struct timex of 64-bit Linux; `modes` 0 only reads.
    const int TimexSize = 208;
    const int TimexStatusOffset = 40;

    /// <summary>Now on CLOCK_BOOTTIME: counts suspended time, is never stepped.</summary>
    public static At Now => new(Read(Boottime));

    /// <summary>Now, by both clocks.</summary>
    public static Moment Moment => new(Now, Wall);

    /// <summary>Now on the wall clock, UTC.</summary>
    public static DateTimeOffset Wall => DateTimeOffset.UnixEpoch.AddTicks(Read(Realtime));

    /// <summary>CLOCK_MONOTONIC in microseconds, as systemd wants it beside RELOADING=1.</summary>
    public static long MonotonicMicroseconds => Read(Monotonic) / 10;

    /// <summary>
    /// Whether something disciplines the wall clock. False: no NTP client has set it since boot (or it lost its sources long ago), so facts that depend on it
    /// (signature times) are worth nothing. Where the kernel refuses to tell (some containers), true: a refusal is no evidence.
    /// </summary>
    public static unsafe bool IsWallSynchronised
    {
        get
        {
            var timex = stackalloc byte[TimexSize * 2];
            new Span<byte>(timex, TimexSize * 2).Clear();
            var state = AdjTimex(timex);
            return state < 0 || (state != ClockError && (*(int*)(timex + TimexStatusOffset) & Unsynchronised) == 0);
        }
    }

    static unsafe long Read(int clock)
    {
        var spec = stackalloc long[2];
        _ = GetTime(clock, spec);
        return (spec[0] * TimeSpan.TicksPerSecond) + (spec[1] / 100);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    private static unsafe partial int GetTime(int clock, long* spec);

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static unsafe partial int AdjTimex(byte* timex);
}
