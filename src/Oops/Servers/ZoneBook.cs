using System.Buffers;
using System.Globalization;
using Oops.Core;
using Oops.Wire.Dns;

namespace Oops.Servers;

/// <summary>What a server said of each zone, and what follows from it. Says only what changed since it was last said. The witness owns it.</summary>
internal sealed class ZoneBook
{
    /// <summary>Servers cut times off to seconds, so that what has not moved seems to have, by less than a second.</summary>
    public static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(1050);

    // An expiry that we computed does not run out by itself: the server's word that it has expired is waited for, also where its control does not answer until the channel is lost.
    static readonly TimeSpan Floor = TimeSpan.FromSeconds(20);

    const string Contradiction = "it does not answer for it, though its control says that it is served";
    const string NotListed = "not in the server's list";
    const int MaxLabel = 63, MaxPlain = 253;

    // Names of zones that are gone are kept until they are so many more than those of the others: a server may be made to name others for ever.
    const int MostSpare = 10_000;

    /// <summary>Unserialed, or said to have a serial.</summary>
    const ZoneMarks There = ZoneMarks.Unserialed | ZoneMarks.SaidSerial;
    static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    readonly ZoneEntries zones = new();
    readonly ZoneVoice voice;
    readonly ZoneLooks looks;
    readonly ZoneDates dates;
    readonly Refreshes refreshes;
    readonly TimeSpan interval;
    readonly Action<string> refreshed;
    Column<long> editions = new();
    List<string> changed = [];

    /// <param name="channel">The channel that it speaks on.</param>
    /// <param name="interval">Between two complete reads.</param>
    /// <param name="say">Takes what changed.</param>
    /// <param name="refreshed">Takes the zones that were seen to be refreshed.</param>
    /// <param name="attempt">See <see cref="Refreshes"/>.</param>
    public ZoneBook(string channel, TimeSpan interval, Action<ZoneSignal> say, Action<string> refreshed, TimeSpan attempt = default)
    {
        (this.interval, this.refreshed) = (interval, refreshed);
        voice = new(channel, zones, say);
        looks = new(interval);
        dates = new(voice, looks, interval);
        refreshes = new(attempt);
    }

    public int Count => zones.Count;

    /// <summary>Names that are kept though nothing else of their zones is.</summary>
    public int Spare => zones.Spare;

    /// <summary>How many zones the server has by the read that is under way, or by the last one.</summary>
    public int Read { get; private set; }

    /// <summary>When a zone has to be looked at before the next complete read; Never: none.</summary>
    public At NextLook => looks.Next;

    /// <summary>The zones that are loaded without that the server tells their serials.</summary>
    public List<string> Unserialed => [.. zones.Where(ZoneMarks.Unserialed).Select(zones.Name)];

    /// <summary>The zones whose state is to be confirmed over DNS.</summary>
    public List<string> ToConfirm => [.. zones.Where(ZoneMarks.Confirm).Select(zones.Name)];

    /// <summary>The name as we write it; null when it is none.</summary>
    public static string? Canonical(string zone) => TryCanonical(zone, out var name) ? name.SequenceEqual(zone) ? zone : name.ToString() : null;

    /// <summary>Our claims have ended, so all is to be said again. What was seen of refreshes stays.</summary>
    /// <param name="restarted">It is another process: that a zone is loaded now does not mean that it was refreshed.</param>
    public void Forget(bool restarted)
    {
        looks.Clear();
        zones.Unmark(restarted ? ZoneMarks.Said | ZoneMarks.Known | ZoneMarks.Contradicted : ZoneMarks.Said);
    }

    /// <summary>Nothing is known of any zone any more; only where nothing that was said of them stands.</summary>
    public void Clear()
    {
        zones.Clear();
        dates.Clear();
        looks.Clear();
        (editions, changed, Read) = (new(), [], 0);
    }

    /// <summary>The zones whose time has come, at most so many.</summary>
    public List<string> Due(At now, int most) => [.. looks.Due(now, most).Select(zones.Name)];

