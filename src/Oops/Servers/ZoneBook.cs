using Oops.Core;
using Oops.Wire.Dns;

namespace Oops.Servers;

/// <summary>
/// What a server said of each zone, and what follows from two answers in a row: a refresh whose time has passed while the expiry did not move has failed.
/// Says only what changed since it was last said. The witness owns it.
/// </summary>
internal sealed partial class ZoneBook(string channel, TimeSpan interval, Action<ZoneSignal> say, Action<string> refreshed)
{
    // Servers cut times off to seconds, so that what has not moved seems to have, by less than a second.
    static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(1050);
    static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan Soonest = TimeSpan.FromSeconds(1);

    const string NotListed = "not in the server's list";

    readonly Dictionary<string, Zone> zones = new(StringComparer.Ordinal);
    readonly PriorityQueue<string, At> looks = new();
    int reading;

    struct Zone
    {
        /// <summary>Serial, or <see cref="Signal.Absent"/>; null: not said yet.</summary>
        public long? Said;
        public At? SaidExpiry;
        public long? SaidFailures;
        public At Expires;
        public At Refresh;
        public At Look;
        public int Failures;
        public bool Known;
        public bool Loaded;

        /// <summary>Loaded, and the server does not tell its serial.</summary>
        public bool Unserialed;

        public bool EverLoaded;
        public int Reading;
        public int Wanted;
    }

    public int Count => zones.Count;

    /// <summary>When a zone has to be looked at before the next complete read; Never: none.</summary>
    public At NextLook => looks.TryPeek(out _, out var at) ? at : At.Never;

    /// <summary>Our claims have ended, so all is to be said again. What was seen of refreshes stays.</summary>
    /// <param name="restarted">It is another process: that a zone is loaded now does not mean that it was refreshed.</param>
    public void Forget(bool restarted)
    {
        foreach (var name in zones.Keys)
        {
            ref var zone = ref Slot(name);
            (zone.Said, zone.SaidExpiry, zone.SaidFailures) = (null, null, null);
            zone.Known &= !restarted;
        }
    }

    /// <summary>The zones whose time has come, at most so many.</summary>
    public List<string> Due(At now, int most)
    {
        List<string> due = [];
        while (due.Count < most && looks.TryPeek(out var name, out var at) && at <= now)
        {
            looks.Dequeue();
            // An entry that was overtaken by a later answer is passed over.
            if (zones.TryGetValue(name, out var zone) && zone.Look == at) due.Add(name);
        }

        return due;
    }

    /// <summary>At most so many zones that were said to have a serial, or that are loaded and have not told one yet, and of the expected ones.</summary>
    public List<string> Some(IEnumerable<string> expected, int most) =>
        [.. zones.Where(z => z.Value.Unserialed || z.Value.Said is not (null or Signal.Absent)).Select(z => z.Key).Concat(expected).Distinct(StringComparer.Ordinal).Take(most)];

    /// <summary>The zones that are loaded without that the server tells their serials.</summary>
    public List<string> Unserialed => [.. zones.Where(z => z.Value.Unserialed).Select(z => z.Key)];

    public void BeginRead() => reading++;

    /// <summary>The server was started anew: its plans are not those from before.</summary>
    public void Restarted()
    {
        foreach (var name in zones.Keys) Slot(name).Known = false;
    }

    /// <summary>The name as we write it; null when it is none.</summary>
    public static string? Canonical(string zone) => DnsName.TryParse(zone, out var dns) ? dns.ToString() : null;

    /// <summary>Takes what the server answered over DNS for a zone whose serial it did not tell.</summary>
    /// <param name="name">One of <see cref="Unserialed"/>.</param>
    /// <param name="serial">The serial, or <see cref="Signal.Absent"/>.</param>
    /// <param name="detail">Why it is absent.</param>
    /// <param name="soa">The whole record, where there was one.</param>
    /// <param name="now">When it was answered.</param>
    public void Answer(string name, long serial, string? detail, Soa? soa, At now)
    {
        if (!zones.TryGetValue(name, out var known) || !known.Unserialed) return;
        ref var zone = ref Slot(name);
        SaySerial(name, ref zone, serial, detail);
        if (soa is { } timers) TakeTimers(name, ref zone, timers, now);
    }

