using System.Collections.Immutable;

namespace Oops.Core;

/// <summary>A route: what is believed of its servers, what was decided, what the router shows.</summary>
internal sealed partial class Route
{
    readonly ImmutableArray<Server> servers;
    readonly ImmutableArray<ImmutableArray<Entry>> announce, withdraw, degrade;
    readonly ImmutableArray<Entry> entries;
    readonly LimitSpec limits;
    readonly Beliefs beliefs;
    readonly Budget budget;
    Lasting fall;
    At? rising;

    public Route(RouteSpec spec, Policy policy, IReadOnlyDictionary<string, Server> byName, Beliefs beliefs)
    {
        Spec = spec;
        Prefixes = spec.Prefixes;
        limits = policy.Limits;
        this.beliefs = beliefs;
        Shadow = policy.Mode == Mode.Observe || spec.Mode == Mode.Observe;
        servers = [.. spec.Servers.Select(s => byName[s])];
        announce = Entries(spec.AnnounceWhen, ListRole.Announce);
        withdraw = Entries(spec.WithdrawWhen, ListRole.Withdraw);
        degrade = Entries(spec.DegradeWhen, ListRole.Degrade);
        entries = [.. announce.Concat(withdraw).Concat(degrade).SelectMany(list => list)];
        budget = new(spec.Budget, spec.Rise, limits.RiseCeiling);
    }

    public RouteSpec Spec { get; }

    /// <summary>Whether we want it announced; null: the router has not been read since the start, and nothing was decided.</summary>
    public bool? On { get; private set; }

    /// <summary>How we want it at the router.</summary>
    public RouteForm Form { get; private set; }

    /// <summary>How the router shows it; null: not read, or not the same of all its prefixes.</summary>
    public RouteForm? Seen { get; private set; }

    /// <summary>How it shows prefixes that differ; null: they do not, or were not read.</summary>
    public string? SeenDetail { get; private set; }

    /// <summary>Announced by somebody else before us; kept until confirmed.</summary>
    public bool Adopted { get; private set; }

    /// <summary>Announced by us, in this boot.</summary>
    public bool Ours { get; private set; }

    /// <summary>Degraded because it is a last resort: not withdrawn though there is a reason, or admitted on a running server alone.</summary>
    public bool Floor => floored || bare;

    const string NotDecided = "not decided yet";

    /// <summary>What was decided last. Why, as it stands, is <see cref="Because"/>'s to say.</summary>
    string decided = NotDecided;

    /// <summary>What stood behind the last withdraw, or what would have been one, and behind the last degradation: shown, as what has been, once it does not stand any more.</summary>
    string withdrawnFor = "", degradedFor = "";

    /// <summary>Since when <see cref="State"/> is what it is.</summary>
    public Moment? Since { get; private set; }

    /// <summary>What it was in the machine before, until it is known what it is in this one.</summary>
    SinceSnapshot? handed;

    /// <summary>A machine before this one had it in that state until now: a reload, and whatever differs was shown and confirmed.</summary>
    public void GoOn(SinceSnapshot? before)
    {
        (handed, goesOn) = (Shadow && On is null ? null : before, true);
        if (had is not null) approved = [.. Spec.Prefixes.Where(p => approved.Contains(p) || !(had.Contains(p.ToString()) || waited.Contains(p.ToString())))];
    }

    bool goesOn;

    /// <summary>It came into its state in a machine before this one.</summary>
    public bool HasGoneOn { get; private set; }

    SinceSnapshot? Stands => Since is { } since && (handed is null || State != RouteState.Unknown) ? new(State, since.At.Ticks, since.Wall, KeptSince?.Ticks) : handed;

    public State AnnounceState { get; private set; }

    public State WithdrawState { get; private set; }

    public State DegradeState { get; private set; }

    public RouteState State { get; private set; }

    /// <summary>Since when it is withdrawn, or since the start.</summary>
    At? offSince;

    At? onSince;

    /// <summary>Since when it would not be admitted, while announced.</summary>
    public At? KeptSince { get; private set; }

    bool floored, bare, inherited;

    /// <summary>How the machine before wanted it, in this boot: the router has yet to show whether that one's words still fit.</summary>
    RouteForm? left;

