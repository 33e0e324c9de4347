using Oops.Core;

namespace Oops.Simulate;

/// <summary>How a machine comes to be.</summary>
internal enum Beginning : byte { First, Restart, Reboot, Reload, ConfirmedReload }

/// <summary>
/// What must hold of every history (docs/safety.md), checked after each step by what went in and what came out. It reads nothing of the machine, so that a fault of the machine's judgement is not its own too.
/// </summary>
internal sealed partial class Guard
{
    /// <summary>A missing effect is said again within so long (the longest wait between two tries).</summary>
    static readonly TimeSpan SaidAgain = TimeSpan.FromSeconds(65);

    const string NoBecause = "a decision without a because";

    readonly Func<string, RouterModel> router;
    readonly SortedDictionary<string, RouteWatch> routes = new(StringComparer.Ordinal);
    readonly Dictionary<string, ServerFacts> servers = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> channels = new(StringComparer.Ordinal);
    readonly Dictionary<string, At> holds = new(StringComparer.Ordinal);
    readonly Dictionary<(string Condition, string Server, string? Zone), At> overrides = [];
    readonly HashSet<string> unread = new(StringComparer.Ordinal);
    readonly int[] reached = new int[Enum.GetValues<Reached>().Length];
    readonly List<(string Rule, string What)> broken = [];
    Policy policy;
    Proofs proofs;
    Admission admission;
    At now, began;
    bool quiet, reloading;

    public Guard(Policy policy, Func<string, RouterModel> router, At at)
    {
        (this.policy, this.router) = (policy, router);
        foreach (var route in policy.Routes) routes[route.Name] = new(route);
        (proofs, admission) = Start(policy, at);
        quiet = true;
    }

    /// <summary>What did not hold since it was last asked: the rule, and how.</summary>
    public List<(string Rule, string What)> Broken => broken;

    public IReadOnlyList<int> Counts => reached;

    public void Reach(Reached what) => reached[(int)what]++;

    /// <summary>We stood still: nobody could say anything again meanwhile.</summary>
    public void Pause()
    {
        Reach(Reached.OwnPause);
        foreach (var watch in routes.Values) watch.StuckSince = null;
    }

    /// <summary>Another machine goes on from here, and its claims begin anew.</summary>
    public void Begin(Policy next, Beginning how, At at)
    {
        var dead = routes.Values.Any(r => r.DeadSince is not null);
        foreach (var watch in routes.Values)
        {
            var spec = next.Routes.First(r => r.Name == watch.Spec.Name);
            // What was only observed is nothing that we told.
            if (IsShadow(policy, watch.Spec) && !IsShadow(next, spec)) Reach(Reached.ObserveToAct);
            if (IsShadow(policy, watch.Spec) || IsShadow(next, spec)) Renew(watch);
            watch.Spec = spec;
            (watch.ProofSince, watch.DeadSince, watch.StuckSince) = (null, null, null);
            watch.ToldBefore = watch.Told;
            if (how == Beginning.Reboot) (watch.Asked, watch.IsOurs) = (null, false);
            // What the router has not taken, or has not kept, begins anew from what it has.
            if (how is Beginning.Restart or Beginning.Reboot || router(spec.Via).Pending is not null || watch.Told != Has(spec)) watch.Told = null;
            if (how == Beginning.Reboot) watch.Forget();
            watch.HasYetToSee = true;
        }
        if (how is Beginning.Restart or Beginning.Reboot) Reach(dead ? Reached.RestartedWhileDead : Reached.Restarted);
        policy = next;
        (proofs, admission) = Start(next, at);
        // What a person has overridden stands also while nobody has spoken yet.
        foreach (var watch in routes.Values)
            if (overrides.Count > 0 && proofs.Stands(watch.Spec, now)) watch.ProofSince = now;
        (quiet, reloading) = (how is Beginning.Restart or Beginning.Reboot, how == Beginning.Reload);
    }

    /// <summary>All that the machine before believed was handed on.</summary>
    public void Reloaded() => reloading = false;

    public void Heard(At at, Input input, IReadOnlyList<Effect> effects, bool late)
    {
        now = At.Max(now, at);
        Take(input);
        // A fact comes by a word, or by a time that was told; not by what is read of a router.
        if (input is not (RouterObserved or Applied))
            foreach (var watch in routes.Values)
                if (watch.ProofSince is null && proofs.Stands(watch.Spec, now)) watch.ProofSince = now;
        foreach (var watch in routes.Values)
            if ((watch.Told ?? Has(watch.Spec)) == RouteForm.Withdrawn && !admission.IsPossible(watch.Spec, now)) watch.UnfitAt = now;
        foreach (var effect in effects) Check(effect);
        // What is heard after a pause of ours may end a death, and nothing is due before the first step that is not late.
        foreach (var watch in routes.Values)
            if (!late || !proofs.IsDead(watch.Spec)) CheckDead(watch);
    }

