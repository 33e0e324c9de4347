using System.Collections.Immutable;

namespace Oops.Core;

/// <summary>Admission and eviction are two questions; otherwise keep.</summary>
internal sealed partial class Route
{
    /// <summary>Takes the conditions as they stand and decides. True if the wanted form changed.</summary>
    public bool Decide(Moment moment, bool held)
    {
        var now = moment.At;
        // What was read before a hold is nothing that was done under it.
        isBefore = held && (isBefore || (!isHeld && isFree));
        isFree |= !held;
        isHeld = held;
        Weigh(now);
        var (form, on, prefixes) = (Form, On, Prefixes.Length);
        if (!held)
        {
            if (drain is not null)
            {
                Drain(now);
                if (drain is null && AnnounceState == Core.State.Met) rising ??= now;
            }

            // What stood by when a drain ended (as under a hold) is decided with it: nothing else would come to ask.
            if (drain is null)
            {
                if (On != false) Evict(now);
                if (On != true && !IsUnclear) Admit(now);
            }

            Form = Wanted(now);
            Widen(now);
        }
        if (Shadow && On is not null) Seen = Form;
        if (onSince is { } since && On == true && now - since >= limits.RiseCeiling) budget.Reset();
        Show(moment);
        return Form != form || On != on || Prefixes.Length != prefixes;
    }

    public void Wants(ref Deadline next, At now)
    {
        foreach (var entry in entries) next.Add(entry.Due(now));
        if (On != false) next.Add(fall.Due(Spec.Fall));
        if (On != true && rising is { } from)
        {
            next.Add(from + budget.Rise);
            if (!free) next.Add(budget.Allowed(now));
        }
        if (On != true && Spec.LastResort && offSince is { } off) next.Add(off + limits.LastResortAfter);
        if (WaitsForAdmission && rising is { } ready) next.Add(ready + budget.Rise);
        if (Floor && rising is { } since) next.Add(since + budget.Rise);
        if (KeptSince is { } kept) next.Add(kept + limits.KeptAlarm);
        if (onSince is { } on) next.Add(on + limits.RiseCeiling);
        WantsDrain(ref next);
        WantsUpstream(ref next);
    }

    /// <summary>Entries that would be judged otherwise now.</summary>
    public IEnumerable<string> Stale(At now) => entries.Where(e => e.IsStale(now)).Select(e => e.Key);

    void Weigh(At now)
    {
        foreach (var entry in entries) entry.Take(now);
        AnnounceState = Least(announce, Spec.Need, List.And);
        WithdrawState = Least(withdraw, servers.Length - Spec.Need + 1, List.Or);
        var before = DegradeState;
        DegradeState = Least(degrade, 1, List.Or);
        if (DegradeState == Core.State.Met && before != Core.State.Met) degradedFor = Deciding(degrade, now);
        fall.Take(Reason, now);
        if (AnnounceState == Core.State.Met) rising ??= now;
        else rising = null;
    }

    void Evict(At now)
    {
        // After a start of ours that its reason is over has to be heard: that nobody has spoken yet is no end.
        inherited &= WithdrawState == Core.State.Unknown && AnnounceState != Core.State.Met;
        if (Reason == Core.State.NotMet && !inherited) floored = false;
        if (WithdrawState != Core.State.Met || fall.Held(now) < Spec.Fall) return;
        if (Spec.LastResort)
        {
            if (On is null) return;
            if (!floored) (decided, withdrawnFor) = ("last resort: degraded instead of withdrawn", Deciding(withdraw, now));
            floored = true;
            return;
        }
        var announced = On == true;
        (On, Adopted, Ours, offSince, onSince, rising) = (false, false, false, now, null, null);
        if (announced) budget.Withdrew();
        withdrawnFor = Deciding(withdraw, now);
        if (decided == NotDecided) decided = "withdrawn before it was known what the router shows";
    }

