namespace Oops.Sources.Verify;

/// <summary>
/// What versions take of the memory that is allowed: those that are held for the next one to be compared with, and those that wait at a gate, which are judged before they are served. Where both do not fit, of the held ones the
/// largest go; where what waits does not fit beside another that does, it waits until that one has been judged. One that is larger than all that is allowed comes alone. Thread-safe.
/// </summary>
internal sealed class HeldVersions(long most, VerifyCounts counts)
{
    readonly Lock gate = new();
    readonly ZoneOrder largest = new(static z => z.Counted == 0 ? ZoneOrder.None : -z.Counted);
    // Who came first comes in first: else a large version would wait for as long as small ones come.
    readonly Queue<Waiter> waiting = [];
    long held, coming, failing;

    /// <summary>What is held of the zone is another version, or none; or its verdict is another one.</summary>
    public void Weigh(ZoneCase zone)
    {
        lock (gate)
        {
            held += zone.Weight - zone.Counted;
            zone.Counted = zone.Weight;
            failing += (zone.Fails ? 1 : 0) - (zone.CountedFailing ? 1 : 0);
            zone.CountedFailing = zone.Fails;
            largest.Put(zone);
            Trim();
        }
    }

    /// <summary>The zone is not judged any more.</summary>
    public void Forget(ZoneCase zone)
    {
        lock (gate)
        {
            held -= zone.Counted;
            failing -= zone.CountedFailing ? 1 : 0;
            (zone.Counted, zone.CountedFailing) = (0, false);
            counts.Stand(held + coming, failing);
        }
    }

    /// <summary>Waits until a version of so many octets fits; it is counted until what is returned is disposed.</summary>
    public async Task<Coming> ComeAsync(long octets, CancellationToken stop)
    {
        var waiter = new Waiter(octets);
        lock (gate)
        {
            waiting.Enqueue(waiter);
            Admit();
        }

        try
        {
            return await waiter.Task.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Who was let in at that very moment goes out again.
            if (!waiter.TrySetCanceled(CancellationToken.None))
                (await waiter.Task.ConfigureAwait(false)).Dispose();
            lock (gate)
                Admit();
            throw;
        }
    }

    void Admit()
    {
        while (waiting.TryPeek(out var waiter) && (waiter.Task.IsCompleted || coming == 0 || coming + waiter.Octets <= most))
        {
            waiting.Dequeue();
            if (!waiter.TrySetResult(new Coming(this) { Octets = waiter.Octets }))
                continue;
            coming += waiter.Octets;
            Trim();
        }
    }

    void Change(Coming come, long octets)
    {
        lock (gate)
        {
            coming += octets - come.Octets;
            come.Octets = octets;
            Trim();
            Admit();
        }
    }

    void Trim()
    {
        while (held + coming > most && largest.First is { } zone)
        {
            held -= zone.Counted;
            zone.Counted = 0;
            zone.LetGo();
        }

        counts.Stand(held + coming, failing);
    }

    /// <summary>A version that waits.</summary>
    internal sealed class Coming(HeldVersions all) : IDisposable
    {
        /// <summary>What is counted for it.</summary>
        public long Octets { get; set; }

        /// <summary>So much it is, now that it is here.</summary>
        public void Is(long octets) => all.Change(this, octets);

        public void Dispose() => Is(0);
    }

    sealed class Waiter(long octets) : TaskCompletionSource<Coming>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Octets => octets;
    }
}