    /// <summary>Takes the answer about one zone.</summary>
    /// <param name="facts">The answer.</param>
    /// <param name="failed">The server spoke of the zone before: it could not update it.</param>
    /// <param name="now">When it was read.</param>
    /// <returns>The zone's canonical name; null when it has none, or was taken in this read already.</returns>
    public string? Take(in ZoneFacts facts, bool failed, At now)
    {
        if (Canonical(facts.Zone) is not { } name) return null;
        ref var zone = ref Slot(name);
        var again = zone.Reading == reading;
        zone.Reading = reading;
        if (facts.Denied is not null)
        {
            SaySerial(name, ref zone, Signal.Absent, facts.Denied);
            zone.Loaded = zone.Unserialed = false;
            return again ? null : name;
        }

        if (facts.Refreshed is null) TakeRefresh(name, ref zone, facts, failed, now);
        (zone.Known, zone.Loaded, zone.Unserialed) = (true, facts.Loaded, facts is { Loaded: true, Serial: null });
        zone.EverLoaded |= facts.Loaded;
        if (!zone.Unserialed) SaySerial(name, ref zone, facts.Loaded ? facts.Serial!.Value : Signal.Absent, facts.Loaded ? null : facts.Detail ?? "not loaded");
        if (facts.Edition is { } edition) TakeEdition(name, edition);
        if (facts.Refreshed is { } refresh)
        {
            TakeDate(name, ref zone, refresh, now);
            return again ? null : name;
        }

        dates.Remove(name);
        var (expires, detail) = ExpiryOf(zone, facts, now);
        SayExpiry(name, ref zone, expires, detail, now);
        SayFailures(name, ref zone);
        PlanLook(name, ref zone, facts, now);
        return again ? null : name;
    }

    /// <summary>A complete read is over: zones that were not in it are not there, and neither are expected ones that never were.</summary>
    public void EndRead(IEnumerable<string> expected)
    {
        foreach (var name in expected)
        {
            ref var zone = ref Slot(name);
            zone.Wanted = reading;
            if (zone.Reading != reading) SaySerial(name, ref zone, Signal.Absent, NotListed);
        }

        foreach (var name in zones.Keys)
        {
            ref var zone = ref Slot(name);
            if (zone.Reading != reading) zone.Unserialed = false;
            if (zone.Reading == reading || zone.Wanted == reading) continue;
            // Said once; then there is nothing more to say about it.
            if (zone.Said == Signal.Absent) Drop(name);
            else SaySerial(name, ref zone, Signal.Absent, NotListed);
        }
    }

    void TakeRefresh(string name, ref Zone zone, in ZoneFacts facts, bool failed, At now)
    {
        var expires = facts.Expiry.Kind == PlanKind.In ? now + facts.Expiry.Span : At.Zero;
        // Running or pending: an attempt is under way, and its outcome is not known yet.
        var planned = facts.Refresh.Kind == PlanKind.In;
        var refresh = planned ? now + facts.Refresh.Span : At.Zero;
        if (!facts.Secondary)
        {
            zone.Failures = 0;
        }
        else if (facts.Failures is { } told)
        {
            if (told == 0 && zone.Failures > 0) refreshed(name);
            zone.Failures = told;
        }
        else if (!zone.Known)
        {
            // Empty, and the next attempt is planned: there was one, and it failed.
            if (!facts.Loaded && planned) zone.Failures = Math.Max(1, zone.Failures);
        }
        else if ((facts.Loaded && !zone.Loaded) || (expires != At.Zero && zone.Expires != At.Zero && expires - zone.Expires >= Jitter))
        {
            zone.Failures = 0;
            refreshed(name);
        }
        else if (failed || (planned && zone.Refresh != At.Zero && refresh - zone.Refresh >= Jitter))
        {
            zone.Failures++;
        }
        else if (zone.Loaded && !facts.Loaded)
        {
            // Expired: no attempt has succeeded since the last one that did, whether or not one was seen to fail.
            zone.Failures = Math.Max(1, zone.Failures);
        }

        if (expires != At.Zero) zone.Expires = expires;
        // While an attempt is under way the old plan is kept, so that its outcome is seen as that of this plan.
        if (planned) zone.Refresh = refresh;
    }

