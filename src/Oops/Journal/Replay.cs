using Oops.Core;

namespace Oops.Journal;

/// <summary>Steps a new machine with what a run of the journal was told, at the times it was told it, and compares what is decided.</summary>
/// <remarks>
/// With the run's own config the routers' recorded answers are replayed too. With another one they would answer other questions: then each table that is wanted is taken as
/// done at once, so that only the decisions are compared, not the routers.
/// </remarks>
internal sealed class Replay
{
    /// <summary>The machine was stepped at most so much later than it wanted to be.</summary>
    static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    readonly Run run;
    readonly Machine machine;
    readonly bool simulated;
    readonly HashSet<string> seen = new(StringComparer.Ordinal);
    readonly List<Effect> effects = [];
    readonly List<(At At, Decision Decision)> decided = [];
    long inputs;

    Replay(Run run, Policy policy)
    {
        this.run = run;
        simulated = policy.Hash != run.Config;
        machine = new(policy);
        if (run.Snapshot is { } snapshot) machine.Restore(snapshot, MomentOf(run.At), sameBoot: true);
    }

    public static ReplayResult Run(JournalReader reader, Run run, Policy policy)
    {
        var replay = new Replay(run, policy);
        var invalid = Recording.Differences(run.Channels, Recording.Channels(policy)).ToList();
        var isCut = false;
        foreach (var (at, input) in reader.Inputs(run.Id))
        {
            isCut = at > run.Flushed;
            if (isCut) break;
            replay.Until(at);
            if (input is Shed { Where: Shed.Journal or Shed.BulkLane, Count: > 0 and var lost }) invalid.Add($"{lost} inputs are missing ({((Shed)input).Where})");
            replay.Take(at, input);
        }

        replay.Until(run.Flushed);
        var recorded = reader.DecisionsOf(run.Id).Where(d => d.Decision.Kind is "route" or "shadow").ToList();
        var later = recorded.RemoveAll(d => d.At > run.Flushed);
        return new(Compare(recorded, replay.decided), invalid, replay.inputs) { Certain = isCut || later > 0 ? replay.MomentOf(run.Flushed).Wall : null, Later = later };
    }

    void Until(At at)
    {
        // A deadline that does not move would never end; the engine has the same guard.
        for (var i = 0; i < 100_000 && machine.NextDeadline is var next && next <= at; i++) Step(next, Tick.Instance);
    }

    void Take(At at, Input input)
    {
        inputs++;
        if (simulated && input is Applied) return;
        if (simulated && input is RouterObserved or RouterUnseen && !seen.Add(input is RouterObserved o ? o.Action : ((RouterUnseen)input).Action)) return;
        Step(at, input);
    }

    void Step(At at, Input input)
    {
        effects.Clear();
        var now = MomentOf(at);
        machine.Step(now, input, effects);
        foreach (var effect in effects)
            if (effect is RouteChanged) decided.Add((at, Decisions.OfEffect(now.Wall, effect)));
        if (!simulated) return;
        foreach (var table in effects.OfType<RouterIntent>().ToList())
        {
            Step(at, new Applied(table.Action, table.Sequence, Outcome.Done));
            Step(at, new RouterObserved(table.Action, [.. table.Routes.Select(r => new RouteSeen(r.Route, r.Form))], []));
        }
    }

    Moment MomentOf(At at) => new(at, run.Wall + (at - run.At));

    static List<ReplayLine> Compare(List<(At At, Decision Decision)> recorded, List<(At At, Decision Decision)> replayed)
    {
        var lines = new List<(At At, ReplayLine Line)>();
        var open = replayed.ToList();
        foreach (var (at, decision) in recorded)
        {
            var found = open.FindIndex(r => r.Decision.Id == decision.Id && r.Decision.To == decision.To && (r.At - at).Duration() <= Tolerance);
            if (found >= 0) open.RemoveAt(found);
            lines.Add((at, new(found >= 0 ? Match.Same : Match.Recorded, decision)));
        }

        lines.AddRange(open.Select(r => (r.At, new ReplayLine(Match.Replayed, r.Decision))));
        return [.. lines.OrderBy(l => l.At).Select(l => l.Line)];
    }
}
