using System.Globalization;
using Oops.Core;
using Oops.Wire.Dns;

namespace Oops.Servers;

/// <summary>
/// What a server said of each zone, and what follows from two answers in a row: a refresh whose time has passed while the expiry did not move has failed.
/// Says only what changed since it was last said. The witness owns it.
/// </summary>
/// <param name="channel">The channel that it speaks on.</param>
/// <param name="interval">Between two complete reads.</param>
/// <param name="say">Takes what changed.</param>
/// <param name="refreshed">Takes the zones that were seen to be refreshed.</param>
/// <param name="attempt">
/// A server that plans the next attempt when one begins, and does not tell of one under way (BIND): it has failed when the plan moves again, or so long after it was seen to move. Zero: plans move when an attempt is over.
/// </param>
internal sealed partial class ZoneBook(string channel, TimeSpan interval, Action<ZoneSignal> say, Action<string> refreshed, TimeSpan attempt = default)
{
    // Servers cut times off to seconds, so that what has not moved seems to have, by less than a second.
    static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(1050);
    static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan Soonest = TimeSpan.FromSeconds(1);

    // An expiry that we computed does not run out by itself: the server's word that it has expired is waited for, also where its control does not answer until the channel is lost.
    static readonly TimeSpan Floor = TimeSpan.FromSeconds(20);

    const string Contradiction = "it does not answer for it, though its control says that it is served";
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

        /// <summary>When an attempt was first seen to have begun, of which it is not known yet how it ended; Zero: none.</summary>
        public At Attempt;
        public int Failures;
        public bool? Secondary;
        public bool Known;
        public bool Loaded;

        /// <summary>Loaded, and the server does not tell its serial.</summary>
        public bool Unserialed;

        /// <summary>To be confirmed over DNS.</summary>
        public bool Confirm;

        /// <summary>It says that it is loaded, and does not answer so.</summary>
        public bool Contradicted;

        /// <summary>What its control told last.</summary>
        public uint Told;

        /// <summary>SOA expire in seconds, as answered over DNS; 0: not known.</summary>
        public uint Lifetime;

