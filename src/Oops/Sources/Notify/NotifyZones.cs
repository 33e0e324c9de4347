using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Sources.Notify;

/// <summary>What became of a NOTIFY for a zone.</summary>
internal enum Noted
{
    NotOurs,
    Taken,
    Merged,
    Unchanged,
    Full,
}

/// <summary>A zone to look at, what for, and who said so last.</summary>
internal readonly record struct Look(NotifyZone Zone, Notified Wants, PeerAddress By);

/// <summary>
/// The zones, and which are to be looked at when. The listener's threads only mark a zone under a gate that nobody holds for longer than a few steps; what is marked already is merged, so a flood
/// occupies nothing. Bounded by the config, the expected zones, and the two limits on names learnt through wildcards.
/// </summary>
internal sealed partial class NotifyZones(NotifyTarget target, TimeProvider time, Action wake)
{
    /// <summary>Names under wildcards that wait to be proved: an allowed notifier that invents names gets no further.</summary>
    public const int MostUnproved = 4096;

    private readonly Lock _gate = new();
    private readonly DueHeap _heap = new();
    private readonly Queue<NotifyZone> _queue = new();
    private readonly Wildcards _wildcards = new(target.Wildcards);
    private readonly long _began = time.GetTimestamp();
    private NotifyZone?[] _buckets = new NotifyZone?[64];
    private int _count;
    private int _learnt;
    private int _unproved;
    private TimeSpan _asleepUntil = TimeSpan.MinValue;

    /// <summary>Zones in the table.</summary>
    public int Total
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    public TimeSpan Now => time.GetElapsedTime(_began);

    /// <summary>Called for each NOTIFY that was let in. Never waits; nothing is allocated for a zone that is known.</summary>
    public Noted Note(in DnsName name, Notified what, uint? hint, PeerAddress by)
    {
        var hash = name.GetHashCode();
        lock (_gate)
        {
            var zone = Find(name.Wire, hash);
            if (zone is null)
            {
                if (!_wildcards.Match(name))
                    return Noted.NotOurs;
                if (_unproved >= MostUnproved || _learnt >= target.MostLearnt)
                    return Noted.Full;
                zone = Add(new NotifyZone(name.Wire.ToArray(), hash, named: false));
            }

            if (what == Notified.Soa && hint is { } serial && zone.Serial == serial && !zone.Absent && zone.Failures == 0)
                return Noted.Unchanged;
            zone.By = by;
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
            lock (_gate) // for each by itself: the listener must not wait for a million
                wanted.Add(Name(name));
        }

        List<NotifyZone> gone = [];
        lock (_gate)
        {
            foreach (var bucket in _buckets)
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
            lock (_gate)
                Remove(zone);
        }
    }

    /// <summary>
    /// Takes the zones that are due, notified ones first, and at most <paramref name="polls"/> others. If there are none, it returns when the next one is: then <c>wake</c> is called if one is due sooner.
    /// </summary>
    public TimeSpan Take(List<Look> looks, int polls)
    {
        lock (_gate)
        {
            var now = Now;
            while (_queue.TryDequeue(out var zone))
                Begin(zone, now, looks);
            while (_heap.First is { } first && first.Due <= now && (first.Wants != Notified.None || polls-- > 0))
            {
                _heap.Remove(first);
                Begin(first, now, looks);
            }

            _asleepUntil = looks.Count > 0 ? TimeSpan.MinValue : _heap.First is not { } next ? TimeSpan.MaxValue : next.Due > now ? next.Due : now + target.Spacing;
            return _asleepUntil;
        }
    }

    /// <summary>The zone was looked at without asking for it.</summary>
    public void Release(NotifyZone zone)
    {
        lock (_gate)
            End(zone);
    }

    private void Begin(NotifyZone zone, TimeSpan now, List<Look> looks)
    {
        if (zone.Gone)
            return;
        zone.Queued = false;
        zone.Busy = true;
        zone.NotBefore = Together(now + target.Spacing);
        looks.Add(new Look(zone, zone.Wants, zone.By));
        zone.Wants = Notified.None;
    }

    /// <summary>Rounded up, so that what is put off under a flood comes due in a few large rounds and not in many small ones, each with a socket of its own.</summary>
    private TimeSpan Together(TimeSpan due)
    {
        var step = Math.Max(1, target.Spacing.Ticks / 16);
        return TimeSpan.FromTicks((due.Ticks + step - 1) / step * step);
    }

    private void End(NotifyZone zone)
    {
        zone.Busy = false;
        if (!zone.Gone)
            Schedule(zone);
    }

    /// <summary>Puts an idle zone where it is found when it is due.</summary>
    private void Schedule(NotifyZone zone)
    {
        var due = zone.PollAt;
        if (zone.Wants != Notified.None)
        {
            var now = Now;
            if (zone.NotBefore <= now)
            {
                _heap.Remove(zone);
                zone.Queued = true;
                _queue.Enqueue(zone);
                Wake(TimeSpan.Zero);
                return;
            }

            due = due < zone.NotBefore ? due : zone.NotBefore;
        }

        if (due == TimeSpan.MaxValue)
            return;
        _heap.Set(zone, due);
        Wake(due);
    }

    private void Wake(TimeSpan due)
    {
        if (due >= _asleepUntil)
            return;
        _asleepUntil = TimeSpan.MinValue;
        wake();
    }

    private NotifyZone Name(in DnsName name)
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
            _learnt--;
            if (zone.Unproved)
                _unproved--;
            zone.Named = true;
            zone.PollAt = Now;
            if (!zone.Busy && !zone.Queued)
                Schedule(zone);
        }

        return zone;
    }

    private NotifyZone? Find(ReadOnlySpan<byte> wire, int hash)
    {
        var zone = _buckets[hash & _buckets.Length - 1];
        while (zone is not null && (zone.Hash != hash || !wire.SequenceEqual(zone.Wire)))
            zone = zone.Next;
        return zone;
    }

    private NotifyZone Add(NotifyZone zone)
    {
        if (_count == _buckets.Length)
            Grow();
        ref var bucket = ref _buckets[zone.Hash & _buckets.Length - 1];
        zone.Next = bucket;
        bucket = zone;
        _count++;
        if (!zone.Named)
        {
            _learnt++;
            _unproved++;
        }

        return zone;
    }

    private void Remove(NotifyZone zone)
    {
        ref var bucket = ref _buckets[zone.Hash & _buckets.Length - 1];
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

        _heap.Remove(zone);
        zone.Gone = true; // where it is queued or being looked at, it is dropped there
        _count--;
        if (zone.Named)
            return;
        _learnt--;
        if (zone.Unproved)
            _unproved--;
    }

    private void Grow()
    {
        var old = _buckets;
        _buckets = new NotifyZone?[old.Length * 2];
        foreach (var bucket in old)
        {
            for (var zone = bucket; zone is not null;)
            {
                var next = zone.Next;
                ref var to = ref _buckets[zone.Hash & _buckets.Length - 1];
                zone.Next = to;
                to = zone;
                zone = next;
            }
        }
    }
}
