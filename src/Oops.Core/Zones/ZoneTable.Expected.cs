namespace Oops.Core;

/// <summary>The expected set: who is in it, since when it is complete, and what is held back.</summary>
internal sealed partial class ZoneTable
{
    readonly PriorityQueue<int, uint> graces = new();
    int[] held = [];
    ZoneSet? expected;
    Column<ushort> generation = new();
    ushort listing;
    int pending;

    /// <summary>How many zones are expected; those in grace included.</summary>
    public int Expected { get; private set; }

    /// <summary>The set was complete at least once; until then everything judged over it is Unknown.</summary>
    public bool Complete { get; private set; }

    /// <summary>When the last complete set came, or was last found to be as it is.</summary>
    public At CompleteAt { get; private set; }

    /// <summary>The channel that listed last; -1: none that may list again.</summary>
    public int Lister { get; private set; } = -1;

    /// <summary>New members that have not been loaded yet, within their grace.</summary>
    public int Fresh { get; private set; }

    /// <summary>Where the zones are counted that are known and not expected.</summary>
    int Strangers => selectors.Length;

    /// <summary>Takes a piece of a listing. The first complete set counts at once; later members count after their first load or their grace.</summary>
    /// <param name="channel">Who lists; -1: nobody that may list again.</param>
    /// <param name="piece">Some of the zones.</param>
    /// <param name="first">A new list begins.</param>
    public void List(int channel, IEnumerable<string> piece, bool first)
    {
        Lister = channel;
        if (first) pending = 0;
        if (pending == 0 && ++listing == 0) (generation, listing) = (new(), 1);
        foreach (var name in piece)
        {
            var zone = Intern(name);
            if (zone < 0) continue;
            ref var listed = ref generation.At(zone);
            if (listed == listing) continue;
            listed = listing;
            pending++;
        }
    }

    /// <summary>Ends a listing. False if it was held: it is smaller by more than <paramref name="shrinkHeld"/> than the set that stands.</summary>
    /// <param name="vanished">Zones that left the set: named, not forgotten.</param>
    public bool EndList(int atLeast, double shrinkHeld, TimeSpan grace, At now, List<string> vanished)
    {
        var count = pending;
        pending = 0;
        if (count < atLeast || (Complete && count < Expected * (1 - shrinkHeld)))
        {
            held = count >= atLeast ? [.. Where(IsListed).Numbers] : [];
            return false;
        }
        held = [];
        for (var zone = 0; zone < names.Count; zone++)
        {
            if (IsListed(zone)) Expect(zone, grace, now);
            else if (IsExpected(zone)) Dismiss(zone, vanished);
        }
        // An empty set says as little as none: members that come to it later are its first ones.
        Complete |= count > 0;
        CompleteAt = now;
        return true;
    }

    bool IsListed(int zone) => generation[zone] == listing;

    /// <summary>Takes the list that was held, on a person's word. False: none is.</summary>
    public bool TakeHeld(At now, List<string> vanished)
    {
        if (held.Length == 0 || pending > 0) return false;
        List(Lister, held.Select(names.Name), first: true);
        return EndList(0, 1, TimeSpan.Zero, now, vanished);
    }

    /// <summary>Who lists has looked again, and the set is as it was.</summary>
    public void Confirmed(int channel, At now)
    {
        if (channel == Lister && Complete && held.Length == 0 && pending == 0) CompleteAt = now;
    }

    /// <summary>A set from before our start is as old as it was.</summary>
    public void Age(At completeAt) => CompleteAt = completeAt;

    public int HeldCount => held.Length;

    /// <summary>The list that was held, and waits for a person's word; allocates.</summary>
    public List<string> HeldNames() => [.. held.Select(names.Name)];

    /// <summary>The expected zones; the same set until they change.</summary>
    public ZoneSet ExpectedZones => expected ??= Where(IsExpected);

    /// <summary>An expected zone in that state of the condition: the one that came to it last, or the first by number; null: none found.</summary>
    public string? First(ZoneCondition condition, State state) => First(condition, state, ExpectedSelector, ~0u, Comparison.None);

    /// <summary>A zone of the selector that is bad in that condition as the lens shows it, and is so by the comparison too if one is; null: none found.</summary>
    public string? FirstBad(ZoneCondition condition, int selector, uint lens, Comparison comparison)
    {
        var bad = Kleene.Not(Kleene.Well(condition.Spec.Polarity));
        var counted = comparison == Comparison.None ? null : First(condition, bad, selector, lens, comparison);
        return counted ?? First(condition, bad, selector, lens, Comparison.None);
    }

    /// <summary>Only the first members are judged; which zones are members is one look at each of them.</summary>
    string? First(ZoneCondition condition, State state, int selector, uint lens, Comparison comparison)
    {
        if (selector < 0) return null;
        if (condition.Last(state) is >= 0 and var last && isMember(last) && isIn(last)) return names.Name(last);
        var judged = 0;
        for (var zone = 0; zone < names.Count && judged < FewZones; zone++)
        {
            if (!isMember(zone)) continue;
            judged++;
            if (isIn(zone)) return names.Name(zone);
        }
        return null;

        bool isMember(int zone) => (flags[zone] & 1u << selector) != 0;

        bool isIn(int zone)
        {
            var pattern = Effective(condition, zone);
            if (Trusted(condition, condition.Fold(pattern, lens)) != state) return false;
            return comparison switch
            {
                Comparison.Excuse => condition.Reference(pattern) != state,
                Comparison.Worse => condition.Reference(pattern) == Kleene.Not(state),
                _ => true,
            };
        }
    }

