using System.Text.Json;
using Oops.Core;
using Oops.Engine;
using Oops.Journal;

namespace Oops.Simulate;

/// <summary>What is told of each step, in order: when, what was taken, and what followed.</summary>
internal delegate void SimulationTap(Moment moment, Input input, IReadOnlyList<Effect> effects);

/// <summary>What does not hold, and where. <paramref name="Rule"/>: of those that hold always (<see cref="Guard"/>); null: it was expected there.</summary>
internal sealed record Failure(Line Line, string What, string? Rule = null)
{
    public override string ToString() => $"{Line.File}:{Line.Number}: {What}";
}

/// <summary>A machine under virtual time that lives through a scenario. As in the daemon, it is stepped exactly where it asks to be, and never in between.</summary>
internal sealed class ScenarioRun
{
    const int StuckAfter = 100_000;

    const string StaleBelief = "a belief that the claims do not bear";

    /// <summary>A day after boot, so that no clock begins at zero.</summary>
    static readonly At Start = At.Zero + TimeSpan.FromDays(1);
    static readonly DateTimeOffset Wall = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly SortedDictionary<string, RouterModel> routers = new(StringComparer.Ordinal);
    readonly List<Failure> failures = [];
    At now = Start;
    bool late;

    /// <summary>A config that was read and waits for a person, because it would decide differently.</summary>
    Policy? waiting;

    Line? line;

    public ScenarioRun(Policy policy)
    {
        (Policy, Machine) = (policy, new(policy));
        Guard = new(policy, Router, now);
    }

    public Policy Policy { get; private set; }

    public Machine Machine { get; private set; }

    /// <summary>What must hold whatever happens.</summary>
    public Guard Guard { get; }

    public At Now => now;

    public Moment Moment => new(now, Wall + (now - Start));

    /// <summary>Since the scenario began.</summary>
    public TimeSpan Passed => now - Start;

    public List<Effect> Effects { get; } = [];

    /// <summary>Tables told to routers since it was last asked.</summary>
    public int Told { get; set; }

    public SimulationTap? Tap { get; init; }

    /// <summary>Whether all that is believed is judged anew after the step: that takes longer than the step.</summary>
    public Func<bool> JudgesAgain { get; init; } = static () => true;

    /// <summary>The line that is being lived through.</summary>
    public Line? Current => line;

    public IReadOnlyList<Failure> Failures => failures;

    public IEnumerable<string> Alarms => Machine.Status(Moment).Alarms.Select(a => a.Id);

    /// <summary>Lives through it all. What does not hold, expected or always, is in <see cref="Failures"/>, and the story goes on.</summary>
    public void Run(IEnumerable<Step> steps)
    {
        foreach (var step in steps)
        {
            var at = Start + step.At;
            line = step.Line;
            if (at > now) late = false;
            Pass(at);
            step.Do(this);
        }
    }

    public void Fail(Line line, string what) => failures.Add(new(line, what));

    public void Say(Input input)
    {
        var from = Effects.Count;
        // After a pause of ours, what the sockets held is heard before timers are believed.
        var moment = late && Machine.NextDeadline <= now ? Moment with { At = new(Machine.NextDeadline.Ticks - 1) } : Moment;
        Machine.Step(moment, input, Effects);
        var followed = Effects[from..];
        Tap?.Invoke(moment, input, followed);
        Guard.Heard(moment.At, input, followed, late);
        Complain();
        if (JudgesAgain())
            foreach (var stale in Machine.Stale()) Never(StaleBelief, stale);
        if (!late && Machine.NextDeadline <= now) throw new InvalidOperationException($"the machine wants to be woken at {Machine.NextDeadline}, it is {now} already");
        foreach (var effect in followed)
            if (effect is RouterIntent intent) Tell(intent);
    }

    /// <summary>What the router has, whoever told it.</summary>
    public RouterModel Router(string name) => routers.TryGetValue(name, out var router) ? router : routers[name] = new(name);

    /// <summary>It does again what it is told, beginning with what it had refused.</summary>
    public void Obey(RouterModel router)
    {
        router.Obeys = true;
        if (router.Pending is { } intent) Deliver(router, intent);
    }

