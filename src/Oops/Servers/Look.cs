namespace Oops.Servers;

/// <summary>What the witness shall look at next: zones by name, or everything. Any task asks, the witness takes; what is asked meanwhile adds up to one look.</summary>
internal sealed class Look : IDisposable
{
    /// <summary>More zones than this are read as all zones: a server may log a line for each zone that is named, and one for all.</summary>
    public const int MaxZones = 200;

    readonly Lock gate = new();
    readonly SemaphoreSlim wake = new(0, 1);
    Dictionary<string, bool> zones = [];
    TaskCompletionSource urgent = NotYet();
    bool all;

    /// <summary>Ends when <see cref="AtOnce"/> was asked since the last <see cref="Take"/>.</summary>
    public Task Urgent
    {
        get { lock (gate) return urgent.Task; }
    }

    /// <summary>One zone. <paramref name="failed"/>: the server said that it could not update it.</summary>
    public void At(string zone, bool failed = false)
    {
        lock (gate)
        {
            if (zones.Count < MaxZones || zones.ContainsKey(zone)) zones[zone] = failed || zones.GetValueOrDefault(zone);
            else all = true;
        }

        Wake();
    }

    /// <summary>Everything, when the witness has rested from the last time.</summary>
    public void AtAll()
    {
        lock (gate) all = true;
        Wake();
    }

    /// <summary>Everything, and the witness need not rest first: the server may be another one now.</summary>
    public void AtOnce()
    {
        lock (gate) urgent.TrySetResult();
        AtAll();
    }

    /// <summary>All that was asked since the last time.</summary>
    public (bool All, Dictionary<string, bool> Zones) Take()
    {
        lock (gate)
        {
            var taken = (all, zones);
            (all, zones) = (false, []);
            if (urgent.Task.IsCompleted) urgent = NotYet();
            return taken;
        }
    }

    /// <summary>Waits until something is asked or <paramref name="other"/> ends, at most so long.</summary>
    public async Task WaitAsync(TimeSpan most, Task other, TimeProvider time, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(most, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        var asked = wake.WaitAsync(both.Token);
        await Task.WhenAny(asked, other);
        await both.CancelAsync();
        await asked.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
    }

    public void Dispose() => wake.Dispose();

    static TaskCompletionSource NotYet() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    void Wake()
    {
        lock (gate)
            if (wake.CurrentCount == 0) wake.Release();
    }
}