    void Admit(At now)
    {
        offSince ??= now;
        if (WithdrawState == Core.State.Met) return;
        if (Spec.LastResort && now - offSince >= limits.LastResortAfter && AnyRuns(now))
        {
            Announce(now, "last resort: not announced for " + Words.Of(now - offSince.Value) + ", and a server runs");
            bare = true;
            return;
        }
        if (rising is not { } from) return;
        if (!free) budget.Ask(now);
        if (now - from < budget.Rise || (!free && budget.Allowed(now) > now)) return;
        Announce(now, "admitted");
    }

    void Announce(At now, string because)
    {
        budget.Announce(now, free);
        // What stood before, and nobody saw end, does not count towards the next withdraw.
        fall = default;
        foreach (var entry in withdraw.SelectMany(list => list)) entry.Forget();
        (On, Ours, Adopted, floored, bare, free, reached, onSince, offSince, decided) = (true, true, false, false, false, false, false, now, null, because);
    }

    RouteForm Wanted(At now)
    {
        if (On != true) return RouteForm.Withdrawn;
        // Also while it leaves it is as little preferred as it was.
        if (drain is not null) return (Adopted && !Floor ? found == RouteForm.Degraded : IsDegraded) ? RouteForm.DrainingDegraded : RouteForm.Draining;
        if (AnnounceState == Core.State.Met && rising is { } from && now - from >= budget.Rise) bare = false;
        // What somebody else announced stays as it was found.
        if (Adopted && !Floor) return found ?? Form;
        var degraded = IsDegraded;
        if (!degraded && Form == RouteForm.Degraded) decided = "no longer degraded";
        return degraded ? RouteForm.Degraded : RouteForm.Plain;
    }

    /// <summary>Unknown moves nothing: only the end of the reason ends the degradation.</summary>
    bool IsDegraded => Floor || DegradeState == Core.State.Met || (Form is RouteForm.Degraded or RouteForm.DrainingDegraded && DegradeState == Core.State.Unknown);

    /// <summary>The reason to withdraw, for the clocks. Unknown pauses them only where it hides a reason that was there: what never was Met (a messenger that has not spoken) keeps no clock waiting.</summary>
    State Reason => WithdrawState == Core.State.Unknown && !IsReasonHidden ? Core.State.NotMet : WithdrawState;

    bool IsReasonHidden
    {
        get
        {
            foreach (var list in withdraw)
                foreach (var entry in list)
                    if (entry.IsHidden) return true;
            return false;
        }
    }

    void Show(Moment moment)
    {
        Agree(moment.At);
        // While the router is not read it is not known to be back.
        leftAt = HasLeft ? leftAt ?? moment.At : Seen is null && drain is not null ? leftAt : null;
        KeptSince = On == true && drain is null && AnnounceState != Core.State.Met ? KeptSince ?? moment.At : null;
        var state = On switch
        {
            _ when drain is not null => RouteState.Drained,
            null => RouteState.Unknown,
            false => RouteState.Withdrawn,
            true when Adopted => RouteState.Adopted,
            true when Form == RouteForm.Degraded => RouteState.Degraded,
            true when KeptSince is not null => RouteState.Kept,
            _ => RouteState.Announced,
        };
        if (state == State && Since is not null) return;
        (State, Since) = (state, moment);
        HasGoneOn = false;
        if (handed is { } before && before.State == state)
        {
            HasGoneOn = true;
            Since = new(new(before.At), before.Wall);
            if (before.Kept is { } kept && KeptSince is not null) KeptSince = new(kept);
        }
        // Before the router was read it is not known yet what it goes on being.
        if (state != RouteState.Unknown) handed = null;
    }

    /// <summary>Why it is as it is, in words that are true now: a reason that has ended since, or that nobody knows any more, says so.</summary>
    public string Because(At now)
    {
        if (drain is not null) return "drained by " + drain.Who;
        if (On is null) return IsUnclear ? "found announced in several forms; waits for `oops confirm`" : NotDecided;
        if (On == false) return WithdrawState == Core.State.Met ? Deciding(withdraw, now) : withdrawnFor.Length == 0 ? decided : AsOf(withdraw, Reason, withdrawnFor, now);
        if (floored) return "last resort: degraded instead of withdrawn; " + AsOf(withdraw, Reason, withdrawnFor, now);
        if (bare) return decided;
        if (Form == RouteForm.Degraded && !Adopted) return "degraded: " + AsOf(degrade, DegradeState, degradedFor, now);
        if (KeptSince is not null) return $"{decided}; would not be admitted now: {string.Join("; ", Blocked(now))}";
        return Adopted ? decided : $"{decided}: {string.Join("; ", announce.SelectMany(list => list.Select(e => e.Because(now))))}";
    }

