using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Keys;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Sources.Keys;

/// <summary>
/// Looks at one zone after the other: when its time has come, and when a new serial of it was heard of by whoever. A change is told when it is on the disk, so that a command that it starts finds the same there.
/// </summary>
internal sealed class KeysWatch
{
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
    readonly DnsAsker serials;
    readonly KeysVoice voice;
    readonly Dictionary<string, WatchedZone> zones = new(StringComparer.Ordinal);
    Dictionary<string, ZoneKeys>? stored;
    ZoneSet? taken;
    int? pid;
    At storeDue, sweepDue, notBefore;
    bool unstored, echo;

    public KeysWatch(KeysTarget target, KeyStore store, KeysCounts counts, IEngine engine)
    {
        (this.target, this.store, this.counts, this.engine) = (target, store, counts, engine);
        asker = new(target, engine.Time);
        serials = new(engine.Time);
        voice = new(target, engine);
    }

    /// <summary>Runs until <paramref name="stop"/> is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        // The serials are read once before the first look, so that the first news of one zone is not news of all.
        var bell = engine.NewSerial(target.Server);
        voice.Begin();
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

            if (sweepDue <= engine.Now)
            {
                var begun = engine.Now;
                await SweepAsync(stop).ConfigureAwait(false);
                var took = engine.Now - begun;
                notBefore = engine.Now + (took * Sparing > Least ? took * Sparing : Least);
                sweepDue = echo ? engine.Now + Echo : At.Never;
                echo = false;
            }

            if (Next() is { } zone && zone.Due <= engine.Now)
            {
                var begun = engine.Now;
                await LookAsync(zone, stop).ConfigureAwait(false);
                await WaitAsync(begun + target.Spacing, [], stop).ConfigureAwait(false);
                continue;
            }

            await WaitAsync(At.Min(Next()?.Due ?? At.Never, At.Min(storeDue, sweepDue)), [bell, view.Replaced], stop).ConfigureAwait(false);
        }
    }

    WatchedZone? Next() => zones.Values.MinBy(z => z.Due);

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
            foreach (var zone in zones.Values) zone.Due = engine.Now;
        }

        if (target.Zones is not null ? taken is not null : ReferenceEquals(taken, view.Zones)) return;
        taken = view.Zones;
        var wanted = target.Zones ?? (IReadOnlyCollection<string>)view.Zones;
        var left = 0;
        HashSet<string> kept = new(StringComparer.Ordinal);
        foreach (var name in wanted)
        {
            if (kept.Count >= target.Most) left++;
            else if (DnsName.TryParse(name, out var zone) && kept.Add(name) && !zones.ContainsKey(name))
                zones.Add(name, new(name, zone, stored?.GetValueOrDefault(name) ?? new(), engine.Now) { Stored = stored?.ContainsKey(name) == true });
        }

        foreach (var gone in zones.Keys.Where(z => !kept.Contains(z)).ToList()) zones.Remove(gone);
        Forget();
        counts.Zones(zones.Count, left);
    }

    /// <summary>Of zones that are not watched any more as many are remembered as the store keeps.</summary>
    void Forget()
    {
        if (stored is null || stored.Count <= KeyStore.MostRows) return;
        foreach (var (name, _) in stored.Where(s => !zones.ContainsKey(s.Key)).OrderBy(s => s.Value.Looked).Take(stored.Count - KeyStore.MostRows).ToList()) stored.Remove(name);
    }

    async Task LookAsync(WatchedZone zone, CancellationToken stop)
    {
        counts.Look();
        var news = zone.News.ToList();
        var look = await asker.LookAsync(zone.Zone, stop).ConfigureAwait(false);
        var heard = look.Servers.Any(s => s.Keys is not null);
        if (heard) zone.Heard = engine.Now;
        zone.Silent = heard ? null : look.Servers.Select(s => $"{zone.Name}: {s.Address}: {s.Why}").FirstOrDefault() ?? "";
        if (look.Parents.Any(p => p.Ds is not null)) (zone.ParentHeard, zone.ParentSilent) = (engine.Now, null);
        else zone.ParentSilent = look.Parents.Select(p => $"{zone.Name}: {p.Address}: {p.Why}").FirstOrDefault() ?? "";
        var failed = look.Servers.Any(s => s.Keys is null) || (look.Parents.Length > 0 && zone.ParentSilent is not null);
        if (failed) counts.Fail();
        // A serial whose keys were not heard is news still.
        foreach (var (address, serial) in news.Where(n => look.Servers.Any(s => s.Address == n.Key && s.Keys is not null))) zone.Serials[address] = serial;

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
        zone.Due = Schedule(zone, look.At, findings, failed);
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
            foreach (var other in zones.Values.Where(z => z != zone)) other.Due = engine.Now;
        }

        if (zone.Heard is not null && zone.Stored) voice.Keys(zone);
        if (target.Parents.IsEmpty) return;
        voice.Delegation(zone, findings);
        counts.Mismatches(zones.Values.Count(z => z.Mismatch));
    }

    /// <summary>Opens the store and takes what it has; later, what could not be stored is tried again.</summary>
    async Task StoreAsync(CancellationToken stop)
    {
        storeDue = At.Never;
        if (stored is null)
        {
            var (found, why) = await store.LoadAsync(target.Server, stop).ConfigureAwait(false);
            if (found is null)
            {
                Unstored(why!);
                return;
            }

            stored = found.ToDictionary(z => z.Zone, z => z.Keys, StringComparer.Ordinal);
            Welcome();
            foreach (var zone in zones.Values)
            {
                // Seen meanwhile without what was known before: that counts, and the zone is looked at again.
                if (stored.TryGetValue(zone.Name, out var before)) (zone.Known, zone.Stored) = (before, true);
                zone.Due = engine.Now;
            }
        }

        foreach (var zone in zones.Values.Where(z => !z.Stored && z.Heard is not null).ToList())
        {
            await StoreAsync(zone, stop).ConfigureAwait(false);
            if (!zone.Stored) return;
            voice.Keys(zone);
        }
    }

    async Task StoreAsync(WatchedZone zone, CancellationToken stop)
    {
        if (stored is null) return;
        if (await store.WriteAsync(new(target.Server, zone.Name, zone.Known), stop).ConfigureAwait(false) is { } why)
        {
            Unstored(why);
            return;
        }

        zone.Stored = true;
        stored[zone.Name] = zone.Known;
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

    /// <summary>Which of the zones have another serial: those are looked at.</summary>
    async Task SweepAsync(CancellationToken stop)
    {
        var options = new AskOptions { Query = SoaQueryOptions.None, Timeout = target.Timeout };
        HashSet<string> silent = new(StringComparer.Ordinal);
        foreach (var group in zones.Values.Chunk(DnsAsker.MaxZones))
        {
            var names = group.Select(z => z.Zone).ToArray();
            foreach (var address in target.Addresses.Where(a => !silent.Contains(a.Text)))
            {
                var answers = await serials.AskAsync(address.Where, names, options, stop).ConfigureAwait(false);
                if (answers.All(a => a.Outcome != AskOutcome.Answered)) silent.Add(address.Text);
                for (var i = 0; i < group.Length; i++)
                {
                    if (answers[i].Answer.Soa is not { } soa || (group[i].Serials.TryGetValue(address.Text, out var before) && before == soa.Serial)) continue;
                    group[i].News[address.Text] = soa.Serial;
                    group[i].Due = At.Min(group[i].Due, engine.Now);
                }
            }
        }
    }
}
