using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Oops.Core;

/// <summary>
/// One named zone condition on one server. Each zone has a pattern: two bits per channel that covers it, the state that the channel's claim
/// gives. Zones are counted by pattern, so that all aggregates, and the loss of a channel, cost O(patterns) at any number of zones.
/// </summary>
internal sealed class ZoneCondition
{
    /// <summary>The two highest bits: an override.</summary>
    public const int OverrideSlot = 15;

    public const int MostSlots = 15;

    const int MostRecent = 24;

    readonly Dictionary<uint, int>[] counts;
    readonly Column<uint> patterns = new();
    readonly Column<uint> since = new();
    readonly int[][] recent = [New(), New(), New()];
    readonly int[] newest = new int[3];
    readonly Column<byte>? seen;

    public ZoneCondition(KindSpec spec, ImmutableArray<(int Channel, Standing Standing)> slots, int selectors, bool watched)
    {
        Spec = spec;
        Slots = slots;
        counts = [.. Enumerable.Range(0, selectors).Select(_ => new Dictionary<uint, int>())];
        if (watched) seen = new();
    }

    public KindSpec Spec { get; }

    /// <summary>Channel (its place among the server's) and standing, by slot.</summary>
    public ImmutableArray<(int Channel, Standing Standing)> Slots { get; }

    /// <summary>A rule listens: the last state that it saw is kept per zone.</summary>
    public bool Watched => seen is not null;

    public Measure Measure => MeasureOf(Spec.Kind);

    /// <summary>It comes of times in the zone, or of what caches may have: signatures begin and end by the wall clock, for a verification too.</summary>
    public bool IsOfWallClock => Measure is Measure.SignatureExpiry or Measure.Invalid or Measure.Delegation;

    public uint Pattern(int zone) => patterns[zone];

    /// <summary>The zone that came to this state last; -1: none did.</summary>
    public int Last(State state) => recent[(int)state][newest[(int)state]];

    /// <summary>The last zones that came to this state, -1 for none; they may have left it since, and one may be there twice.</summary>
    public ReadOnlySpan<int> Recent(State state) => recent[(int)state];

    /// <summary>How many zones of a selector a witness has seen served, whatever the others say.</summary>
    public int Served(int selector)
    {
        var served = 0;
        foreach (var (pattern, n) in counts[selector])
            if (IsServed(pattern)) served += n;
        return served;
    }

    /// <summary>A witness has seen the zone served. Of `zone-ready`.</summary>
    public bool IsServed(uint pattern)
    {
        for (var i = 0; i < Slots.Length; i++)
            if (Slots[i].Standing == Standing.Witness && Digit(pattern, i) == State.Met) return true;
        return false;
    }

    /// <summary>Tenths of a second since boot; 0: never changed.</summary>
    public uint Since(int zone) => since[zone];

    public State Seen(int zone) => (State)seen![zone];

    /// <summary>As a number for the snapshot; null: never seen.</summary>
    public uint? SeenNumber(int zone) => Seen(zone) is not State.Unknown and var state ? (uint)state : null;

    public void Saw(int zone, State state) => seen!.Set(zone, (byte)state);

    public int SlotOf(int channel)
    {
        for (var i = 0; i < Slots.Length; i++)
            if (Slots[i].Channel == channel) return i;
        return -1;
    }

    public static State Digit(uint pattern, int slot) => (State)((pattern >> (slot * 2)) & 3);

    public static uint With(uint pattern, int slot, State state) => (pattern & ~(3u << (slot * 2))) | ((uint)state << (slot * 2));

    /// <summary>Clears what a lost channel left in the zone's pattern; it is counted without it already.</summary>
    public void Forget(int zone, int slot) => patterns.Set(zone, With(patterns[zone], slot, State.Unknown));

    /// <summary>The zone's pattern as it is counted already, without what lost channels left in it.</summary>
    public void Store(int zone, uint pattern)
    {
        if (patterns[zone] != pattern) patterns.Set(zone, pattern);
    }

    /// <summary>Replaces the zone's pattern; <paramref name="old"/> is the one it is counted under.</summary>
    public void Recount(int zone, uint old, uint now, uint member, uint at)
    {
        patterns.Set(zone, now);
        for (; member != 0; member &= member - 1)
            Move(counts[BitOperations.TrailingZeroCount(member)], old, now);
        var state = Fold(now, ~0u);
        if (Fold(old, ~0u) == state) return;
        since.Set(zone, at);
        var ring = recent[(int)state];
        ref var place = ref newest[(int)state];
        place = (place + 1) % ring.Length;
        ring[place] = zone;
    }

    /// <summary>The zone enters (+1) or leaves (-1) a selector.</summary>
    public void Count(int selector, uint pattern, int by) => Add(counts[selector], pattern, by);