    static string AsOf(ImmutableArray<ImmutableArray<Entry>> lists, State state, string was, At now) => (state, was.Length) switch
    {
        (Core.State.Met, _) => Deciding(lists, now),
        // Found so after another boot, or left so by an older version.
        (Core.State.NotMet, 0) => "for a reason from before the restart, over by now",
        (_, 0) => "for a reason from before the restart, not known any more",
        (Core.State.NotMet, _) => "over by now: " + was,
        _ => "not known any more: " + was,
    };

    /// <summary>What keeps a reason to withdraw that has stood for its `fall` from withdrawing, or another one from being any.</summary>
    public Stay Stays(At now)
    {
        if (On == false || drain is not null) return Stay.No;
        if (WithdrawState == Core.State.Met) return fall.Held(now) < Spec.Fall ? Stay.No : isHeld ? Stay.Held : Spec.LastResort && On is not null ? Stay.LastResort : Stay.No;
        var blind = false;
        foreach (var list in withdraw)
            foreach (var entry in list)
            {
                if (entry.IsAgainst) return Stay.Covered;
                blind |= entry.IsBlind;
            }
        return blind ? Stay.NoReference : Stay.No;
    }

    /// <summary>The same in words, as of now.</summary>
    string StaysBecause(Stay why, At now) => why switch
    {
        Stay.Held => $"held, nothing moves; {Deciding(withdraw, now)}",
        Stay.LastResort => $"a last resort is degraded instead; {Deciding(withdraw, now)}",
        Stay.Covered => $"{Spec.Need} of {Words.Count(servers.Length, "server")} must be left, and are; {Deciding(withdraw, now)}",
        Stay.NoReference => $"whether the reference is better is not known; {string.Join("; ", withdraw.SelectMany(list => list.Where(e => e.IsBlind)).Select(e => e.Because(now)))}",
        _ => On == false ? "it is withdrawn" : "no reason to withdraw it stands any more",
    };

    Stay stayed;

    /// <summary>What has begun or ceased to speak against it since this was asked last.</summary>
    public void Turned(At now, List<Effect> effects)
    {
        foreach (var entry in entries)
            if (entry.HasTurned(out var from)) effects.Add(new CauseChanged(Spec.Name, entry.List, entry.Server.Name, entry.Spec.Label, from, entry.Verdict.State, entry.Because(now)));
        if (Stays(now) is var why && why == stayed) return;
        stayed = why;
        effects.Add(new StayChanged(Spec.Name, why, Shadow, StaysBecause(why, now)));
    }

    /// <summary>Why it would not be admitted now, in words.</summary>
    public IEnumerable<string> Blocked(At now)
    {
        foreach (var list in announce)
            foreach (var entry in list)
                if (entry.Verdict.State != Core.State.Met) yield return entry.Because(now);
        if (WithdrawState == Core.State.Met) yield return Deciding(withdraw, now);
        if (!free && On != true && budget.Allowed(now) is var allowed && allowed > now)
            yield return $"the budget is used up{(allowed == At.Never ? ", and its retries" : $"; next try in {Words.Of(allowed - now)}")}; `oops confirm {Spec.Name}` ends the wait";
    }

    /// <summary>The text of its alarm `kept`.</summary>
    public string Kept(At now) => $"route {Called} is announced but would not be admitted: {string.Join("; ", Blocked(now))}";

    /// <summary>The text of its alarm `budget`.</summary>
    public string Spent(At now) =>
        $"route {Called} stays withdrawn: its announcement budget is used up, since {Words.Of(now - (budget.ExhaustedAt ?? now))}; {(budget.Allowed(now) is var next && next == At.Never ? "its retries are, too" : $"it is tried again in {Words.Of(next - now)}")}; `oops confirm {Spec.Name}` announces it without that wait";

