using Oops.Core;

namespace Oops.Native;

/// <summary>The kernel's clocks as a <see cref="TimeProvider"/>: time stamps are CLOCK_BOOTTIME in units of 100 ns, so that an <see cref="At"/> and a time stamp are the same number.</summary>
internal sealed class BootTime : TimeProvider
{
    public static BootTime Instance { get; } = new();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => BootClock.Now.Ticks;

    public override DateTimeOffset GetUtcNow() => BootClock.Wall;

    /// <summary>Both clocks of any provider; the daemon's is <see cref="Instance"/>, tests bring their own.</summary>
    public static Moment Now(TimeProvider time) =>
        new(new At(time.TimestampFrequency == TimeSpan.TicksPerSecond ? time.GetTimestamp() : (long)(time.GetTimestamp() * (TimeSpan.TicksPerSecond / (double)time.TimestampFrequency))), time.GetUtcNow());
}
