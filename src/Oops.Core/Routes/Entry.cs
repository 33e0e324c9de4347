namespace Oops.Core;

internal enum ListRole : byte { Announce, Withdraw, Degrade }

/// <summary>One entry of one of a route's lists, for one server.</summary>
internal sealed class Entry(EntrySpec spec, ListRole role, Server server, uint excluded, Beliefs beliefs)
{
    readonly ZoneCondition? zones = server.Zones.Conditions.FirstOrDefault(c => c.Spec.Name == spec.Condition);
    readonly bool claimed = beliefs.Find(spec.Condition) is KindSpec { Kind: not Kind.AllZonesReady };
    readonly int place = server.Zones.SelectorOf(spec.Zones);
    readonly uint lens = server.Zones.Conditions.FirstOrDefault(c => c.Spec.Name == spec.Condition) is { } condition ? Beliefs.Lens(condition, excluded) : 0;
    readonly Comparison comparison = !spec.Relative || beliefs.ClassOf(spec.Condition) != ConditionClass.Data ? Comparison.None : role == ListRole.Announce ? Comparison.Excuse : Comparison.Worse;
    Lasting lasting;
    State told;
    Verdict cached;
    long version = -1;

    public EntrySpec Spec => spec;

    public Server Server => server;

    /// <summary>As it stands, its `for:` applied.</summary>
    public Verdict Verdict { get; private set; }

    /// <summary>As it stands, without its `for:`.</summary>
    public Verdict Raw { get; private set; }

    /// <summary>It was Met, and now nobody knows.</summary>
    public bool IsHidden { get; private set; }

    /// <summary>It speaks against the route: against its admission, or for a withdraw or a degradation.</summary>
    public bool IsAgainst => Speaks(Verdict.State);

    /// <summary>It would be met, if it were known that the reference is better.</summary>
    public bool IsBlind { get; private set; }

    /// <summary>Whether it has begun or ceased to speak against the route since this was asked last.</summary>
    public bool HasTurned(out State from)
    {
        from = told;
        told = Verdict.State;
        return Speaks(from) != Speaks(told);
    }

    /// <summary>The list that it is in, as a config has it.</summary>
    public string List => role switch
    {
        ListRole.Announce => "announce-when",
        ListRole.Withdraw => "withdraw-when",
        _ => "degrade-when",
    };

    /// <summary>As the next machine knows it again, also with another policy.</summary>
    public string Key => $"{spec} of {server.Name}";

    /// <summary>It was Met in the machine before.</summary>
    public void Hide() => IsHidden = true;

    /// <summary>The route was admitted since: whatever it was, it is over.</summary>
    public void Forget() => IsHidden = false;

    public void Take(At now)
    {
        var before = Raw.State;
        Raw = Judge(now);
        IsHidden = Raw.State == State.Unknown && (IsHidden || before == State.Met);
        IsBlind = Raw.State == State.Unknown && role == ListRole.Withdraw && comparison == Comparison.Worse && WithoutReference(now).State == State.Met;
        lasting.Take(Raw.State, now);
        Verdict = Raw.State == State.Met && lasting.Held(now) < spec.For ? new(State.NotMet, Raw.Proven) : Raw;
    }

    /// <summary>What was judged last would be something else, if it were judged now.</summary>
    public bool IsStale(At now)
    {
        if (zones is not null || !claimed || version != server.Version) return false;
        var verdict = beliefs.Judge(spec.Condition, server, excluded, comparison, now);
        return cached != (spec.Not ? verdict.Negated : verdict);
    }

    public At Due(At now) => Raw.State == State.Met && lasting.Held(now) < spec.For ? lasting.Due(spec.For) : At.Never;

    public string Because(At now)
    {
        var words = zones is null ? OfServer(now) : OfZones();
        if (Raw.State == State.Met && Verdict.State != State.Met) words += $", for {Words.Of(lasting.Held(now))} of {Words.Of(spec.For)}";
        if (role == ListRole.Withdraw && zones is null && OfServerVerdict(now) is { State: State.Met, Proven: false }) words += ", met by a suspicion only, which does not count here";
        return words;
    }

    bool Speaks(State state) => state == (role == ListRole.Announce ? State.NotMet : State.Met);

    Verdict WithoutReference(At now)
    {
        if (zones is not null) return OfZonesVerdict(Comparison.None);
        var verdict = beliefs.Judge(spec.Condition, server, excluded, Comparison.None, now);
        return spec.Not ? verdict.Negated : verdict;
    }

    Verdict Judge(At now)
    {
        var verdict = zones is null ? OfServerVerdict(now) : OfZonesVerdict(comparison);
        // A suspicion never withdraws. It may degrade: what is silent because it is busy is to be asked less, and is not taken away.
        return role == ListRole.Withdraw ? verdict.AsProof : verdict;
    }

    Verdict OfServerVerdict(At now)
    {
        // What rests on claims about the server alone is the same until one of them changes.
        if (version == server.Version && claimed) return cached;
        version = server.Version;
        // all-zones-ready in a list excuses, or compares, like the zone entries that it stands for.
        var verdict = beliefs.Judge(spec.Condition, server, excluded, comparison, now);
        return cached = spec.Not ? verdict.Negated : verdict;
    }

    Verdict OfZonesVerdict(Comparison by)
    {
        if (spec.Zones.IsExpected && !server.Zones.Complete) return Verdict.Unknown;
        var tally = Tally(by);
        if (tally.Count == 0) return Verdict.Unknown;
        var share = spec.Share ?? (role == ListRole.Announce ? 1 : 0);
        return new(Kleene.AtLeast(Beliefs.Needed(share, tally.Count), tally.Met, tally.Unknown), !zones!.Spec.IsHearsay);
    }

    Tally Tally(Comparison by) => server.Zones.Tally(zones!, place, lens, spec.Not, by);

    string OfZones()
    {
        var tally = Tally(comparison);
        if (spec.Zones.IsExpected && !server.Zones.Complete) return "the expected zones of " + server.Name + " were never completely known";
        if (tally.Count == 0) return "no zones to judge at " + server.Name;
        var words = $"{tally.Met} of {tally.Count} zones at {server.Name} are {(spec.Not ? "not " : "")}{spec.Condition}";
        if (server.Zones.FirstBad(zones!, place, lens, comparison) is { } first) words += $", first {first}";
        if (tally.Unknown > 0) words += $", {tally.Unknown} unknown";
        if (tally.Excused > 0) words += $", {tally.Excused} excused: the reference has not got them either";
        return words;
    }

    string OfServer(At now)
    {
        var state = Words.Of(beliefs.Judge(spec.Condition, server, excluded, comparison, now).State);
        return $"{spec.Condition} of {server.Name} is {state}: {Why.Of(beliefs, spec.Condition, server, excluded, now)}";
    }
}