    /// <summary>That one had it degraded as a last resort. It is told on until the router was read: that the reason was over, in a machine that could not act on it, is nothing that the next one knows (ADR 27).</summary>
    bool leftFloor;

    bool IsLeft => On is null && left is not null;

    /// <summary>Which of its alarms stand, as they were set last.</summary>
    public (bool Kept, bool Adopted, bool Budget, bool Floor, bool DrainEnds, bool Unclear, bool Ineffective, bool Shared) Alarmed { get; set; }

    /// <summary>The next admission costs nothing: the first, and those after a person's word.</summary>
    bool free = true;

    public bool Sees(Server server) => servers.Contains(server);

    /// <summary>The router was read. At the first time what it announces is kept, whoever announced it.</summary>
    public void Observe(RouteSeen seen, Moment now)
    {
        Look(seen);
        if (On is not null) return;
        var renumbered = IsRenumbered;
        // Whatever the router has of prefixes that are all new to us, it has from somebody else.
        Ours &= !renumbered || goesOn;
        // What of ours differs among itself is what we wanted of it, and missing.
        var known = seen.Form ?? (Ours && left is not (null or RouteForm.Withdrawn) ? left : null);
        unclear = known is null ? SeenDetail : null;
        if (known is not { } form) return;
        On = form != RouteForm.Withdrawn;
        var fits = left is { } was && decided != NotDecided && On == (was != RouteForm.Withdrawn) && (Ours || goesOn || On == false);
        // The router had it as we wanted it, and somebody has made it plain since: it is degraded again for a reason that is known (ADR 21).
        if (obeyed == RouteForm.Degraded && left == RouteForm.Degraded && form == RouteForm.Plain) floored = bare = inherited = false;
        (Form, reached) = (form, On.Value);
        Ours &= On.Value;
        Adopted = On.Value && !Ours;
        if (Adopted) Find(form, seen.Lacks);
        if (!renumbered || !goesOn) Tell();
        if (On.Value) onSince = now.At;
        else offSince = now.At;
        // Found as it was left: why has not changed.
        if (fits) return;
        withdrawnFor = "";
        decided = On.Value ? Ours ? "announced by us before the restart" : "found announced when it was first read; not ours until `oops confirm`" : "found withdrawn at the start; waits for admission";
    }

    public void Unseen() => (Seen, SeenDetail, shown) = (null, null, null);

    /// <summary>The router does not show what is wanted, or only of some of its prefixes. What could not be read is not missing.</summary>
    public bool IsMissing => IsSpokenOf && Differs;

    /// <summary>The same under a hold, since it began: nothing is told, but it is shown.</summary>
    public bool IsMissingHeld => isHeld && !isBefore && !Shadow && On is not null && Differs;

    bool Differs => SeenDetail is not null || (Seen is { } seen && seen != Form);

    public void Confirm(At now)
    {
        // Beneath the other's, so that nothing leaves when that is taken out.
        if (Adopted && Others is not null) Untell();
        if (Adopted) (Adopted, Ours, decided) = (false, true, "confirmed");
        if (IsUnclear) (On, Form, Ours, decided) = (true, RouteForm.Plain, true, "confirmed");
        if (WaitsToWiden) approved = Spec.Prefixes;
        // A person has looked: its budget starts anew, also where it is announced again by now, and the next admission of one that stays withdrawn is free.
        if (On != true || IsSpent(now)) budget.Renew();
        free |= On != true;
    }

    /// <summary>An incarnation of one of our servers began: admission starts again.</summary>
    public void NewIncarnation() => rising = null;

    /// <summary>A hold has ended: what stood still comes back through the full admission, at no cost. So does what never reached the router before.</summary>
    public void Released(At now)
    {
        if (On == true && told.Form is null && Seen == RouteForm.Withdrawn && !isBefore && !reached) (On, Ours, free, onSince, offSince) = (false, false, true, null, now);
        if (On != true) rising = null;
    }

    /// <summary>Enough other servers are left, as far as proof goes, if this one is taken out.</summary>
    public bool CoversWithout(string server) =>
        withdraw.Count(list => list.Length > 0 && list[0].Server.Name != server && !list.Any(e => e.Verdict.State == Core.State.Met)) >= Spec.Need;