    (Proofs, Admission) Start(Policy next, At at)
    {
        (now, began) = (At.Max(now, at), at);
        servers.Clear();
        channels.Clear();
        unread.Clear();
        foreach (var server in next.Servers) servers[server.Name] = new(server, next);
        foreach (var channel in next.Channels) channels[channel.Name] = channel.Server;
        foreach (var watch in routes.Values) watch.UnfitAt = at;
        return (new(next, servers, IsOverridden), new(next, servers, IsOverridden));
    }

    void Check(Effect effect)
    {
        switch (effect)
        {
            case RouterIntent intent:
                if (string.IsNullOrWhiteSpace(intent.Because)) Break(NoBecause, $"the table for {intent.Action}");
                foreach (var wanted in intent.Routes) Check(wanted, intent);
                break;
            case RouteChanged changed:
                if (string.IsNullOrWhiteSpace(changed.Because)) Break(NoBecause, $"{changed.Route} from {Words.Of(changed.From)} to {Words.Of(changed.To)}");
                if (changed.To == RouteState.Kept) Reach(Reached.Kept);
                if (changed.To == RouteState.Adopted) Reach(Reached.Adopted);
                break;
            case ConditionChanged changed when string.IsNullOrWhiteSpace(changed.Because):
                Break(NoBecause, $"{changed.Id} {Words.Of(changed.To)}");
                break;
            case CauseChanged changed when string.IsNullOrWhiteSpace(changed.Because):
                Break(NoBecause, $"{changed.Id} {Words.Of(changed.To)}");
                break;
            case StayChanged changed when string.IsNullOrWhiteSpace(changed.Because):
                Break(NoBecause, $"{changed.Route} stays: {Words.Of(changed.Why)}");
                break;
            case ReactionIntent reaction when string.IsNullOrWhiteSpace(reaction.Because):
                Break(NoBecause, reaction.Action);
                break;
            case AlarmChanged alarm:
                if (string.IsNullOrWhiteSpace(alarm.Text)) Break(NoBecause, $"the alarm {alarm.Id}");
                if (alarm.Phase == AlarmPhase.Raised) Count(alarm.Id);
                break;
            default:
                break;
        }
    }

    void Check(RouteWanted wanted, RouterIntent intent)
    {
        var watch = routes[wanted.Route];
        var (spec, form) = (watch.Spec, wanted.Form);
        var (before, known) = (watch.Told ?? Has(spec), watch.Told is not null);
        (watch.Told, watch.HasYetToSee) = (form, false);
        // What we decided before the router was read is ours, whatever it has.
        watch.IsOurs |= !known;
        var change = $"{spec.Name} from {Words.Of(before)} to {Words.Of(form)} ({intent.Because})";
        if (IsShadow(policy, spec)) Break("a route that is only observed was told", change);
        // What the router has not got is not taken away.
        if (before == form || (form == RouteForm.Withdrawn && Has(spec) == RouteForm.Withdrawn && !IsComing(spec))) return;
        if (IsHeld(spec.Name)) Break("held, and changed", change);
        // What was asked of it before the start, and is announced either way, is nothing that the start decides (ADR 16).
        var asked = form == watch.Asked && RouteForm.Withdrawn != form && RouteForm.Withdrawn != before;
        // A last resort is degraded instead of withdrawn, whoever announced it.
        if (!watch.IsOurs && !spec.LastResort && IsPlainOrDegraded(form) && IsPlainOrDegraded(before)) Break("changed, and nobody confirmed that it is ours", change);
        (watch.Asked, watch.IsOurs) = (form, true);
        var drained = watch.IsDrained(now) || before is RouteForm.Draining or RouteForm.DrainingDegraded;
        if (reloading && !drained && form != watch.ToldBefore) Break("changed by a reload that nobody confirmed", change);
        var proven = watch.ProofSince is not null && proofs.Stands(spec, now);
        if (quiet && !drained && overrides.Count == 0 && !asked && !(form == RouteForm.Withdrawn && proven)) Break("changed at the start, before anything was known", change);
        switch (form)
        {
            case RouteForm.Withdrawn:
                CheckWithdraw(watch, proven, change);
                break;
            case RouteForm.Draining or RouteForm.DrainingDegraded:
                Reach(Reached.Draining);
                if (!watch.IsDrained(now)) Break("draining, and no person asked for it", change);
                break;
            default:
                // What is announced is not being drained any more, however that came.
                watch.DrainEnds = null;
                if (before == RouteForm.Withdrawn) CheckAnnounce(watch, intent.Sequence, change);
                if (form == RouteForm.Degraded) Reach(Reached.Degraded);
                break;
        }
    }