    /// <summary>Expected zones that the server does not serve: how many, and some by name.</summary>
    public (int Count, List<string> Some) NotServed(int most)
    {
        if (Ready is not { } ready || !Complete) return (0, []);
        var count = ready.Tally(ExpectedSelector, ~0u, false, Comparison.None).NotMet;
        return (count, count == 0 ? [] : Some(ready, State.NotMet, ExpectedSelector, Math.Min(most, count), pattern => ready.Fold(pattern, ~0u) == State.NotMet));
    }

    /// <summary>Zones that a witness has seen served and that are not expected: how many, and some by name. None while no set is complete.</summary>
    public (int Count, List<string> Some) NotExpected(int most)
    {
        if (Ready is not { } ready || !Complete) return (0, []);
        var count = ready.Served(Strangers);
        return (count, count == 0 ? [] : Some(ready, State.Met, Strangers, Math.Min(most, count), ready.IsServed));
    }

    /// <summary>Expected zones of which a condition is met: how many, and some by name.</summary>
    public (int Count, List<string> Some) With(ZoneCondition condition, int most)
    {
        var count = Tally(condition, ExpectedSelector, ~0u, not: false, Comparison.None).Met;
        return (count, count == 0 ? [] : Some(condition, State.Met, ExpectedSelector, Math.Min(most, count), pattern => condition.Fold(pattern, ~0u) == State.Met));
    }

    /// <summary>Those that came to the state last, and others among the first members: which zones are members is one look at each of them, and only a few are judged.</summary>
    List<string> Some(ZoneCondition condition, State state, int selector, int most, Predicate<uint> isIn)
    {
        List<int> found = [];
        foreach (var zone in condition.Recent(state))
            if (zone >= 0 && found.Count < most) look(zone);
        var judged = 0;
        for (var zone = 0; zone < names.Count && judged < FewZones && found.Count < most; zone++)
            if (look(zone)) judged++;
        return [.. found.Select(names.Name).Order(StringComparer.Ordinal)];

        bool look(int zone)
        {
            if ((flags[zone] & 1u << selector) == 0) return false;
            if (isIn(Effective(condition, zone)) && !found.Contains(zone)) found.Add(zone);
            return true;
        }
    }

    /// <summary>A new incarnation has loaded nothing yet: what was new is now a member like the others.</summary>
    public void EndGraces()
    {
        if (graces.Count == 0) return;
        graces.Clear();
        for (var zone = 0; zone < names.Count; zone++)
            if ((flags[zone] & GraceBit) != 0) EndGrace(zone);
    }

    /// <summary>The new members that have not been loaded yet, and when each counts all the same; allocates.</summary>
    public List<(string Zone, At Ends)> Graces()
    {
        // One that left and came back is in the queue twice, and the earlier time counts.
        Dictionary<int, uint> ends = [];
        foreach (var (zone, end) in graces.UnorderedItems)
            if ((flags[zone] & GraceBit) != 0) ends[zone] = Math.Min(end, ends.GetValueOrDefault(zone, uint.MaxValue));
        return [.. ends.Select(e => (names.Name(e.Key), At(e.Value)))];
    }

    /// <summary>A member of the set that is restored was new, and had not been loaded yet.</summary>
    public void RestoreGrace(string name, At ends)
    {
        if (names.Find(name) is not (>= 0 and var zone) || !IsExpected(zone) || (flags[zone] & GraceBit) != 0 || Serial(zone) is not null) return;
        Member(zone, 0, false);
        Delay(zone, ends);
    }

    void Delay(int zone, At ends)
    {
        flags.At(zone) |= GraceBit;
        Fresh++;
        graces.Enqueue(zone, Tenths(ends));
    }

    void Expect(int zone, TimeSpan grace, At now)
    {
        if (IsExpected(zone)) return;
        flags.At(zone) |= ListedBit;
        expected = null;
        Member(zone, Strangers, false);
        Expected++;
        if (Complete && grace > TimeSpan.Zero && Serial(zone) is null) Delay(zone, now + grace);
        else Enter(zone, 0);
    }

    void Dismiss(int zone, List<string> vanished)
    {
        vanished.Add(names.Name(zone));
        if ((flags[zone] & GraceBit) != 0) Fresh--;
        flags.At(zone) &= ~(ListedBit | GraceBit);
        expected = null;
        Expected--;
        Member(zone, 0, false);
        Estrange(zone);
    }

    void Estrange(int zone) => Member(zone, Strangers, names.Name(zone) != catalog);

    bool EndGrace(int zone)
    {
        flags.At(zone) &= ~GraceBit;
        Fresh--;
        Enter(zone, 0);
        return true;
    }
}
