using System.Collections.Immutable;
using System.Numerics;

namespace Oops.Core;

/// <summary>A zone's state or value that a rule may want to hear of.</summary>
internal readonly record struct ZoneNews(int Zone, ZoneCondition? Condition, State From, State To, ZoneLevel? Level, uint Before, uint Now, bool First);

/// <summary>All that is claimed of the zones of one server, and their counts by selector. An input on one zone costs O(channels) at any number of zones.</summary>
internal sealed partial class ZoneTable
{
    /// <summary>More zones than this on one server are shed: nothing grows without bound.</summary>
    public const int Most = 16_000_000;

    /// <summary>So many zones are looked at for an example in a because: it is written while others wait.</summary>
    const int FewZones = 5_000;

    /// <summary>The place of <see cref="ZoneSelector.Expected"/> among the selectors.</summary>
    public const int ExpectedSelector = 0;

    const uint ExpectedBit = 1, GraceBit = 1u << 30, ListedBit = 1u << 31;

    readonly ZoneNames names = new();
    readonly ZoneRows[] rows;
    readonly uint[] renewed;
    readonly bool[] ofOthers;
    readonly ImmutableArray<ZoneSelector> selectors;
    readonly ImmutableArray<ZoneCondition> conditions;
    readonly ImmutableArray<ZoneLevel> levels;
    readonly ImmutableArray<(int Condition, int Slot)>[,] concerned;
    readonly PriorityQueue<Flip, uint> flips = new();
    readonly Dictionary<(int Channel, int Zone), string> details = [];
    readonly string? catalog;
    readonly Column<uint> flags = new();

    /// <param name="channels">The server's channels; their places are the channel numbers here.</param>
    /// <param name="conditions">Its zone conditions, levels apart.</param>
    /// <param name="levels">zone-updated, keys-changed.</param>
    /// <param name="selectors">The first is <see cref="ZoneSelector.Expected"/>; at most 24. The conditions count one more: the zones that are known and not expected.</param>
    /// <param name="catalog">The zone that lists them, which is neither.</param>
    public ZoneTable(ImmutableArray<ChannelSpec> channels, ImmutableArray<ZoneCondition> conditions, ImmutableArray<ZoneLevel> levels, ImmutableArray<ZoneSelector> selectors, string? catalog = null)
    {
        this.catalog = catalog;
        rows = [.. channels.Select(c => new ZoneRows(c.Measures, c.Validity == Timeout.InfiniteTimeSpan ? uint.MaxValue : Math.Max(1, Tenths(c.Validity))))];
        renewed = new uint[rows.Length];
        ofOthers = [.. channels.Select(c => c.Standing == Standing.Reference)];
        ofAnAddress = [.. channels.Select(c => c.Target is not null)];
        (this.conditions, this.levels, this.selectors) = (conditions, levels, selectors);
        Ready = conditions.FirstOrDefault(c => c.Spec.Kind == Kind.ZoneReady);
        scheduled = [.. conditions.Select(c => c.Slots.Select(_ => new Column<uint>()).ToArray())];
        concerned = new ImmutableArray<(int, int)>[rows.Length, Measures.Count];
        for (var channel = 0; channel < rows.Length; channel++)
            foreach (var measure in Enum.GetValues<Measure>())
                concerned[channel, (int)measure] = [.. Enumerable.Range(0, conditions.Length).Select(c => (Condition: c, Slot: conditions[c].SlotOf(channel))).Where(c => c.Slot >= 0 && Concerns(conditions[c.Condition], c.Slot, measure))];
        foreach (var zone in selectors.SelectMany(s => s.Patterns).Where(p => !p.Contains('*'))) Intern(zone);
    }

    public int Count => names.Count;

    /// <summary>Rises with each serial that a channel says and did not say before; what a reference has is somebody else's.</summary>
    public long NewSerials { get; private set; }

    /// <summary>Wall-clock facts do not count while the clock is not to be trusted.</summary>
    public bool ClockTrusted { get; set; } = true;

