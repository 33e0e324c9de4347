namespace Oops.Native;

/// <summary>
/// The timers of <see cref="BootTime"/>: one thread that sleeps until the next is due, and wakes once for it (the runtime's own, by a coarse clock, up to four times). Callbacks run on the thread
/// pool; those of <see cref="BootTime.OnTheSpot"/> on this thread, which spares the pool's wake-ups and must not be blocked.
/// </summary>
internal sealed class BootTimers
{
    /// <summary>The kernel's waits do not count suspended time as the boot-time clock does, so no sleep is longer.</summary>
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    readonly object gate = new();
    readonly SortedSet<Timer> due = new(Comparer<Timer>.Create((a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Number.CompareTo(b.Number)));
    readonly TimeProvider time;
    Thread? thread;
    long sleepsUntil;
    long numbers;

    public BootTimers(TimeProvider time) => this.time = time;

    public ITimer New(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period, bool onTheSpot)
    {
        Timer timer;
        lock (gate)
        {
            timer = new(this, callback, state, numbers++, onTheSpot);
            if (thread is null)
            {
                thread = new Thread(Run) { Name = "oops-timer", IsBackground = true };
                thread.Start();
            }
        }

        timer.Change(dueTime, period);
        return timer;
    }

    void Run()
    {
        while (true)
        {
            var next = Next();
            if (next.OnTheSpot) next.Run();
            else ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Run(), next, preferLocal: false);
        }
    }

    /// <summary>Sleeps until one is due.</summary>
    Timer Next()
    {
        lock (gate)
        {
            while (true)
            {
                var now = time.GetTimestamp();
                if (due.Min is not { } first)
                {
                    Sleep(now, Longest);
                }
                else if (first.Due > now)
                {
                    Sleep(now, TimeSpan.FromTicks(Math.Min(first.Due - now, Longest.Ticks)));
                }
                else
                {
                    first.Begin(now);
                    return first;
                }
            }
        }
    }

    void Sleep(long now, TimeSpan span)
    {
        sleepsUntil = now + span.Ticks;
        // Rounded up: waking a fraction early would only mean to sleep again.
        Monitor.Wait(gate, (int)Math.Ceiling(span.TotalMilliseconds));
        sleepsUntil = 0;
    }

    sealed class Timer(BootTimers owner, TimerCallback callback, object? state, long number, bool onTheSpot) : ITimer
    {
        const long Never = long.MaxValue;

        TimeSpan period;
        TaskCompletionSource? ending;
        int executing;
        bool over;

        /// <summary>In units of 100 ns of the boot-time clock.</summary>
        public long Due { get; private set; } = Never;

        /// <summary>Tells those apart that are due at the same time.</summary>
        public long Number => number;

        public bool OnTheSpot => onTheSpot;

        /// <summary>Under the gate.</summary>
        public void Begin(long now)
        {
            executing++;
            Set(period > TimeSpan.Zero ? now + period.Ticks : Never);
        }

        public void Run()
        {
            callback(state);
            lock (owner.gate)
            {
                executing--;
                if (executing == 0) ending?.TrySetResult();
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner.gate)
            {
                if (over) return false;
                this.period = period;
                Set(dueTime < TimeSpan.Zero ? Never : owner.time.GetTimestamp() + dueTime.Ticks);
                if (Due < owner.sleepsUntil) Monitor.Pulse(owner.gate);
                return true;
            }
        }

        public void Dispose()
        {
            lock (owner.gate)
            {
                Set(Never);
                over = true;
            }
        }

        /// <summary>Returns when its callback does not run any more.</summary>
        public ValueTask DisposeAsync()
        {
            Dispose();
            lock (owner.gate)
            {
                if (executing == 0) return ValueTask.CompletedTask;
                ending ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                return new(ending.Task);
            }
        }

        void Set(long at)
        {
            if (Due != Never) owner.due.Remove(this);
            Due = over ? Never : at;
            if (Due != Never) owner.due.Add(this);
        }
    }
}