    /// <summary>We are stopped for a while: no step, no read.</summary>
    public void Pause(TimeSpan span)
    {
        Guard.Pause();
        (now, late) = (now + span, true);
    }

    /// <summary>A reload, as the daemon does it: another machine, with all that is known; or none yet, if it would decide differently and no person has confirmed that.</summary>
    public void Reload(Policy next, bool confirmed)
    {
        waiting = null;
        if (!confirmed && Rehearsal.Differences(Machine, next, Moment).Count > 0)
        {
            Guard.Reach(Reached.ReloadWaits);
            waiting = next;
            return;
        }
        var levels = Machine.Levels(Moment, next).ToList();
        var successor = Rehearsal.Successor(Machine, next, Moment);
        (Policy, Machine) = (next, successor);
        Guard.Reach(confirmed ? Reached.ReloadConfirmed : Reached.Reloaded);
        Guard.Begin(next, confirmed ? Beginning.ConfirmedReload : Beginning.Reload, now);
        foreach (var level in levels) Say(level);
        Guard.Reloaded();
    }

    /// <summary>A person's `confirm` takes a config that waits, and nothing else then.</summary>
    public void Confirm(Confirm word)
    {
        if (word.Routes.Count == 0 && waiting is { } next) Reload(next, confirmed: true);
        else Say(word);
    }

    /// <summary>We die and come back, with the config that is on the disk by then: only the snapshot survives; routers go on without us.</summary>
    public void Restart(bool sameBoot, Func<Snapshot, Snapshot>? kept = null)
    {
        // The last one was taken before we died, be it a moment; and it went through the journal.
        var snapshot = Machine.Snapshot(Moment);
        var written = JsonSerializer.SerializeToUtf8Bytes(snapshot with { At = snapshot.At - 1 }, JournalJson.Default.Snapshot);
        var read = JsonSerializer.Deserialize(written, JournalJson.Default.Snapshot)!;
        Policy = waiting ?? Policy;
        waiting = null;
        Machine = new(Policy);
        Machine.Restore(kept is null ? read : kept(read), Moment, sameBoot);
        if (!sameBoot || kept is not null) Guard.Reach(sameBoot ? Reached.Upgraded : Reached.Rebooted);
        Guard.Begin(Policy, sameBoot ? Beginning.Restart : Beginning.Reboot, now);
        foreach (var router in routers.Values) (router.Pending, router.Due) = (null, At.Never);
    }

    void Complain()
    {
        foreach (var (rule, what) in Guard.Broken) Never(rule, what);
        Guard.Broken.Clear();
    }

    void Never(string rule, string what) => failures.Add(new(line!, $"must never be: {rule}: {what}, at {Telling.Time(Passed.TotalSeconds)}", rule));

    void Tell(RouterIntent intent)
    {
        Told++;
        Deliver(Router(intent.Action), intent);
    }

    void Deliver(RouterModel router, RouterIntent intent)
    {
        if (!router.Obeys)
        {
            router.Pending = intent;
            Say(new Applied(intent.Action, intent.Sequence, new Retry("refused")));
        }
        else if (router.Late > TimeSpan.Zero)
        {
            Guard.Reach(Reached.RouterLate);
            (router.Pending, router.Due) = (intent, now + router.Late);
        }
        else Do(router, intent);
    }

    void Do(RouterModel router, RouterIntent intent)
    {
        Say(new Applied(intent.Action, intent.Sequence, router.Take(intent)));
        Say(router.Read());
    }

    void Pass(At until)
    {
        if (late) return;
        for (var wakes = 0; ; wakes++)
        {
            if (wakes > StuckAfter) throw new InvalidOperationException("the machine never sleeps");
            RouterModel? slow = null;
            foreach (var router in routers.Values)
                if (router.Obeys && router.Due < (slow?.Due ?? At.Never)) slow = router;
            var next = At.Min(Machine.NextDeadline, slow?.Due ?? At.Never);
            if (next > until) break;
            now = At.Max(now, next);
            if (Machine.NextDeadline <= now) Say(Tick.Instance);
            else Do(slow!, slow!.Pending!);
        }
        now = At.Max(now, until);
    }
}