    void SaySerial(string name, ref Zone zone, long value, string? detail)
    {
        if (zone.Said == value) return;
        zone.Said = value;
        say(new(channel, name, Measure.Serial, value, detail));
    }

    void SayFailures(string name, ref Zone zone)
    {
        if (zone.SaidFailures != zone.Failures) say(new(channel, name, Measure.RefreshFailures, zone.Failures));
        zone.SaidFailures = zone.Failures;
    }

    void SayExpiry(string name, ref Zone zone, At? at, string? detail, At now)
    {
        if (at is null || (zone.SaidExpiry is { } said && (said == at || (Timed(said) && Timed(at.Value) && Distance(said, at.Value) < Jitter)))) return;
        zone.SaidExpiry = at;
        // Rounded up, because servers cut off: never expired before it is.
        var left = at == At.Never ? Signal.Absent : at == At.Zero ? 0 : Math.Max(1, (long)(at.Value - now).TotalSeconds + 1);
        say(new(channel, name, Measure.Expiry, left, detail));
    }

    // When the zone expires: Never, Zero for expired, null where that is not known.
    static (At? At, string? Detail) ExpiryOf(in Zone zone, in ZoneFacts facts, At now)
    {
        if (!facts.Secondary) return (At.Never, null);
        if (facts.Expired) return (At.Zero, facts.Detail);
        // Empty and never seen loaded may as well be a first transfer that is still to come: that is not ready, but it is not expired.
        if (!facts.Loaded) return (zone.EverLoaded ? At.Zero : null, null);
        if (facts.Expiry.Kind == PlanKind.In) return (zone.Expires, null);
        // knotd 3.2.6 loads the file of an expired zone at its next start, serves it, and plans no expiry at all until a refresh succeeds.
        return facts.Expiry.Kind == PlanKind.None && zone.Expires != At.Zero && zone.Expires <= now ? (At.Zero, "expired, and served again from its old file") : (null, null);
    }

    // The machine lets a claimed time run out by itself. Where it could do so before the next complete read, the zone is looked at when its refresh is due.
    void PlanLook(string name, ref Zone zone, in ZoneFacts facts, At now)
    {
        var expires = facts.Loaded && facts.Expiry.Kind == PlanKind.In;
        if (!facts.Secondary || (expires && zone.Expires - now > interval * 3))
        {
            zone.Look = At.Zero;
            return;
        }

        var at = facts.Refresh.Kind == PlanKind.In ? zone.Refresh + Jitter + Settle : now + Soonest;
        if (expires) at = At.Min(at, zone.Expires + Jitter);
        PlanLook(name, ref zone, at, now);
    }

    void PlanLook(string name, ref Zone zone, At at, At now)
    {
        at = At.Max(at, now + Soonest);
        // One entry for each zone: one that is early does no harm.
        if ((zone.Look > now && zone.Look <= at) || at - now >= interval) return;
        zone.Look = at;
        looks.Enqueue(name, at);
    }

    void Drop(string name)
    {
        zones.Remove(name);
        dates.Remove(name);
        editions.Remove(name);
    }

    ref Zone Slot(string name) => ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(zones, name, out _);

    static bool Timed(At at) => at != At.Never && at != At.Zero;

    static TimeSpan Distance(At a, At b) => a > b ? a - b : b - a;
}