    /// <summary>The claims of one channel have ended on all zones: each pattern becomes the one without it.</summary>
    public void EndSlot(int slot)
    {
        foreach (var table in counts)
        {
            var moved = new Dictionary<uint, int>(table.Count);
            foreach (var (pattern, n) in table) Add(moved, With(pattern, slot, State.Unknown), n);
            table.Clear();
            foreach (var (pattern, n) in moved) table.Add(pattern, n);
        }
    }

    /// <summary>Kleene's fold over the covering witnesses and the living messenger claims that the lens (a bit per slot) lets through.</summary>
    public State Fold(uint pattern, uint lens)
    {
        if (Digit(pattern, OverrideSlot) is not State.Unknown and var forced) return forced;
        if (Spec.Kind == Kind.ZoneStale && Reference(pattern) == State.Unknown) return State.Unknown;
        bool any = false, met = false, notMet = false, unknown = false;
        for (var i = 0; i < Slots.Length; i++)
        {
            if (Slots[i].Standing == Standing.Reference || (lens >> i & 1) == 0) continue;
            var digit = Digit(pattern, i);
            if (digit == State.Unknown && Slots[i].Standing == Standing.Messenger) continue;
            any = true;
            met |= digit == State.Met;
            notMet |= digit == State.NotMet;
            unknown |= digit == State.Unknown;
        }
        return any ? Kleene.Fold(Spec.Polarity, met, notMet, unknown) : State.Unknown;
    }

    /// <summary>The same condition where we compare: well there if any reference is well, bad if all that answer are bad.</summary>
    public State Reference(uint pattern)
    {
        var well = Kleene.Well(Spec.Polarity);
        var found = State.Unknown;
        for (var i = 0; i < Slots.Length; i++)
        {
            if (Slots[i].Standing != Standing.Reference) continue;
            var digit = Digit(pattern, i);
            if (digit == well) return digit;
            if (digit != State.Unknown) found = digit;
        }
        return found;
    }

    /// <summary>Counts the zones of a selector by the state of one entry.</summary>
    public Tally Tally(int selector, uint lens, bool not, Comparison comparison)
    {
        int met = 0, notMet = 0, unknown = 0, excused = 0;
        var bad = Kleene.Not(Kleene.Well(Spec.Polarity));
        // What the entry says of a zone that is well, or is excused as such.
        var asWell = not ? bad : Kleene.Well(Spec.Polarity);
        foreach (var (pattern, n) in counts[selector])
        {
            var here = Fold(pattern, lens);
            var there = here == bad && comparison != Comparison.None ? Reference(pattern) : State.Unknown;
            if (here == bad && comparison == Comparison.Excuse && there == bad)
            {
                excused += n;
                continue;
            }
            var state = not ? Kleene.Not(here) : here;
            // Worse than the reference: bad here and provably well there. Bad everywhere moves nothing; nobody to ask: Unknown.
            if (here == bad && comparison == Comparison.Worse && there != Kleene.Well(Spec.Polarity))
                state = there == bad ? asWell : State.Unknown;
            if (state == State.Met) met += n;
            else if (state == State.NotMet) notMet += n;
            else unknown += n;
        }
        return new(met, notMet, unknown, excused);
    }

    public static Measure MeasureOf(Kind kind) => kind switch
    {
        Kind.ZoneReady or Kind.ZoneUpdated or Kind.ZoneStale => Measure.Serial,
        Kind.ZoneNotRefreshed => Measure.RefreshFailures,
        Kind.ZoneExpiring => Measure.Expiry,
        Kind.SignaturesExpiring => Measure.SignatureExpiry,
        Kind.ZoneInvalid => Measure.Invalid,
        Kind.KeysChanged => Measure.Keys,
        Kind.CdsNotified => Measure.CdsNotified,
        Kind.CsyncNotified => Measure.CsyncNotified,
        Kind.ErrorReported => Measure.ErrorReports,
        Kind.DelegationMismatch => Measure.Delegation,
        Kind.CdsWantsChange => Measure.CdsWanted,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a condition of zones that is measured"),
    };

    static int[] New()
    {
        var ring = new int[MostRecent];
        Array.Fill(ring, -1);
        return ring;
    }

    static void Move(Dictionary<uint, int> table, uint from, uint to)
    {
        Add(table, from, -1);
        Add(table, to, 1);
    }

    static void Add(Dictionary<uint, int> table, uint pattern, int by)
    {
        ref var n = ref CollectionsMarshal.GetValueRefOrAddDefault(table, pattern, out _);
        n += by;
        if (n == 0) table.Remove(pattern);
    }
}
