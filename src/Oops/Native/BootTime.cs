using Oops.Core;

namespace Oops.Native;

/// <summary>The kernel's clocks as a <see cref="TimeProvider"/>: time stamps are CLOCK_BOOTTIME in units of 100 ns, so that an <see cref="At"/> and a time stamp are the same number.</summary>
internal sealed class BootTime : TimeProvider
{
    readonly BootTimers timers;

    readonly bool onTheSpot;

    BootTime(BootTimers? timers, bool onTheSpot)
    {
        this.timers = timers ?? new(this);
        this.onTheSpot = onTheSpot;
    }

    public static BootTime Instance { get; } = new(null, onTheSpot: false);

    static BootTime Prompt { get; } = new(Instance.timers, onTheSpot: true);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => BootClock.Now.Ticks;

    public override DateTimeOffset GetUtcNow() => BootClock.Wall;

    /// <summary>The same clock, with timers whose callbacks run on the timers' own thread: for what is done within some milliseconds and never blocks. Another provider is returned as it is.</summary>
    public static TimeProvider OnTheSpot(TimeProvider time) => time == Instance ? Prompt : time;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => timers.New(callback, state, dueTime, period, onTheSpot);

    /// <summary>Both clocks of any provider; the daemon's is <see cref="Instance"/>, tests bring their own.</summary>
    public static Moment Now(TimeProvider time) =>
        new(new At(time.TimestampFrequency == TimeSpan.TicksPerSecond ? time.GetTimestamp() : (long)(time.GetTimestamp() * (TimeSpan.TicksPerSecond / (double)time.TimestampFrequency))), time.GetUtcNow());
}