    public bool Exhausted(At now) => On == false && !free && rising is not null && budget.Allowed(now) > now;

    /// <summary>The same, for its alarm: it stands from the first admission that was refused, also while the next one is only to be asked for, as at a start of a server.</summary>
    public bool StaysSpent(At now) => Exhausted(now) || (On == false && !free && budget.ExhaustedAt is not null && budget.Allowed(now) > now);

    /// <summary>How long a spent budget still makes it wait; null: until a person says so.</summary>
    public TimeSpan? NextTry(At now) => budget.Allowed(now) is var next && next == At.Never ? null : At.Max(next, now) - now;

    /// <summary>The next announcement is not counted: the first, and one after a person's word.</summary>
    public bool IsFree => free && On != true;

    bool IsSpent(At now) => budget.Left(now) == 0;

    public int? BudgetLeft(At now) => budget.Left(now);

    /// <summary>What the reason to withdraw that stands will do to it, and when; null: nothing. Under a hold, too: that will end.</summary>
    public string? Leaving(At now)
    {
        if (WithdrawState != Core.State.Met || !(Spec.LastResort ? On == true && drain is null && !Floor : On != false)) return null;
        var left = Spec.Fall - fall.Held(now);
        if (left <= TimeSpan.Zero && !isHeld) return null;
        return $"will {(Spec.LastResort ? "degrade" : "withdraw")} {(left > TimeSpan.Zero ? "in " + Words.Of(left) : "when the hold ends")} unless this ends: {Deciding(withdraw, now)}";
    }

    public IEnumerable<string> Timers(At now)
    {
        if (Leaving(now) is { } leaving) yield return leaving;
        if (On != true && !IsUnclear && rising is { } from && WithdrawState != Core.State.Met && drain is null && !Exhausted(now))
            yield return $"will announce in {Words.Of(At.Max(from + budget.Rise, now) - now)} if all of announce-when stays met";
        if (WaitsForAdmission)
            yield return $"will announce {string.Join(' ', Waiting)} with it {(AnnounceState == Core.State.Met && rising is { } ready ? $"in {Words.Of(ready + budget.Rise - now)}" : $"after {Words.Of(budget.Rise)}")} if all of announce-when stays met";
        if (drain is not null) yield return DrainWords(now, held: false);
    }

    public IEnumerable<EntryReport> Report(ListRole role, At now) =>
        (role switch { ListRole.Announce => announce, ListRole.Withdraw => withdraw, _ => degrade })
        .SelectMany(list => list.Select(e => new EntryReport(e.Spec.ToString(), e.Server.Name, e.Verdict.State, e.Verdict.Proven, e.Because(now))));

    static string Deciding(ImmutableArray<ImmutableArray<Entry>> lists, At now) =>
        string.Join("; ", lists.SelectMany(list => list.Where(e => e.Verdict.State == Core.State.Met).Take(1)).Select(e => e.Because(now)));

    bool AnyRuns(At now) => servers.Any(s => beliefs.Judge("server-running", s, Excluded(s), Comparison.None, now).State == Core.State.Met);

    enum List { And, Or }

    /// <summary>Each list is folded per server first; then at least so many servers.</summary>
    static State Least(ImmutableArray<ImmutableArray<Entry>> lists, int least, List fold)
    {
        int met = 0, unknown = 0;
        foreach (var list in lists)
        {
            bool anyMet = false, anyNotMet = false, anyUnknown = false;
            foreach (var entry in list)
            {
                anyMet |= entry.Verdict.State == Core.State.Met;
                anyNotMet |= entry.Verdict.State == Core.State.NotMet;
                anyUnknown |= entry.Verdict.State == Core.State.Unknown;
            }
            var state = Kleene.Fold(fold == List.And ? Polarity.Good : Polarity.Bad, anyMet, anyNotMet, anyUnknown);
            // A list without entries says nothing: it never announces, and it never withdraws.
            if (list.IsEmpty) state = fold == List.And ? Core.State.Unknown : Core.State.NotMet;
            if (state == Core.State.Met) met++;
            if (state == Core.State.Unknown) unknown++;
        }
        return Kleene.AtLeast(least, met, unknown);
    }
}
