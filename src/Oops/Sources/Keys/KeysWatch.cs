using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Keys;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Sources.Keys;

/// <summary>
/// Looks at zones, some at once: each when its time has come, and when a new serial of it was heard of by whoever. What was heard is taken one look after the other. A change is told when it is on the disk, so that a command that it
/// starts finds the same there.
/// </summary>
internal sealed class KeysWatch
{
    /// <summary>
    /// So many looks at once. One at which nobody answers takes two timeouts, 6 s unless written: one after the other, a hundred such zones would keep all others waiting for ten minutes. More would send a server
    /// that comes back, or a parent's that has nothing to do with it, more questions at once than a look is worth.
    /// </summary>
    const int MostAtOnce = 16;

    /// <summary>A serial may be known before the server answers with it.</summary>
    static readonly TimeSpan Echo = TimeSpan.FromSeconds(5);

    /// <summary>From one reading of the serials to the next, and so many times as long as one took.</summary>
    static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    const int Sparing = 10;

    /// <summary>What was heard is judged for so many of the intervals at which it is looked when nothing happens.</summary>
    const int Stands = 3;

    static readonly TimeSpan StoreAgain = TimeSpan.FromSeconds(10);

    readonly KeysTarget target;
    readonly KeyStore store;
    readonly KeysCounts counts;
    readonly IEngine engine;
    readonly KeysAsker asker;
    readonly SerialSweep sweep;
    readonly KeysVoice voice;
    readonly SilentZones silent;
    readonly Dictionary<string, WatchedZone> zones = new(StringComparer.Ordinal);
    readonly List<Looking> looks = [];
    ZoneSet? taken;
    int? pid;
    At storeDue, sweepDue, sweepBegun, notBefore, spaced;
    bool opened, unstored, echo, echoAfter, swept;

    public KeysWatch(KeysTarget target, KeyStore store, KeysCounts counts, IEngine engine)
    {
        (this.target, this.store, this.counts, this.engine) = (target, store, counts, engine);
        asker = new(target, engine.Time);
        sweep = new(target, engine.Time);
        voice = new(target, engine);
        silent = new(target, engine);
    }

    /// <summary>A look that is under way, and the serials that were known when it began.</summary>
    sealed record Looking(WatchedZone Zone, Task<ZoneLook> Look, IReadOnlyDictionary<string, uint> News);

    /// <summary>Runs until <paramref name="stop"/> is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            await WatchAsync(ending.Token).ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll([sweep.Reading, .. looks.Select(l => l.Look)]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task WatchAsync(CancellationToken stop)
    {
        // The serials are read once before the first look, so that the first news of one zone is not news of all.
        var bell = engine.NewSerial(target.Server);
        voice.Begin();
        silent.Begin();
        while (true)
        {
            var view = engine.Server(target.Server);
            Take(view);
            if (storeDue <= engine.Now) await StoreAsync(stop).ConfigureAwait(false);
            if (bell.IsCompleted)
            {
                // However often it rings, the server is asked no more than that.
                bell = engine.NewSerial(target.Server);
                sweepDue = At.Min(sweepDue, engine.Now > notBefore ? engine.Now : notBefore);
                echo = true;
            }

            await SweepAsync(stop).ConfigureAwait(false);
            foreach (var look in looks.Where(l => l.Look.IsCompleted).ToList()) await EndAsync(look, stop).ConfigureAwait(false);
            while (looks.Count < MostAtOnce && spaced <= engine.Now && Next() is { } zone && zone.Due <= engine.Now) Begin(zone, stop);

            silent.Tell(zones.Values);
            var until = At.Min(At.Min(storeDue, silent.Due), sweep.IsRunning ? At.Never : sweepDue);
            if (looks.Count < MostAtOnce && Next() is { } next) until = At.Min(until, At.Max(spaced, next.Due));
            await WaitAsync(until, [bell, view.Replaced, .. sweep.IsRunning ? [sweep.Reading] : Array.Empty<Task>(), .. looks.Select(l => l.Look)], stop).ConfigureAwait(false);
        }
    }

    WatchedZone? Next() => zones.Values.Where(z => !z.Looking && !z.Waits).MinBy(z => z.Due);

