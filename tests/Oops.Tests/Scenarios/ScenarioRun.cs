using Oops.Core;

namespace Oops.Tests.Scenarios;

/// <summary>A machine under virtual time that lives through a scenario. As in the daemon, it is stepped exactly where it asks to be, and never in between.</summary>
internal sealed class ScenarioRun(Policy policy)
{
    /// <summary>A day after boot, so that no clock begins at zero.</summary>
    static readonly At Start = At.Zero + TimeSpan.FromDays(1);
    static readonly DateTimeOffset Wall = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly Dictionary<string, Dictionary<string, RouteForm>> routers = [];
    At now = Start;
    bool late;

    public Policy Policy { get; private set; } = policy;

    public Machine Machine { get; private set; } = new(policy);

    public At Now => now;

    public Moment Moment => new(now, Wall + (now - Start));

    public List<Effect> Effects { get; } = [];

    /// <summary>Tables told to routers since it was last asked.</summary>
    public int Told { get; set; }

    /// <summary>The routers do at once what they are told.</summary>
    public bool Obeys { get; set; } = true;

    public IEnumerable<string> Alarms => Machine.Status(Moment).Alarms.Select(a => a.Id);

    public void Run(IEnumerable<Step> steps)
    {
        foreach (var step in steps)
        {
            var at = Start + step.At;
            if (at > now) late = false;
            try
            {
                Pass(at);
                step.Do(this);
            }
            catch (Exception e) when (e is not ScenarioException)
            {
                throw step.Line.Wrong(e.ToString());
            }
        }
    }

    public void Say(Input input)
    {
        var from = Effects.Count;
        // After a pause of ours, what the sockets held is heard before timers are believed.
        var moment = late && Machine.NextDeadline <= now ? Moment with { At = new(Machine.NextDeadline.Ticks - 1) } : Moment;
        Machine.Step(moment, input, Effects);
        if (!late && Machine.NextDeadline <= now) throw new InvalidOperationException($"the machine wants to be woken at {Machine.NextDeadline}, it is {now} already");
        foreach (var intent in Effects.Skip(from).OfType<RouterIntent>().ToList())
        {
            Told++;
            if (!Obeys)
            {
                Say(new Applied(intent.Action, intent.Sequence, new Retry("refused")));
                continue;
            }
            var table = Router(intent.Action);
            foreach (var wanted in intent.Routes) table[wanted.Route] = wanted.Form;
            Say(new Applied(intent.Action, intent.Sequence, Outcome.Done));
            Say(Read(intent.Action));
        }
    }

    /// <summary>What the router has, whoever told it.</summary>
    public Dictionary<string, RouteForm> Router(string name) => routers.TryGetValue(name, out var table) ? table : routers[name] = [];

    public RouterObserved Read(string router) => new(router, [.. Router(router).Select(r => new RouteSeen(r.Key, r.Value))], []);

    /// <summary>We are stopped for a while: no step, no read.</summary>
    public void Pause(TimeSpan span) => (now, late) = (now + span, true);

    /// <summary>A reload, as the engine does it: another machine, with all that is known.</summary>
    public void Reload(Policy next)
    {
        var levels = Machine.Levels(Moment, next).ToList();
        Succeed(next, Machine.Snapshot(Moment), sameBoot: true);
        foreach (var level in levels) Say(level);
    }

    /// <summary>We die and come back: only the snapshot survives; routers go on without us.</summary>
    public void Restart(Policy next, bool sameBoot)
    {
        // The last one was taken before we died, be it a moment.
        var snapshot = Machine.Snapshot(Moment);
        Succeed(next, snapshot with { At = snapshot.At - 1 }, sameBoot);
    }

    void Succeed(Policy next, Snapshot snapshot, bool sameBoot)
    {
        (Policy, Machine) = (next, new(next));
        Machine.Restore(snapshot, Moment, sameBoot);
    }

    void Pass(At until)
    {
        if (late) return;
        for (var wakes = 0; Machine.NextDeadline <= until; wakes++)
        {
            if (wakes > 100_000) throw new InvalidOperationException("the machine never sleeps");
            now = At.Max(now, Machine.NextDeadline);
            Say(Tick.Instance);
        }
        now = At.Max(now, until);
    }
}
