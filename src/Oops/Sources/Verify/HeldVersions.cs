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
    readonly SemaphoreSlim door = new(1, 1);
    long held, coming, failing;
    TaskCompletionSource? room;

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
        await door.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            return await FitAsync(octets, stop).ConfigureAwait(false);
        }
        finally
        {
            door.Release();
        }
    }

    async Task<Coming> FitAsync(long octets, CancellationToken stop)
    {
        while (true)
        {
            Task more;
            lock (gate)
            {
                if (coming == 0 || coming + octets <= most)
                {
                    var come = new Coming(this);
                    Change(come, octets);
                    return come;
                }

                room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                more = room.Task;
            }

            await more.WaitAsync(stop).ConfigureAwait(false);
        }
    }

    void Change(Coming come, long octets)
    {
        lock (gate)
        {
            coming += octets - come.Octets;
            come.Octets = octets;
            Trim();
            room?.SetResult();
            room = null;
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
}