    async Task WaitAsync(At until, Task[] sooner, CancellationToken stop)
    {
        using var woken = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var left = until == At.Never ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Ceiling(Math.Clamp((until - engine.Now).TotalMilliseconds, 0, TimeSpan.FromDays(20).TotalMilliseconds)));
        var over = Task.Delay(left, engine.Time, woken.Token);
        await Task.WhenAny([over, .. sooner]).ConfigureAwait(false);
        await woken.CancelAsync().ConfigureAwait(false);
        await over.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>The zones to watch, as they are now. A new incarnation of the server ended what was claimed of it, so all is to be said again.</summary>
    void Take(ServerView view)
    {
        if (view.Pid != pid)
        {
            pid = view.Pid;
            foreach (var zone in zones.Values) zone.Hurry(engine.Now);
        }

        if (target.Zones is not null ? taken is not null : ReferenceEquals(taken, view.Zones)) return;
        taken = view.Zones;
        var left = 0;
        HashSet<string> kept = new(StringComparer.Ordinal);
        foreach (var name in target.Zones ?? (IReadOnlyCollection<string>)view.Zones)
        {
            if (kept.Count >= target.Most) left++;
            else if (DnsName.TryParse(name, out var zone) && kept.Add(name) && !zones.ContainsKey(name)) zones.Add(name, new(name, zone, engine.Now) { Waits = !swept && !sweep.IsRunning });
        }

        foreach (var gone in zones.Values.Where(z => !kept.Contains(z.Name)).ToList())
        {
            zones.Remove(gone.Name);
            voice.Left(gone);
        }

        silent.Changed();
        counts.Zones(zones.Count, left);
        counts.Mismatches(zones.Values.Count(z => z.Mismatch));
    }

    void Begin(WatchedZone zone, CancellationToken stop)
    {
        counts.Look();
        zone.Begin();
        looks.Add(new(zone, asker.LookAsync(zone.Zone, stop), new Dictionary<string, uint>(zone.News)));
        spaced = engine.Now + target.Spacing;
    }

    async Task EndAsync(Looking looking, CancellationToken stop)
    {
        looks.Remove(looking);
        var (zone, look) = (looking.Zone, await looking.Look.ConfigureAwait(false));
        // It may have left meanwhile, and even come back.
        if (zones.GetValueOrDefault(zone.Name) != zone) return;
        var heard = look.Servers.Any(s => s.Keys is not null);
        if (heard) zone.Heard = engine.Now;
        zone.Silent = heard ? null : look.Servers.Select(s => $"{zone.Name}: {s.Address}: {s.Why}").FirstOrDefault() ?? "";
        if (look.Parents.Any(p => p.Ds is not null)) (zone.ParentHeard, zone.ParentSilent) = (engine.Now, null);
        else zone.ParentSilent = look.Parents.Select(p => $"{zone.Name}: {p.Address}: {p.Why}").FirstOrDefault() ?? "";
        var failed = look.Servers.Any(s => s.Keys is null) || (look.Parents.Length > 0 && zone.ParentSilent is not null);
        if (failed) counts.Fail();
        // A serial whose keys were not heard is news still.
        foreach (var (address, serial) in looking.News.Where(n => look.Servers.Any(s => s.Address == n.Key && s.Keys is not null))) zone.Serials[address] = serial;

        // While the disk is waited for, what is seen counts without what was known before.
        if (!zone.Remembered && opened && storeDue == At.Never) await RememberAsync(zone, stop).ConfigureAwait(false);
        silent.Take(zone, look, zone.Known);
        zone.Known = zone.Known.Take(look, out var changes);
        zone.Known = zone.Known with { Stands = Stands * Refresh(zone.Known, look.At) };
        zone.Stored = false;
        if (changes.Any)
        {
            counts.Change();
            zone.Changed(changes.ToString());
        }

        await StoreAsync(zone, stop).ConfigureAwait(false);
        var findings = Delegation.Judge(zone.Zone, zone.Known, target.Grace, look.At);
        zone.End(engine.Now, Schedule(zone, look.At, findings, failed));
        Tell(zone, findings);
    }

    /// <summary>RFC 5011, 2.3, with the DS's TTL too, within the config's bounds.</summary>
    TimeSpan Refresh(ZoneKeys known, DateTimeOffset now)
    {
        var ttls = known.Servers.Where(s => !s.Keys.Keys.IsEmpty).Select(s => s.Keys.Ttl).Concat(known.Ds is { Records.IsEmpty: false } ds ? [ds.Ttl] : []).ToList();
        TimeSpan? ttl = ttls.Count == 0 ? null : TimeSpan.FromSeconds(ttls.Min());
        var ends = known.Servers.Select(s => s.Keys.SignedUntil).OfType<DateTimeOffset>().ToList();
        TimeSpan? signed = ends.Count == 0 ? null : ends.Min() - now;
        return target.Refresh.Next((uint)KeyStates.Refresh(ttl, signed).TotalSeconds, random: 0);
    }

