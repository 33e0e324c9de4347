namespace Oops.Actions.Route53;

/// <summary>
/// The bucket of requests that an account has: so many at once, so many per second. Who comes first goes first, and each zone waits for its answer before it asks again, so no zone starves.
/// </summary>
internal sealed class Route53Pace(double rate, int burst, TimeProvider time)
{
    readonly Lock gate = new();
    readonly long began = time.GetTimestamp();
    readonly TimeSpan each = TimeSpan.FromSeconds(1 / rate);

    // Some stay in the bucket: what is sent later may arrive earlier.
    readonly int atOnce = Math.Max(1, burst - 2);

    // When the bucket would be full again, were nothing asked from now on.
    TimeSpan full;

    /// <summary>Returns when the next request may go.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task TakeAsync(CancellationToken stop)
    {
        TimeSpan wait;
        lock (gate)
        {
            var now = time.GetElapsedTime(began);
            var at = Later(now, full - ((atOnce - 1) * each));
            full = Later(now, full) + each;
            wait = at - now;
        }

        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, stop).ConfigureAwait(false);
    }

    /// <summary>AWS says that the bucket is empty: others of the account take from it, too.</summary>
    public void Empty()
    {
        lock (gate)
            full = Later(full, time.GetElapsedTime(began) + (atOnce * each));
    }

    static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