    public RouteSnapshot Save() => new(Spec.Name, Ours, IsLeft ? left!.Value : Form, IsLeft ? leftFloor : Floor, budget.Doublings, [.. budget.Announced.Select(a => a.At.Ticks)],
        drain is null ? null : new(drain.Who, drain.From.Ticks, drain.Ends.Ticks, drain.UntilStarted) { Left = leftAt?.Ticks })
    {
        // Before the router was read, what the machine before knew is all that is known.
        Prefixes = On is null && had is not null ? [.. had] : [.. Prefixes.Select(p => p.ToString())],
        Waiting = On is null && had is not null ? [.. waited] : [.. Waiting.Select(p => p.ToString())],
        Approved = [.. Approved.Select(p => p.ToString())],
        Via = Spec.Via,
        Found = found,
        Since = Stands,
        AnnouncedBy = [.. budget.Announced.Select(a => a.Sequence)],
        Free = free,
        Agrees = agrees?.At.Ticks,
        Obeyed = obeyed == (IsLeft ? left : Form),
        Exhaustions = budget.Exhaustions,
        ExhaustedAt = budget.ExhaustedAt?.Ticks,
        Bare = bare,
        Decided = decided,
        WithdrawnFor = withdrawnFor,
        DegradedFor = degradedFor,
        Reasons = [.. withdraw.SelectMany(list => list).Where(e => e.IsHidden || e.Raw.State == Core.State.Met).Select(e => e.Key)],
    };

    /// <summary>Whether it is announced is the router's to say; what it would have been told is known until then.</summary>
    public void Restore(RouteSnapshot saved, bool sameBoot, Func<long, At> end)
    {
        if (Shadow) return;
        // What another router has is none of ours to this one.
        sameBoot &= saved.Via is null || saved.Via == Spec.Via;
        (Form, free) = (saved.Form, saved.Free || !sameBoot);
        if (saved.Drain is { } d) drain = new(d.Who, sameBoot ? new(d.From) : At.Zero, end(d.Ends), d.UntilStarted);
        if (!sameBoot) return;
        if (saved.Drain?.Left is { } away) leftAt = new(away);
        if (saved.Agrees is { } since) agrees = (saved.Form == RouteForm.Withdrawn, new(since));
        Narrow(saved);
        (left, found, Ours, floored, bare) = (saved.Form, saved.Found, saved.Ours, saved.Floor && !saved.Bare, saved.Bare);
        (inherited, leftFloor, obeyed) = (floored, saved.Floor, saved.Obeyed ? saved.Form : null);
        budget.Restore(saved);
        if (saved.Decided is not (null or NotDecided)) (decided, withdrawnFor, degradedFor) = (saved.Decided, saved.WithdrawnFor ?? "", saved.DegradedFor ?? "");
        // An older version does not tell for which reason it was degraded instead of withdrawn: that is over once the server is known not to be down.
        foreach (var entry in withdraw.SelectMany(list => list))
            if (saved.Reasons.IsDefault ? floored && entry.Spec.Condition == "server-down" : saved.Reasons.Contains(entry.Key)) entry.Hide();
    }

    ImmutableArray<ImmutableArray<Entry>> Entries(ImmutableArray<EntrySpec> list, ListRole role) =>
        [.. servers.Select(server => list.Select(e => new Entry(e, role, server, Excluded(server), beliefs)).ToImmutableArray())];

    /// <summary>A route listens to the probes inside its prefixes; without any, to those of its address family. Everything else counts for all.</summary>
    uint Excluded(Server server)
    {
        var probes = server.Channels.Where(c => c.Spec is { Target: not null, Standing: not Standing.Reference }).ToList();
        var wanted = probes.FindAll(c => Spec.Prefixes.Any(p => p.Contains(c.Spec.Target!)));
        if (wanted.Count == 0) wanted = probes.FindAll(c => Spec.Prefixes.Any(p => p.BaseAddress.AddressFamily == c.Spec.Target!.AddressFamily));
        if (wanted.Count == 0) wanted = probes;
        return probes.Except(wanted).Aggregate(0u, (mask, c) => mask | 1u << c.Place);
    }
}