    public ImmutableArray<ZoneCondition> Conditions => conditions;

    public ImmutableArray<ZoneLevel> Levels => levels;

    /// <summary>`zone-ready`; null: nobody covers it.</summary>
    public ZoneCondition? Ready { get; }

    public static uint Tenths(TimeSpan span) => (uint)Math.Clamp(span.Ticks / 1_000_000, 0, uint.MaxValue - 1);

    public static uint Tenths(At at) => (uint)Math.Clamp(at.Ticks / 1_000_000, 0, uint.MaxValue - 1);

    public static At At(uint tenths) => new(tenths * 1_000_000L);

    /// <summary>What is left of the validity of a channel's claims on a zone; null: it has none, or they stand as long as the channel.</summary>
    public TimeSpan? ValidFor(int channel, int zone, At now) =>
        rows[channel].EndOf(zone, renewed[channel]) is { } end ? TimeSpan.FromTicks(Math.Max(0, (At(end) - now).Ticks)) : null;

    public int Find(string name) => names.Find(name);

    /// <summary>The number of the name, also of one that nobody has spoken of yet.</summary>
    public int Know(string name) => Intern(name);

    public string Name(int zone) => names.Name(zone);

    /// <summary>Those of the known zones of which it is true.</summary>
    public ZoneSet Where(Func<int, bool> isIn) => new(names, names.Count, isIn);

    public int SelectorOf(ZoneSelector selector) => selectors.IndexOf(selector);

    public bool IsExpected(int zone) => (flags[zone] & ListedBit) != 0;

    /// <summary>Takes one claim. News for rules are added to <paramref name="news"/>. True if a count changed.</summary>
    public bool Claim(int channel, string name, Measure measure, long value, string? detail, At now, List<ZoneNews> news)
    {
        if (!rows[channel].Covers(measure)) return false;
        var zone = Intern(name);
        if (zone < 0) return false;
        var at = Tenths(now);
        var kind = value switch { Signal.Absent => ZoneRows.Absent, Signal.Unsaid => ZoneRows.None, _ => ZoneRows.Value };
        var stored = kind == ZoneRows.Value ? Stored(measure, value, now) : 0;
        var before = rows[channel].Has(zone, measure) == ZoneRows.Value ? rows[channel].Get(zone, measure) : (uint?)null;
        if (!rows[channel].Lives(zone)) Forget(channel, zone);
        rows[channel].Set(zone, measure, kind, stored, at);
        Remember(channel, zone, detail);
        var changed = false;
        foreach (var (condition, slot) in concerned[channel, (int)measure]) changed |= Judge(condition, slot, zone, at, news);
        if (measure == Measure.Serial && kind == ZoneRows.Value && before != stored && !ofOthers[channel]) NewSerials++;
        foreach (var level in levels)
            if (level.Measure == measure && kind == ZoneRows.Value && level.Hears(channel)) level.Take(zone, before, stored, news);
        if (graces.Count > 0 && (flags[zone] & GraceBit) != 0 && measure == Measure.Serial && kind == ZoneRows.Value) changed |= EndGrace(zone);
        return changed;
    }

    /// <summary>A complete read: every claim of the channel is as good as made now.</summary>
    public void Renew(int channel, At now) => renewed[channel] = Tenths(now);

    /// <summary>Ends all claims of one channel.</summary>
    public void EndChannel(int channel)
    {
        renewed[channel] = 0;
        rows[channel].EndAll();
        foreach (var condition in conditions)
            if (condition.SlotOf(channel) is >= 0 and var slot) condition.EndSlot(slot);
    }

    /// <summary>When the next claim expires, or a state flips by time alone.</summary>
    public void Wants(ref Deadline next)
    {
        foreach (var row in rows)
            if (row.NextEnd is { } end) next.Add(At(end));
        if (flips.TryPeek(out _, out var flip)) next.Add(At(flip));
        if (graces.TryPeek(out _, out var grace)) next.Add(At(grace));
    }

