namespace Oops.Tests.Sources.Notify;

/// <summary>A clock that stands until it is stepped; it has no timers.</summary>
internal sealed class SteppedTime : TimeProvider
{
    long ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(ticks);

    public void Step(TimeSpan span) => ticks += span.Ticks;
}
