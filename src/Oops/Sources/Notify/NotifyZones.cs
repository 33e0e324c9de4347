using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Sources.Notify;

/// <summary>A zone to look at, what for, and who said so last.</summary>
internal readonly record struct Look(NotifyZone Zone, Notified Wants, PeerAddress By);

/// <summary>
/// The zones, and which are to be looked at when. The listener's threads only mark a zone under a gate that nobody holds for longer than a few steps; what is marked already is merged, so a flood
/// occupies nothing. Bounded by the config, the expected zones, and the two limits on names learnt through wildcards.
/// </summary>
internal sealed partial class NotifyZones(NotifyTarget target, TimeProvider time, Action wake)
{
    /// <summary>How often a notified zone is looked at again while the answer is not yet what was notified, each time after twice as long: for a second in all.</summary>
    public const int MostAgain = 4;

    static readonly TimeSpan Soon = TimeSpan.FromSeconds(1.0 / 16);

    /// <summary>Names under wildcards that wait to be proved: an allowed notifier that invents names gets no further.</summary>
    public const int MostUnproved = 4096;

    readonly Lock gate = new();
    readonly DueHeap heap = new();
    readonly Queue<NotifyZone> queue = new();
    readonly Wildcards wildcards = new(target.Wildcards);
    readonly long began = time.GetTimestamp();
    NotifyZone?[] buckets = new NotifyZone?[64];
    int count;
    int learnt;
    int unproved;
    TimeSpan asleepUntil = TimeSpan.MinValue;

    /// <summary>Zones in the table.</summary>
    public int Total
    {
        get
        {
            lock (gate)
                return count;
        }
    }

    public TimeSpan Now => time.GetElapsedTime(began);

    /// <summary>Called for each NOTIFY that was let in. Never waits; nothing is allocated for a zone that is known.</summary>
    public Noted Note(in DnsName name, Notified what, uint? hint, PeerAddress by)
    {
        var hash = name.GetHashCode();
        lock (gate)
        {
            var zone = Find(name.Wire, hash);
            if (zone is null)
            {
                if (!wildcards.Match(name))
                    return Noted.NotOurs;
                if (unproved >= MostUnproved || learnt >= target.MostLearnt)
                    return Noted.Full;
                zone = Add(new NotifyZone(name.Wire.ToArray(), hash, named: false));
            }

            if (what == Notified.Soa && hint is { } serial && zone.Serial == serial && !zone.Absent && zone.Failures == 0)
                return Noted.Unchanged;
            zone.By = by;
            if (what == Notified.Soa)
            {
                zone.Told = hint;
                // Not with each of a stream of them: it would be asked for without a pause.
                if (Now >= zone.AgainAnew)
                    (zone.Again, zone.AgainAnew) = (0, Now + target.Spacing);
            }

            if ((zone.Wants & what) != 0)
                return Noted.Merged;
            zone.Wants |= what;
            if (!zone.Busy && !zone.Queued)
                Schedule(zone);
            return Noted.Taken;
        }
    }

    /// <summary>The zones that are polled from now on. New ones are due at once; those that left are forgotten.</summary>
    public void SetNamed(IEnumerable<string> names)
    {
        var wanted = new HashSet<NotifyZone>();
        foreach (var text in names)
        {
            if (!DnsName.TryParse(text, out var name))
                continue;
            lock (gate) // for each by itself: the listener must not wait for a million
                wanted.Add(Name(name));
        }

        List<NotifyZone> gone = [];
        lock (gate)
        {
            foreach (var bucket in buckets)
            {
                for (var zone = bucket; zone is not null; zone = zone.Next)
                {
                    if (zone.Named && !wanted.Contains(zone))
                        gone.Add(zone);
                }
            }
        }

        foreach (var zone in gone)
        {
            lock (gate)
                Remove(zone);
        }
    }

    /// <summary>
    /// Takes the zones that are due, notified ones first, and at most <paramref name="polls"/> others. If there are none, it returns when the next one is: then <c>wake</c> is called if one is due sooner.
    /// </summary>
    public TimeSpan Take(List<Look> looks, int polls)
    {
        lock (gate)
        {
            var now = Now;
            while (queue.TryDequeue(out var zone))
                Begin(zone, now, looks);
            while (heap.First is { } first && first.Due <= now && (first.Wants != Notified.None || polls-- > 0))
            {
                heap.Remove(first);
                Begin(first, now, looks);
            }

            asleepUntil = looks.Count > 0 ? TimeSpan.MinValue : heap.First is not { } next ? TimeSpan.MaxValue : next.Due > now ? next.Due : now + target.Spacing;
            return asleepUntil;
        }
    }

