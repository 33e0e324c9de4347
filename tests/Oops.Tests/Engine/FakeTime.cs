namespace Oops.Tests.Engine;

/// <summary>A clock that a test moves. Timers fire inside <see cref="Advance"/>, in order, each at its own time.</summary>
internal sealed class FakeTime : TimeProvider
{
    readonly object gate = new();
    readonly List<FakeTimer> timers = [];
    long now = TimeSpan.FromHours(1).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Moves the wall clock only.</summary>
    public TimeSpan Step { get; set; }

    public int Timers
    {
        get { lock (gate) return timers.Count; }
    }

    /// <summary>How long it is until the next timer fires; null: there is none.</summary>
    public TimeSpan? Next
    {
        get { lock (gate) return timers.Count == 0 ? null : TimeSpan.FromTicks(timers.Min(t => t.Due) - now); }
    }

    public override long GetTimestamp()
    {
        lock (gate) return now;
    }

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(GetTimestamp()) + Step;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan span)
    {
        var end = GetTimestamp() + span.Ticks;
        while (true)
        {
            FakeTimer? next;
            lock (gate)
            {
                next = timers.Where(t => t.Due <= end).MinBy(t => t.Due);
                now = next is null ? end : Math.Max(now, next.Due);
                if (next is not null) next.Shift();
            }

            if (next is null) return;
            next.Fire();
        }
    }

    sealed class FakeTimer(FakeTime time, TimerCallback callback, object? state) : ITimer
    {
        TimeSpan period;

        public long Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan every)
        {
            lock (time.gate)
            {
                time.timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = time.now + dueTime.Ticks;
                period = every;
                time.timers.Add(this);
                return true;
            }
        }

        public void Shift()
        {
            if (period > TimeSpan.Zero) Due += period.Ticks;
            else time.timers.Remove(this);
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (time.gate) time.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