    /// <summary>At most so many zones that were said to have a serial, or that are loaded and have not told one yet, and of the expected ones.</summary>
    public List<string> Some(IEnumerable<string> expected, int most) =>
        [.. zones.Where(There).Select(zones.Name).Concat(expected.Where(z => !Is(z, There))).Take(most)];

    /// <summary>At most so many zones that were there, or are expected, and were not in this read.</summary>
    public List<string> Missing(IEnumerable<string> expected, int most) =>
        [.. zones.Where(There, ZoneMarks.InRead | ZoneMarks.SaidAbsent).Select(zones.Name).Concat(expected.Where(z => !Is(z, There | ZoneMarks.InRead | ZoneMarks.SaidAbsent))).Take(most)];

    bool Is(string name, ZoneMarks any) => zones.Find(name) is >= 0 and var number && zones.Has(number, any);

    public void BeginRead()
    {
        zones.Unmark(ZoneMarks.InRead | ZoneMarks.Denied | ZoneMarks.Wanted);
        Read = 0;
    }

    /// <summary>The zones of the last read are not those of the list that was taken last.</summary>
    public bool ListChanged => zones.Where(ZoneMarks.InRead | ZoneMarks.Listed).Any(number => IsListed(zones.Marks(number)) != zones.Has(number, ZoneMarks.Listed));

    /// <summary>The zones of the last read.</summary>
    public IEnumerable<string> TakeList()
    {
        foreach (var number in zones.Where(ZoneMarks.InRead | ZoneMarks.Listed)) zones.Mark(number, ZoneMarks.Listed, IsListed(zones.Marks(number)));
        return zones.Where(ZoneMarks.Listed).Select(zones.Name);
    }

    /// <summary>Nobody has the list that was taken last any more.</summary>
    public void ForgetList() => zones.Unmark(ZoneMarks.Listed);

    static bool IsListed(ZoneMarks marks) => (marks & (ZoneMarks.InRead | ZoneMarks.Denied)) == ZoneMarks.InRead;

    /// <summary>The zone is still one of <see cref="Unserialed"/> or <see cref="ToConfirm"/>.</summary>
    public bool Wants(string name) => Is(name, ZoneMarks.Unserialed | ZoneMarks.Confirm);

    /// <summary>The zones whose edition changed since this was asked for.</summary>
    public List<string> TakeChanged()
    {
        var taken = changed;
        changed = [];
        return taken;
    }

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
        var number = zones.Find(name);
        var zone = zones[number];
        if (zone.Unserialed)
        {
            voice.Serial(number, ref zone, serial, detail);
        }
        else if (zone.Loaded)
        {
            zone.Contradicted = serial == Signal.Absent;
            voice.Serial(number, ref zone, zone.Contradicted ? Signal.Absent : zone.Told, zone.Contradicted ? $"{detail}, though its control says that it is served" : null);
        }

        if (soa is { } timers)
        {
            if (dates.Take(number, ref zone, timers, now)) refreshed(name);
            TakeLifetime(number, ref zone, timers.Expire, now);
        }

