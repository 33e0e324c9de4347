namespace Oops.Actions.Route53;

/// <summary>
/// What an account may ask: so many requests, and so many changes of records, at once and per second. Each of these has a bucket of its own, as at AWS; that which each API action has besides is no smaller than the account's.
/// Who comes first goes first, and each zone waits for its answer before it asks again, so no zone starves.
/// </summary>
internal sealed class Route53Pace(Route53Config config, TimeProvider time) : IDisposable
{
    readonly Route53Bucket requests = new(config.Rate, config.Burst, time), changes = new(config.Changes, config.ChangesBurst, time, sentLater: true);

    /// <summary>How many wait.</summary>
    public int Waiting => requests.Waiting + changes.Waiting;

    /// <summary>Returns when the next request may go.</summary>
    /// <param name="records">That it changes; 0: it reads.</param>
    /// <param name="stop">Ends the wait, which then has taken no request; changes that it had by then are spent.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public Task TakeAsync(int records, CancellationToken stop) => records == 0 ? requests.TakeAsync(1, stop) : BothAsync(records, stop);

    /// <summary>AWS says that a bucket is empty: others of the account take from it, too. It does not say which: a change mostly is too many changes, and where it is not, who reads is told the same.</summary>
    public void Empty(bool ofChanges) => (ofChanges ? changes : requests).Empty();

    public void Dispose()
    {
        requests.Dispose();
        changes.Dispose();
    }

    // While changes are waited for, no request is kept from others.
    async Task BothAsync(int records, CancellationToken stop)
    {
        await changes.TakeAsync(records, stop).ConfigureAwait(false);
        try
        {
            await requests.TakeAsync(1, stop).ConfigureAwait(false);
        }
        finally
        {
            changes.Sent(records);
        }
    }
}

/// <summary>A bucket of tokens that fills at a rate, and those who wait for theirs, in their order.</summary>
internal sealed class Route53Bucket : IDisposable
{
    /// <summary>What is sent later may arrive earlier: that much of what comes in stays in the bucket.</summary>
    static readonly TimeSpan Spare = TimeSpan.FromMilliseconds(200);

    sealed class Waiter(int tokens) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public int Tokens => tokens;

        public CancellationTokenRegistration Stop { get; set; }
    }

    readonly Lock gate = new();
    readonly TimeProvider time;
    readonly long began;
    readonly ITimer timer;
    readonly double rate, most;
    readonly LinkedList<Waiter> line = [];

    readonly bool sentLater;

    // When it would be full again, were nothing taken from now on.
    TimeSpan full;

    // What is taken here and not yet there: as long as nothing is sent, AWS's bucket may be full and gets no fuller.
    int unsent;

    /// <param name="rate">Tokens per second.</param>
    /// <param name="most">That it holds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="sentLater">Who takes says when that is sent (<see cref="Sent"/>); else it is at once.</param>
    public Route53Bucket(double rate, int most, TimeProvider time, bool sentLater = false)
    {
        (this.time, this.rate, this.sentLater, this.most, began) = (time, rate, sentLater, Math.Max(1, Math.Floor(most - (Spare.TotalSeconds * rate))), time.GetTimestamp());
        timer = time.CreateTimer(_ => Serve(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Waiting
    {
        get { lock (gate) return line.Count; }
    }

    /// <summary>Who wants more than there is room for waits until it is full, and leaves it with a debt.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public Task TakeAsync(int tokens, CancellationToken stop)
    {
        if (stop.IsCancellationRequested)
            return Task.FromCanceled(stop);
        Waiter waiter;
        lock (gate)
        {
            if (line.Count == 0 && Due(tokens) <= Now)
            {
                Give(tokens);
                return Task.CompletedTask;
            }

            line.AddLast(waiter = new(tokens));
            if (line.Count == 1)
                Wake();
        }

        var registration = stop.UnsafeRegister(_ => Leave(waiter, stop), null);
        lock (gate)
            waiter.Stop = registration;
        return waiter.Task;
    }

    public void Sent(int tokens)
    {
        lock (gate)
        {
            full = Full;
            unsent -= tokens;
            Wake();
        }
    }

    public void Empty()
    {
        lock (gate)
        {
            full = Later(full, Now + Fill(most));
            Wake();
        }
    }

    public void Dispose() => timer.Dispose();

    TimeSpan Now => time.GetElapsedTime(began);

    TimeSpan Full => Later(full, Now + Fill(unsent));

    /// <summary>When there are as many.</summary>
    TimeSpan Due(int tokens) => Full - Fill(most - Math.Min(tokens, most));

    TimeSpan Fill(double tokens) => TimeSpan.FromSeconds(tokens / rate);

    void Give(int tokens)
    {
        full = Full + Fill(tokens);
        if (sentLater)
            unsent += tokens;
    }

    void Serve()
    {
        lock (gate)
        {
            while (line.First is { } first && Due(first.Value.Tokens) <= Now)
            {
                line.RemoveFirst();
                Give(first.Value.Tokens);
                first.Value.Stop.Unregister();
                first.Value.TrySetResult();
            }

            Wake();
        }
    }

    void Leave(Waiter waiter, CancellationToken stop)
    {
        lock (gate)
        {
            if (!line.Remove(waiter))
                return;
            waiter.TrySetCanceled(stop);
            Wake();
        }
    }

    void Wake()
    {
        if (line.First is not { } first)
            return;
        // Timers count whole milliseconds.
        var wait = TimeSpan.FromMilliseconds(Math.Ceiling((Due(first.Value.Tokens) - Now).TotalMilliseconds));
        timer.Change(Later(wait, TimeSpan.Zero), Timeout.InfiniteTimeSpan);
    }

    static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
