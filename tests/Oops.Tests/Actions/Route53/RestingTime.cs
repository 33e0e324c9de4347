using Oops.Tests.Engine;

namespace Oops.Tests.Actions.Route53;

/// <summary>A clock that goes on only when all who work with it rest: what is done between two moments takes no time, however slow the machine is.</summary>
internal sealed class RestingTime : TimeProvider
{
    /// <summary>A timeout that never ends: of what is under way on this machine.</summary>
    public static readonly TimeSpan Never = TimeSpan.FromSeconds(77_777);

    readonly FakeTime time = new();
    int sleeping;

    /// <summary>How many wait for a moment of their own.</summary>
    public int Sleeping => Volatile.Read(ref sleeping);

    public override long TimestampFrequency => time.TimestampFrequency;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    /// <summary>To the next moment that somebody waits for. False: nobody does.</summary>
    public bool Pass()
    {
        if (time.Next is not { } next)
            return false;
        time.Advance(next);
        return true;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        dueTime == Never ? new Still() : dueTime == Timeout.InfiniteTimeSpan ? time.CreateTimer(callback, state, dueTime, period) : new Sleep(this, callback, state, dueTime);

    /// <summary>From when it is made until it rings, somebody sleeps.</summary>
    sealed class Sleep : ITimer
    {
        readonly RestingTime owner;
        readonly ITimer inner;
        int over;

        public Sleep(RestingTime owner, TimerCallback callback, object? state, TimeSpan dueTime)
        {
            this.owner = owner;
            Interlocked.Increment(ref owner.sleeping);
            inner = owner.time.CreateTimer(_ =>
            {
                Awake();
                callback(state);
            }, null, dueTime, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(dueTime, period);

        public void Dispose()
        {
            inner.Dispose();
            Awake();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        void Awake()
        {
            if (Interlocked.Exchange(ref over, 1) == 0)
                Interlocked.Decrement(ref owner.sleeping);
        }
    }

    sealed class Still : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