        zones[number] = zone;
        return zone.Loaded || serial == Signal.Absent;
    }

    /// <summary>It was asked over DNS again and again, and did not answer: an answer that contradicted its control is too old to stand.</summary>
    public void Unanswered(string name)
    {
        if (!Is(name, ZoneMarks.Contradicted)) return;
        var number = zones.Find(name);
        var zone = zones[number];
        zone.Contradicted = false;
        voice.Serial(number, ref zone, zone.Told, null);
        zones[number] = zone;
    }

    /// <summary>Takes the answer about one zone.</summary>
    /// <param name="told">The answer.</param>
    /// <param name="failed">The server spoke of the zone before: it could not update it.</param>
    /// <param name="now">When it was read.</param>
    /// <returns>False: it has no name, or was taken in this read already.</returns>
    public bool Take(in ZoneFacts told, bool failed, At now)
    {
        if (!TryCanonical(told.Zone, out var name) || zones.Add(name) is not (>= 0 and var number)) return false;
        var zone = zones[number];
        var first = !zone.Has(ZoneMarks.InRead);
        if (IsListed(zone.Marks)) Read--;
        zone.Mark(ZoneMarks.InRead, true);
        zone.Mark(ZoneMarks.Denied, told.Denied is not null);
        if (IsListed(zone.Marks)) Read++;
        var facts = Computed(ref zone, told, now);
        if (facts.Denied is not null) Leave(number, ref zone, facts.Denied, now);
        else if (!facts.Unclear) Take(number, ref zone, facts, failed, now);
        zones[number] = zone;
        return first;
    }

    void Take(int number, ref ZoneEntry zone, in ZoneFacts facts, bool failed, At now)
    {
        if (!facts.RoleUnsaid) zone.Secondary = facts.Secondary;
        if (zone.Secondary is not null && facts.Refreshed is null && refreshes.Take(ref zone, facts, failed, now)) refreshed(zones.Name(number));
        // Nobody may ever tell its serial, and that it is not there is over.
        var returned = facts is { Loaded: true, Serial: null } && !zone.Loaded && zone.Said == Signal.Absent;
        (zone.Known, zone.Loaded, zone.Unserialed) = (true, facts.Loaded, facts is { Loaded: true, Serial: null });
        zone.EverLoaded |= facts.Loaded;
        (zone.Confirm, zone.Contradicted, zone.Told) = (facts.Confirm, zone.Contradicted && facts.Confirm && facts.Loaded, facts.Confirm ? facts.Serial ?? 0 : 0);
        if (zone.Contradicted) voice.Serial(number, ref zone, Signal.Absent, Contradiction);
        else if (!zone.Unserialed) voice.Serial(number, ref zone, facts.Loaded ? facts.Serial!.Value : Signal.Absent, facts.Loaded ? null : facts.Detail ?? "not loaded");
        else if (returned) voice.Serial(number, ref zone, Signal.Unsaid, null);
        if (facts.Edition is { } edition) TakeEdition(number, ref zone, edition);
        if (facts.Refreshed is { } told)
        {
            if (dates.Take(number, ref zone, told, now)) refreshed(zones.Name(number));
            return;
        }

        dates.Forget(number, ref zone);
        SayExpiry(number, ref zone, facts, now);
        if (zone.Secondary is not null) voice.Failures(number, ref zone);
        PlanLook(number, zone, facts, now);
    }

    /// <summary>A complete read is over: zones that were not in it are not there, and neither are expected ones that never were.</summary>
    public void EndRead(ZoneSet expected, At now)
    {
        foreach (var wanted in expected.Numbers)
        {
            if (zones.Add(expected.Names.Utf8(wanted)) is not (>= 0 and var number)) continue;
            zones.Mark(number, ZoneMarks.Wanted, true);
            if (!zones.Has(number, ZoneMarks.InRead)) Leave(number, now);
        }

        foreach (var number in zones.Where(ZoneMarks.InBook, ZoneMarks.InRead | ZoneMarks.Wanted))
        {
            // Said once; then there is nothing more to say about it.
            if (zones.Has(number, ZoneMarks.SaidAbsent) && !zones.Has(number, ZoneMarks.Listed)) Drop(number);
            else Leave(number, now);
        }

        if (zones.Spare > zones.Count + MostSpare) Renumber();
    }

    void Renumber()
    {
        var before = zones.Renumber();
        editions = editions.Pick(before);
        dates.Renumber(before);
        looks.Renumber(before);
    }

    void Leave(int number, At now)
    {
        var zone = zones[number];
        Leave(number, ref zone, NotListed, now);
        zones[number] = zone;
    }

    // The server does not have it: what it said of its expiry and refreshes is over, too. Once it comes back, it is one that was never loaded.
    void Leave(int number, ref ZoneEntry zone, string why, At now)
    {
        voice.Serial(number, ref zone, Signal.Absent, why);
        zone.Loaded = zone.Unserialed = zone.Confirm = zone.Contradicted = zone.EverLoaded = false;
        dates.Forget(number, ref zone);
        if (zone.SaidExpiry is not null) voice.Expiry(number, ref zone, At.Never, why, now);
        zone.Failures = 0;
        if (zone.SaidFailures is not null) voice.Failures(number, ref zone);
    }

    void Drop(int number)
    {
        var zone = zones[number];
        dates.Forget(number, ref zone);
        looks.Cancel(number);
        editions.Set(number, 0);
        zones.Remove(number);
    }

    void TakeEdition(int number, ref ZoneEntry zone, long edition)
    {
        if (zone.Has(ZoneMarks.Edited) && editions[number] != edition) changed.Add(zones.Name(number));
        zone.Mark(ZoneMarks.Edited, true);
        editions.Set(number, edition);
    }

    // The SOA's expire, in seconds, as it was answered.
    void TakeLifetime(int number, ref ZoneEntry zone, uint expire, At now)
    {
        if (expire == 0 || expire == zone.Lifetime) return;
        zone.Lifetime = expire;
        if (zone.Loaded && zone.Refreshed != At.Zero) SayExpiry(number, ref zone, Computed(ref zone, new() { Zone = "", Secondary = true, Loaded = true, Age = now - zone.Refreshed }, now), now);
    }

    // With the time of its expiry, where that follows from its last refresh.
    static ZoneFacts Computed(ref ZoneEntry zone, in ZoneFacts told, At now)
    {
        zone.Refreshed = told.Age is { } age ? now - age : At.Zero;
        if (told.Age is null || zone.Lifetime == 0 || !told.Loaded || told.Expiry.Kind != PlanKind.Unsaid) return told;
        var left = TimeSpan.FromSeconds(zone.Lifetime) - told.Age.Value;
        return told with { Expiry = Plan.In(left > Floor ? left : Floor) };
    }

    void SayExpiry(int number, ref ZoneEntry zone, in ZoneFacts facts, At now)
    {
        var (at, detail) = ExpiryOf(zone, facts, now);
        // It has recovered, and nothing says until when.
        if (at is null && facts.Loaded && zone.SaidExpiry == At.Zero && facts.Expiry.Kind == PlanKind.Unsaid) (at, detail) = (At.Never, "no longer expired; until when is not known yet");
        voice.Expiry(number, ref zone, at, detail, now);
    }

    // When the zone expires: Never, Zero for expired, null where that is not known.
    static (At? At, string? Detail) ExpiryOf(in ZoneEntry zone, in ZoneFacts facts, At now)
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
    void PlanLook(int number, in ZoneEntry zone, in ZoneFacts facts, At now)
    {
        var expires = facts.Loaded && facts.Expiry.Kind == PlanKind.In;
        if (zone.Secondary != true || (expires && !facts.Watch && zone.Expires - now > interval * 3))
        {
            looks.Cancel(number);
            return;
        }

        var at = facts.Refresh.Kind == PlanKind.In ? zone.Refresh + Jitter + ZoneLooks.Settle : now + ZoneLooks.Soonest;
        // What does not tell of its refresh either is not worth a look each second.
        if (facts.RoleUnsaid && expires) at = At.Max(at, now + ((zone.Expires - now) / 4));
        if (expires) at = At.Min(at, facts.Age is null ? zone.Expires + Jitter : zone.Expires - Floor + ZoneLooks.Soonest);
        looks.Plan(number, at, now);
    }

    // Most names are written as we write them, but for a last dot.
    static bool TryCanonical(string zone, out ReadOnlySpan<char> name)
    {
        name = zone.AsSpan();
        if (name.EndsWith('.')) name = name[..^1];
        if (IsPlain(name)) return true;
        if (!DnsName.TryParse(zone, out var dns)) return false;
        name = dns.ToString();
        return true;
    }

    static bool IsPlain(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxPlain || name.ContainsAnyExcept(Plain)) return false;
        foreach (var label in name.Split('.'))
            if (label.End.Value - label.Start.Value is 0 or > MaxLabel) return false;
        return true;
    }
}