    /// <summary>The next look: after a failure the sooner the fewer there were; earlier where a finding ends by time alone.</summary>
    At Schedule(WatchedZone zone, DateTimeOffset now, IReadOnlyList<Finding> findings, bool failed)
    {
        var soon = failed || zone.Known.DifferSince is not null || zone.Known.ParentsDiffer is not null;
        var next = Refresh(zone.Known, now);
        if (soon && KeyStates.Retry(target.Retry.Least, target.Retry.Most, zone.Failures) is var again && again < next) next = again;
        zone.Failures = soon ? zone.Failures + 1 : 0;
        next *= 1 - Unpredictable.Fraction() / 10;
        foreach (var finding in findings)
            if (finding.Until is { } until && until - now + TimeSpan.FromSeconds(1) < next) next = until - now + TimeSpan.FromSeconds(1);
        return engine.Now + next;
    }

    void Tell(WatchedZone zone, IReadOnlyList<Finding> findings)
    {
        if (voice.Take(zones.Values))
        {
            // What was claimed before the silence has ended.
            foreach (var other in zones.Values.Where(z => z != zone)) other.Hurry(engine.Now);
        }

        if (zone.Heard is not null && zone.Stored) voice.Keys(zone);
        if (target.Parents.IsEmpty) return;
        voice.Delegation(zone, findings);
        counts.Mismatches(zones.Values.Count(z => z.Mismatch));
    }

    /// <summary>Opens the store; later, what could not be stored is tried again.</summary>
    async Task StoreAsync(CancellationToken stop)
    {
        storeDue = At.Never;
        if (!opened)
        {
            if (await store.OpenAsync(stop).ConfigureAwait(false) is { } why)
            {
                Unstored(why);
                return;
            }

            opened = true;
            Welcome();
        }

        foreach (var zone in zones.Values.Where(z => !z.Stored && z.Heard is not null).ToList())
        {
            if (!zone.Remembered)
            {
                if (!await RememberAsync(zone, stop).ConfigureAwait(false)) return;
                // Seen meanwhile without what was known before: that counts, and the zone is looked at again.
                if (zone.Stored)
                {
                    zone.Hurry(engine.Now);
                    continue;
                }
            }

            await StoreAsync(zone, stop).ConfigureAwait(false);
            if (!zone.Stored) return;
            voice.Keys(zone);
        }
    }

    /// <summary>Takes what the store has of a zone, if anything. False: it cannot be read now.</summary>
    async Task<bool> RememberAsync(WatchedZone zone, CancellationToken stop)
    {
        var (known, why) = await store.ReadAsync(target.Server, zone.Name, stop).ConfigureAwait(false);
        if (why is not null)
        {
            Unstored(why);
            return false;
        }

        zone.Remembered = true;
        if (known is not null) (zone.Known, zone.Stored) = (known, true);
        return true;
    }

    async Task StoreAsync(WatchedZone zone, CancellationToken stop)
    {
        // What is there is more than what was seen without it.
        if (!zone.Remembered) return;
        if (await store.WriteAsync(new(target.Server, zone.Name, zone.Known), stop).ConfigureAwait(false) is { } why)
        {
            Unstored(why);
            return;
        }

        zone.Stored = true;
        if (unstored) Welcome();
    }

    void Welcome()
    {
        unstored = false;
        counts.Stored(true);
        engine.Send(new ChannelOpened(target.StoreChannel));
    }

    void Unstored(string why)
    {
        storeDue = engine.Now + StoreAgain;
        counts.Stored(false);
        if (!unstored) engine.Send(new ChannelLost(target.StoreChannel, $"keys are not stored, so their changes are not told: {why}"));
        unstored = true;
    }

    /// <summary>Which of the zones have another serial: those are looked at. Nobody waits for it: a piece is taken when it is there.</summary>
    async Task SweepAsync(CancellationToken stop)
    {
        if (!sweep.IsRunning && sweepDue <= engine.Now)
        {
            (sweepBegun, sweepDue, echoAfter, echo) = (engine.Now, At.Never, echo, false);
            sweep.Begin(zones.Values, stop);
        }
        else if (!sweep.IsRunning || !sweep.Reading.IsCompleted)
        {
            return;
        }
        else
        {
            var (read, serials) = await sweep.TakeAsync(stop).ConfigureAwait(false);
            foreach (var zone in read) zone.Waits = false;
            foreach (var (zone, address, serial) in serials)
            {
                if (zone.Serials.TryGetValue(address, out var before) && before == serial) continue;
                zone.News[address] = serial;
                zone.Hurry(engine.Now);
            }
        }

        if (sweep.IsRunning) return;
        swept = true;
        var took = engine.Now - sweepBegun;
        notBefore = engine.Now + (took * Sparing > Least ? took * Sparing : Least);
        // It rang meanwhile: not before the server was spared.
        if (sweepDue != At.Never) sweepDue = At.Max(sweepDue, notBefore);
        else if (echoAfter) sweepDue = engine.Now + Echo;
    }
}