    /// <summary>Lets time pass: claims older than their validity end, deadlines are reached. True if a count changed.</summary>
    public bool Wake(At now, List<ZoneNews> news)
    {
        var at = Tenths(now);
        var changed = false;
        for (var channel = 0; channel < rows.Length; channel++)
        {
            // All of it at once: the same as a lost channel, at any number of zones.
            if (rows[channel].AllEnded(renewed[channel], at))
            {
                EndChannel(channel);
                changed = true;
            }
            while (rows[channel].EndNext(renewed[channel], at) is >= 0 and var zone) changed |= Silence(channel, zone, at, news);
        }
        while (flips.TryPeek(out var flip, out var when) && when <= at)
        {
            flips.Dequeue();
            // A zone that was given an earlier deadline meanwhile is in the queue twice; the later entry is of no use.
            ref var due = ref scheduled[flip.Condition][flip.Slot].At(flip.Zone);
            if (due != when) continue;
            due = 0;
            changed |= Judge(flip.Condition, flip.Slot, flip.Zone, at, news);
        }
        while (graces.TryPeek(out var graced, out var end) && end <= at)
        {
            graces.Dequeue();
            if ((flags[graced] & GraceBit) != 0) changed |= EndGrace(graced);
        }
        return changed;
    }

    public State StateOf(ZoneCondition condition, int zone) => Trusted(condition, condition.Fold(Effective(condition, zone), ~0u));

    public Tally Tally(ZoneCondition condition, int selector, uint lens, bool not, Comparison comparison)
    {
        if (selector < 0) return default;
        var tally = condition.Tally(selector, lens, not, comparison);
        return Trusted(condition, State.Met) == State.Met ? tally : new(0, 0, tally.Count, 0);
    }

    public void Force(ZoneCondition condition, int zone, State state, At now, List<ZoneNews> news)
    {
        var old = Effective(condition, zone);
        Recount(condition, zone, old, ZoneCondition.With(old, ZoneCondition.OverrideSlot, state), Tenths(now), news);
    }

    /// <summary>The claim of one channel on a zone in words, for `explain`.</summary>
    public (State State, string Says, TimeSpan? Age, string? Ended) Says(ZoneCondition condition, int slot, int zone, At now)
    {
        var channel = condition.Slots[slot].Channel;
        var measure = MeasureFor(condition, slot);
        var has = rows[channel].Has(zone, measure);
        if (has == ZoneRows.None) return (State.Unknown, rows[channel].Lives(zone) && details.TryGetValue((channel, zone), out var why) ? $"has not spoken: {why}" : "has not spoken", null, null);
        var words = has == ZoneRows.Absent ? Words.AbsentOf(measure) : Words.Of(measure, rows[channel].Get(zone, measure), now);
        var detail = details.GetValueOrDefault((channel, zone));
        if (measure == Measure.ErrorReports) words = ErrorReports.Says(condition.Spec, words, detail);
        else if (detail is not null) words += " (" + detail + ")";
        return (ZoneCondition.Digit(Effective(condition, zone), slot), words, now - At(rows[channel].At(zone)), null);
    }

    /// <summary>When the first of the zone's signatures ends, by whoever says the earliest; null: nobody says, or it has none.</summary>
    public At? SignedUntil(int zone)
    {
        At? first = null;
        foreach (var row in rows)
            if (row.Has(zone, Measure.SignatureExpiry) == ZoneRows.Value && At(row.Get(zone, Measure.SignatureExpiry)) is var end && (first is not { } earlier || end < earlier)) first = end;
        return first;
    }

    /// <summary>What was remarked by whose claim on the zone has this state; null: nothing. Of signatures, whose end comes by itself.</summary>
    public string? Remark(ZoneCondition condition, int zone, State state)
    {
        if (condition.Spec.Kind != Kind.SignaturesExpiring) return null;
        var pattern = Effective(condition, zone);
        for (var slot = 0; slot < condition.Slots.Length; slot++)
        {
            var channel = condition.Slots[slot].Channel;
            if (ZoneCondition.Digit(pattern, slot) == state && rows[channel].Lives(zone) && details.TryGetValue((channel, zone), out var remark)) return remark;
        }
        return null;
    }