    void CheckWithdraw(RouteWatch watch, bool proven, string change)
    {
        (watch.WasWithdrawn, watch.UnfitAt) = (true, now);
        if (watch.IsDrained(now))
        {
            Reach(Reached.DrainedOut);
            return;
        }
        Reach(Reached.Withdrawn);
        if (proven && !proofs.IsDead(watch.Spec)) Reach(Reached.WithdrawnWhileItRuns);
        if (watch.Spec.LastResort) Break("a last resort, withdrawn on its own", change);
        if (!proven) Break("withdrawn without a proof", change);
        else if (now - watch.ProofSince < watch.Spec.Fall) Break("withdrawn before its fall", change);
    }

    void CheckAnnounce(RouteWatch watch, long sequence, string change)
    {
        Reach(Reached.Announced);
        if (watch.WasWithdrawn) Reach(Reached.WithdrawnAndAnnouncedAgain);
        watch.ProofSince = null;
        if (now - began < watch.Spec.Rise) Break("announced before its rise could have passed since the start", change);
        if (!admission.IsPossible(watch.Spec, now)) Break("announced though it would not be admitted", change);
        // As a last resort it comes back after a time of its own.
        else if (!watch.Spec.LastResort && now - watch.UnfitAt < watch.Spec.Rise) Break("announced before its rise", change);
        if (proofs.IsDead(watch.Spec)) Break("announced though its servers are gone", change);
        if (watch.Free) watch.Free = false;
        // What became a last resort while it was out comes back by that time of its own, once: it is not withdrawn again.
        else if (!watch.Spend(now, sequence) && !watch.Spec.LastResort) Break("announced more often than its budget allows", change);
        else Reach(Reached.AnnouncedOnBudget);
    }

    /// <summary>What is proven dead is not announced any longer than it takes.</summary>
    void CheckDead(RouteWatch watch)
    {
        var spec = watch.Spec;
        if (!proofs.IsDead(spec))
        {
            if (watch.DeadSince is { } since && now - since < spec.Fall && spec.Fall > TimeSpan.Zero) Reach(Reached.BackWithinFall);
            (watch.DeadSince, watch.StuckSince) = (null, null);
            return;
        }
        if (watch.DeadSince is null) Reach(spec.LastResort ? Reached.LastResortDead : Reached.Dead);
        watch.DeadSince ??= now;
        if (IsHeld(spec.Name))
        {
            Reach(Reached.DeadWhileHeld);
            // Nothing is said while it is held, and so nothing is missing either: that begins with its end.
            watch.StuckSince = null;
        }
        if (spec.LastResort || IsShadow(policy, spec) || IsHeld(spec.Name) || now - watch.DeadSince < spec.Fall) return;
        var at = router(spec.Via);
        var has = Has(spec);
        if (has != RouteForm.Withdrawn && watch.Told != RouteForm.Withdrawn) Break("announced longer than its fall though its servers are gone", $"{spec.Name} is {Words.Of(watch.Told ?? has)}, they are gone for {Words.Of(now - watch.DeadSince.Value)}, its fall is {Words.Of(spec.Fall)}");
        if (has == RouteForm.Withdrawn || !at.Obeys || unread.Contains(at.Name)) watch.StuckSince = null;
        else watch.StuckSince ??= now;
        if (watch.StuckSince is { } stuck && now - stuck > SaidAgain + at.Late + at.Late) Break("a missing withdraw was not said again", $"{spec.Name} is at its router for {Words.Of(now - stuck)} after it was withdrawn");
    }

    /// <summary>Its router was told to announce it, by the newest table, and has not done so yet.</summary>
    bool IsComing(RouteSpec spec) => router(spec.Via).Pending is { } told && told.Routes.Any(r => r.Route == spec.Name && r.Form != RouteForm.Withdrawn);

    RouteForm Has(RouteSpec spec) => router(spec.Via).Table.GetValueOrDefault(spec.Name);

    static bool IsPlainOrDegraded(RouteForm form) => form is RouteForm.Plain or RouteForm.Degraded;

    static bool IsShadow(Policy policy, RouteSpec spec) => policy.Mode == Mode.Observe || spec.Mode == Mode.Observe;

    static void Renew(RouteWatch watch)
    {
        watch.Forget();
        (watch.Told, watch.Asked, watch.IsOurs, watch.DrainEnds) = (null, null, false, null);
    }

    void Break(string rule, string what) => broken.Add((rule, what));
}
