namespace Oops.Tests.Sources.Notify;

/// <summary>A clock that stands until it is stepped; it has no timers.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_ticks);

    public void Step(TimeSpan span) => _ticks += span.Ticks;
}