    /// <summary>The errors of a condition of which the zone's living reports tell: those that the remarks name; all of the condition where they name none. Empty: there is no report that counts.</summary>
    public IEnumerable<int> Reported(ZoneCondition condition, int zone)
    {
        List<int> codes = [];
        foreach (var (channel, _) in condition.Slots)
        {
            if (rows[channel].Has(zone, Measure.ErrorReports) != ZoneRows.Value || rows[channel].Get(zone, Measure.ErrorReports) == 0) continue;
            var named = ErrorReports.CodesIn(details.GetValueOrDefault((channel, zone)));
            codes.AddRange(named.IsEmpty ? condition.Spec.Codes.Codes : named);
        }
        return codes.Distinct();
    }

    /// <summary>The zone's serial by the newest living claim; null: none.</summary>
    public uint? Serial(int zone)
    {
        (uint At, uint Serial)? newest = null;
        foreach (var row in rows)
            if (row.Has(zone, Measure.Serial) == ZoneRows.Value && (newest is null || row.At(zone) > newest.Value.At)) newest = (row.At(zone), row.Get(zone, Measure.Serial));
        return newest?.Serial;
    }

    State Trusted(ZoneCondition condition, State state) => condition.IsOfWallClock && !ClockTrusted ? State.Unknown : state;

    int Intern(string name)
    {
        var known = names.Count;
        var zone = known < Most ? names.Intern(name) : names.Find(name);
        if (zone == known) Welcome(zone, name);
        return zone;
    }

    void Welcome(int zone, string name)
    {
        for (var s = 1; s < selectors.Length; s++)
            if (selectors[s].Matches(name)) Enter(zone, s);
        Estrange(zone);
    }

    void Enter(int zone, int selector) => Member(zone, selector, true);

    void Member(int zone, int selector, bool enters)
    {
        var bit = 1u << selector;
        if ((flags[zone] & bit) != 0 == enters) return;
        flags.At(zone) ^= bit;
        foreach (var condition in conditions) condition.Count(selector, Effective(condition, zone), enters ? 1 : -1);
    }

    uint Members(int zone) => flags[zone] & ~(GraceBit | ListedBit);

    /// <summary>The row died with its channel, and the counts know; now the zone's own pattern learns it, before the row lives again.</summary>
    void Forget(int channel, int zone)
    {
        foreach (var condition in conditions)
            if (condition.SlotOf(channel) is >= 0 and var slot) condition.Forget(zone, slot);
    }

    /// <summary>The pattern that the zone is counted under: that of its living claims. What a lost channel left behind is cleared here, one zone at a time.</summary>
    uint Effective(ZoneCondition condition, int zone)
    {
        var pattern = condition.Pattern(zone);
        for (var slot = 0; slot < condition.Slots.Length; slot++)
            if (ZoneCondition.Digit(pattern, slot) != State.Unknown && !counted(condition.Slots[slot].Channel, zone)) pattern = ZoneCondition.With(pattern, slot, State.Unknown);
        return pattern;

        bool counted(int channel, int z) => rows[channel].Lives(z);
    }

    void Remember(int channel, int zone, string? detail)
    {
        // Only what is worth a remark is kept, and no more of it than a person could read.
        if (detail is null)
        {
            if (details.Count > 0) details.Remove((channel, zone));
        }
        else if (details.Count < 10_000 || details.ContainsKey((channel, zone))) details[(channel, zone)] = detail;
    }

    static uint Stored(Measure measure, long value, At now) => measure switch
    {
        Measure.Expiry or Measure.SignatureExpiry => (uint)Math.Clamp(now.Ticks / 1_000_000 + Math.Clamp(value, 0, uint.MaxValue) * 10, 0, uint.MaxValue - 1),
        _ => (uint)Math.Clamp(value, 0, uint.MaxValue),
    };
}