        /// <summary>When it was refreshed; Zero: not told.</summary>
        public At Refreshed;

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
        looks.Clear();
        foreach (var name in zones.Keys)
        {
            ref var zone = ref Slot(name);
            (zone.Said, zone.SaidExpiry, zone.SaidFailures, zone.Look) = (null, null, null, At.Zero);
            zone.Known &= !restarted;
            zone.Contradicted &= !restarted;
        }
    }

    /// <summary>Nothing is known of any zone any more; only where nothing that was said of them stands.</summary>
    public void Clear()
    {
        zones.Clear();
        dates.Clear();
        editions.Clear();
        zones.TrimExcess();
        dates.TrimExcess();
        editions.TrimExcess();
        looks.Clear();
        changed = [];
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

    /// <summary>The zones whose state is to be confirmed over DNS.</summary>
    public List<string> ToConfirm => [.. zones.Where(z => z.Value.Confirm).Select(z => z.Key)];

    /// <summary>At most so many zones that were there, or are expected, and were not in this read.</summary>
    public List<string> Missing(IEnumerable<string> expected, int most) =>
        [.. zones.Where(z => z.Value.Unserialed || z.Value.Said is not (null or Signal.Absent)).Select(z => z.Key).Concat(expected).Distinct(StringComparer.Ordinal).Where(IsMissing).Take(most)];

    bool IsMissing(string name) => !zones.TryGetValue(name, out var zone) || (zone.Reading != reading && zone.Said != Signal.Absent);

    public void BeginRead() => reading++;

    /// <summary>The name as we write it; null when it is none.</summary>
    public static string? Canonical(string zone) => DnsName.TryParse(zone, out var dns) ? dns.ToString() : null;

    /// <summary>The zone is still one of <see cref="Unserialed"/> or <see cref="ToConfirm"/>.</summary>
    public bool Wants(string name) => zones.TryGetValue(name, out var zone) && (zone.Unserialed || zone.Confirm);

    /// <summary>Takes what the server answered over DNS for a zone whose serial it did not tell, or whose state is to be confirmed.</summary>
    /// <param name="name">One of <see cref="Unserialed"/> or <see cref="ToConfirm"/>.</param>
    /// <param name="serial">The serial, or <see cref="Signal.Absent"/>.</param>
    /// <param name="detail">Why it is absent.</param>
    /// <param name="soa">The whole record, where there was one.</param>
    /// <param name="now">When it was answered.</param>
    /// <returns>False: it answers, though its control said that it is not loaded, and is to be looked at.</returns>
    public bool Answer(string name, long serial, string? detail, Soa? soa, At now)
    {
        if (!Wants(name)) return true;
        ref var zone = ref Slot(name);
        if (zone.Unserialed)
        {
            SaySerial(name, ref zone, serial, detail);
        }
        else if (zone.Loaded)
        {
            zone.Contradicted = serial == Signal.Absent;
            SaySerial(name, ref zone, zone.Contradicted ? Signal.Absent : zone.Told, zone.Contradicted ? $"{detail}, though its control says that it is served" : null);
        }

        if (soa is { } timers)
        {
            TakeTimers(name, ref zone, timers, now);
            TakeLifetime(name, ref zone, timers.Expire, now);
        }

        return zone.Loaded || serial == Signal.Absent;
    }

    /// <summary>It was asked over DNS again and again, and did not answer: an answer that contradicted its control is too old to stand.</summary>
    public void Unanswered(string name)
    {
        if (!zones.TryGetValue(name, out var known) || !known.Contradicted) return;
        ref var zone = ref Slot(name);
        zone.Contradicted = false;
        SaySerial(name, ref zone, zone.Told, null);
    }

    /// <summary>Takes the answer about one zone.</summary>
    /// <param name="told">The answer.</param>
    /// <param name="failed">The server spoke of the zone before: it could not update it.</param>
    /// <param name="now">When it was read.</param>
    /// <returns>The zone's canonical name; null when it has none, or was taken in this read already.</returns>
    public string? Take(in ZoneFacts told, bool failed, At now)
    {
        if (Canonical(told.Zone) is not { } name) return null;
        ref var zone = ref Slot(name);
        var facts = Computed(ref zone, told, now);
        var again = zone.Reading == reading;
        zone.Reading = reading;
        if (facts.Unclear) return again ? null : name;
        if (facts.Denied is not null)
        {
            Leave(name, ref zone, facts.Denied, now);
            return again ? null : name;
        }

        if (!facts.RoleUnsaid) zone.Secondary = facts.Secondary;
        if (zone.Secondary is not null && facts.Refreshed is null) TakeRefresh(name, ref zone, facts, failed, now);
        // Nobody may ever tell its serial, and that it is not there is over.
        var returned = facts is { Loaded: true, Serial: null } && !zone.Loaded && zone.Said == Signal.Absent;
        (zone.Known, zone.Loaded, zone.Unserialed) = (true, facts.Loaded, facts is { Loaded: true, Serial: null });
        zone.EverLoaded |= facts.Loaded;
        (zone.Confirm, zone.Contradicted, zone.Told) = (facts.Confirm, zone.Contradicted && facts.Confirm && facts.Loaded, facts.Serial ?? 0);
        if (zone.Contradicted) SaySerial(name, ref zone, Signal.Absent, Contradiction);
        else if (!zone.Unserialed) SaySerial(name, ref zone, facts.Loaded ? facts.Serial!.Value : Signal.Absent, facts.Loaded ? null : facts.Detail ?? "not loaded");
        else if (returned) SaySerial(name, ref zone, Signal.Unsaid, null);
        if (facts.Edition is { } edition) TakeEdition(name, edition);
        if (facts.Refreshed is { } refresh)
        {
            TakeDate(name, ref zone, refresh, now);
            return again ? null : name;
        }

        dates.Remove(name);
        SayExpiry(name, ref zone, facts, now);
        if (zone.Secondary is not null) SayFailures(name, ref zone);
        PlanLook(name, ref zone, facts, now);
        return again ? null : name;
    }

    /// <summary>A complete read is over: zones that were not in it are not there, and neither are expected ones that never were.</summary>
    public void EndRead(IEnumerable<string> expected, At now)
    {
        foreach (var name in expected)
        {
            ref var zone = ref Slot(name);
            zone.Wanted = reading;
            if (zone.Reading != reading) Leave(name, ref zone, NotListed, now);
        }

        foreach (var name in zones.Keys)
        {
            ref var zone = ref Slot(name);
            if (zone.Reading == reading || zone.Wanted == reading) continue;
            // Said once; then there is nothing more to say about it.
            if (zone.Said == Signal.Absent) Drop(name);
            else Leave(name, ref zone, NotListed, now);
        }
    }

    // The server does not have it: what it said of its expiry and refreshes is over, too. Once it comes back, it is one that was never loaded.
    void Leave(string name, ref Zone zone, string why, At now)
    {
        SaySerial(name, ref zone, Signal.Absent, why);
        zone.Loaded = zone.Unserialed = zone.Confirm = zone.Contradicted = zone.EverLoaded = false;
        dates.Remove(name);
        if (zone.SaidExpiry is not null) SayExpiry(name, ref zone, At.Never, why, now);
        zone.Failures = 0;
        if (zone.SaidFailures is not null) SayFailures(name, ref zone);
    }

    void TakeRefresh(string name, ref Zone zone, in ZoneFacts facts, bool failed, At now)
    {
        var expires = facts.Expiry.Kind == PlanKind.In ? now + facts.Expiry.Span : At.Zero;
        // Running or pending: an attempt is under way, and its outcome is not known yet.
        var planned = facts.Refresh.Kind == PlanKind.In;
        var refresh = planned ? now + facts.Refresh.Span : At.Zero;
        if (zone.Secondary == false)
        {
            (zone.Failures, zone.Attempt) = (0, At.Zero);
        }
        else if (facts.Failures is { } told)
        {
            if (told == 0 && zone.Failures > 0) refreshed(name);
            zone.Failures = told;
        }
        else if (!zone.Known)
        {
            // Empty, and the next attempt is planned: there was one, and it failed; or it is the first one, and under way.
            if (!facts.Loaded && planned && attempt == TimeSpan.Zero) zone.Failures = Math.Max(1, zone.Failures);
            else zone.Attempt = !facts.Loaded && planned ? now : At.Zero;
        }
        else if ((facts.Loaded && !zone.Loaded) || (expires != At.Zero && zone.Expires != At.Zero && expires - zone.Expires >= Jitter))
        {
            (zone.Failures, zone.Attempt) = (0, At.Zero);
            refreshed(name);
        }
        else if (failed || (planned && zone.Refresh != At.Zero && refresh - zone.Refresh >= Jitter))
        {
            // What is certain is that the attempt before this one has not succeeded.
            if (failed || attempt == TimeSpan.Zero || zone.Attempt != At.Zero) zone.Failures++;
            zone.Attempt = failed || attempt == TimeSpan.Zero ? At.Zero : now;
        }
        else if (zone.Loaded && !facts.Loaded)
        {
            // Expired: no attempt has succeeded since the last one that did, whether or not one was seen to fail.
            zone.Failures = Math.Max(1, zone.Failures);
        }
        else if (zone.Attempt != At.Zero && now - zone.Attempt >= attempt)
        {
            zone.Failures++;
            zone.Attempt = At.Zero;
        }

        // What is asked for by name comes by another way, with another lateness: it is believed where it shows that the zone was refreshed.
        if (expires != At.Zero && (!facts.RoleUnsaid || zone.Expires == At.Zero || expires > zone.Expires)) zone.Expires = expires;
        // While an attempt is under way the old plan is kept, so that its outcome is seen as that of this plan.
        if (planned) zone.Refresh = refresh;
    }

    // The SOA's expire, in seconds, as it was answered.
    void TakeLifetime(string name, ref Zone zone, uint expire, At now)
    {
        if (expire == 0 || expire == zone.Lifetime) return;
        zone.Lifetime = expire;
        if (zone.Loaded && zone.Refreshed != At.Zero) SayExpiry(name, ref zone, Computed(ref zone, new() { Zone = name, Secondary = true, Loaded = true, Age = now - zone.Refreshed }, now), now);
    }

    // With the time of its expiry, where that follows from its last refresh.
    static ZoneFacts Computed(ref Zone zone, in ZoneFacts told, At now)
    {
        zone.Refreshed = told.Age is { } age ? now - age : At.Zero;
        if (told.Age is null || zone.Lifetime == 0 || !told.Loaded || told.Expiry.Kind != PlanKind.Unsaid) return told;
        var left = TimeSpan.FromSeconds(zone.Lifetime) - told.Age.Value;
        return told with { Expiry = Plan.In(left > Floor ? left : Floor) };
    }

    void SaySerial(string name, ref Zone zone, long value, string? detail)
    {
        if (zone.Said == value) return;
        zone.Said = value == Signal.Unsaid ? null : value;
        say(new(channel, name, Measure.Serial, value, detail));
    }

    void SayFailures(string name, ref Zone zone)
    {
        if (zone.SaidFailures != zone.Failures) say(new(channel, name, Measure.RefreshFailures, zone.Failures));
        zone.SaidFailures = zone.Failures;
    }

    void SayExpiry(string name, ref Zone zone, in ZoneFacts facts, At now)
    {
        var (at, detail) = ExpiryOf(zone, facts, now);
        // It has recovered, and nothing says until when.
        if (at is null && facts.Loaded && zone.SaidExpiry == At.Zero && facts.Expiry.Kind == PlanKind.Unsaid) (at, detail) = (At.Never, "no longer expired; until when is not known yet");
        SayExpiry(name, ref zone, at, detail, now);
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
        if (zone.Secondary is not { } secondary) return (null, null);
        if (!secondary) return (At.Never, null);
        if (facts.Expired) return (At.Zero, facts.Detail);
        // Empty and never seen loaded may as well be a first transfer that is still to come: that is not ready, but it is not expired.
        if (!facts.Loaded) return (zone.EverLoaded && !facts.Unexpired ? At.Zero : null, null);
        if (facts.Expiry.Kind == PlanKind.In) return (now + facts.Expiry.Span, facts.Age is { } age ? string.Create(CultureInfo.InvariantCulture, $"computed: refreshed {age.TotalSeconds:0} s ago, SOA expire {zone.Lifetime} s") : null);
        // knotd 3.2.6 loads the file of an expired zone at its next start, serves it, and plans no expiry at all until a refresh succeeds.
        return facts.Expiry.Kind == PlanKind.None && zone.Expires != At.Zero && zone.Expires <= now ? (At.Zero, "expired, and served again from its old file") : (null, null);
    }

    // The machine lets a claimed time run out by itself. Where it could do so before the next complete read, the zone is looked at when its refresh is due.
    void PlanLook(string name, ref Zone zone, in ZoneFacts facts, At now)
    {
        var expires = facts.Loaded && facts.Expiry.Kind == PlanKind.In;
        if (zone.Secondary != true || (expires && !facts.Watch && zone.Expires - now > interval * 3))
        {
            zone.Look = At.Zero;
            return;
        }

        var at = facts.Refresh.Kind == PlanKind.In ? zone.Refresh + Jitter + Settle : now + Soonest;
        // What does not tell of its refresh either is not worth a look each second.
        if (facts.RoleUnsaid && expires) at = At.Max(at, now + ((zone.Expires - now) / 4));
        if (expires) at = At.Min(at, facts.Age is null ? zone.Expires + Jitter : zone.Expires - Floor + Soonest);
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