    /// <summary>The zone was looked at without asking for it.</summary>
    public void Release(NotifyZone zone)
    {
        lock (gate)
            End(zone);
    }

    void Begin(NotifyZone zone, TimeSpan now, List<Look> looks)
    {
        if (zone.Gone)
            return;
        zone.Queued = false;
        zone.Busy = true;
        zone.NotBefore = Together(now + target.Spacing, target.Spacing / 16);
        looks.Add(new Look(zone, zone.Wants, zone.By));
        zone.Wants = Notified.None;
    }

    /// <summary>Rounded up, so that what is put off under a flood comes due in a few large rounds and not in many small ones, each with a socket of its own.</summary>
    static TimeSpan Together(TimeSpan due, TimeSpan round)
    {
        var step = Math.Max(1, round.Ticks);
        return TimeSpan.FromTicks((due.Ticks + step - 1) / step * step);
    }

    void End(NotifyZone zone)
    {
        zone.Busy = false;
        if (!zone.Gone)
            Schedule(zone);
    }

    /// <summary>Puts an idle zone where it is found when it is due.</summary>
    void Schedule(NotifyZone zone)
    {
        var due = zone.PollAt;
        if (zone.Wants != Notified.None)
        {
            var now = Now;
            if (zone.NotBefore <= now)
            {
                heap.Remove(zone);
                zone.Queued = true;
                queue.Enqueue(zone);
                Wake(TimeSpan.Zero);
                return;
            }

            due = due < zone.NotBefore ? due : zone.NotBefore;
        }

        if (due == TimeSpan.MaxValue)
            return;
        heap.Set(zone, due);
        Wake(due);
    }

    void Wake(TimeSpan due)
    {
        if (due >= asleepUntil)
            return;
        asleepUntil = TimeSpan.MinValue;
        wake();
    }

    NotifyZone Name(in DnsName name)
    {
        var hash = name.GetHashCode();
        var zone = Find(name.Wire, hash);
        if (zone is null)
        {
            zone = Add(new NotifyZone(name.Wire.ToArray(), hash, named: true) { PollAt = Now });
            Schedule(zone);
        }
        else if (!zone.Named)
        {
            learnt--;
            if (zone.Unproved)
                unproved--;
            zone.Named = true;
            zone.PollAt = Now;
            if (!zone.Busy && !zone.Queued)
                Schedule(zone);
        }

        return zone;
    }

    NotifyZone? Find(ReadOnlySpan<byte> wire, int hash)
    {
        var zone = buckets[hash & buckets.Length - 1];
        while (zone is not null && (zone.Hash != hash || !wire.SequenceEqual(zone.Wire)))
            zone = zone.Next;
        return zone;
    }

    NotifyZone Add(NotifyZone zone)
    {
        if (count == buckets.Length)
            Grow();
        ref var bucket = ref buckets[zone.Hash & buckets.Length - 1];
        zone.Next = bucket;
        bucket = zone;
        count++;
        if (!zone.Named)
        {
            learnt++;
            unproved++;
        }

        return zone;
    }

    void Remove(NotifyZone zone)
    {
        ref var bucket = ref buckets[zone.Hash & buckets.Length - 1];
        if (bucket == zone)
        {
            bucket = zone.Next;
        }
        else
        {
            var before = bucket;
            while (before is not null && before.Next != zone)
                before = before.Next;
            if (before is null)
                return;
            before.Next = zone.Next;
        }

        heap.Remove(zone);
        zone.Gone = true; // where it is queued or being looked at, it is dropped there
        count--;
        if (zone.Named)
            return;
        learnt--;
        if (zone.Unproved)
            unproved--;
    }

    void Grow()
    {
        var old = buckets;
        buckets = new NotifyZone?[old.Length * 2];
        foreach (var bucket in old)
        {
            for (var zone = bucket; zone is not null;)
            {
                var next = zone.Next;
                ref var to = ref buckets[zone.Hash & buckets.Length - 1];
                zone.Next = to;
                to = zone;
                zone = next;
            }
        }
    }
}
