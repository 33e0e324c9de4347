using Microsoft.Extensions.Logging;
using Oops.Journal;
using Oops.Routers;

namespace Oops.Engine;

/// <summary>The sources and actions that run. A reload keeps those whose config is the same.</summary>
internal sealed class Graph(Engine engine, IOutbox? outbox, ILogger log) : IAsyncDisposable
{
    sealed record Running(SourceRunner Runner, string Fingerprint, CancellationTokenSource Stop, Task Task);

    readonly Dictionary<string, Running> sources = new(StringComparer.Ordinal);
    readonly Dictionary<string, (ActionRunner Runner, string Fingerprint, string Own)> actions = new(StringComparer.Ordinal);

    // Of the sources, for those who ask while a reload changes them.
    volatile SourceRunner[] runners = [];
    volatile ActionRunner[] acting = [];

    public IReadOnlyCollection<ActionRunner> Actions => [.. actions.Values.Select(a => a.Runner)];

    public int Restarts => runners.Sum(r => r.Restarts);

    public IEnumerable<ISource> Sources => runners.Select(static r => r.Source);

    /// <summary>What the sources and the actions count, by their names.</summary>
    public IReadOnlyList<(string Source, SourceCount Count)> Counted => [.. runners.SelectMany(r => r.Source.Counted.Select(c => (r.Name, c))), .. acting.SelectMany(static a => a.Action.Counted)];

    /// <summary>The actions that a plan needs: those that go on as they are, and new ones, not started yet.</summary>
    public IReadOnlyDictionary<string, ActionRunner> ActionsFor(Plan plan) =>
        plan.Actions.ToDictionary(
            a => a.Config.Name,
            a => actions.TryGetValue(a.Config.Name, out var known) && IsKept(known, a, plan)
                ? known.Runner
                : new ActionRunner(a.Config.Create(plan.Config), engine, outbox, log, queued: true),
            StringComparer.Ordinal);

    static bool IsKept((ActionRunner Runner, string Fingerprint, string Own) known, PlannedAction planned, Plan plan) =>
        known.Fingerprint == planned.Fingerprint || known.Runner.Action.Renew(planned.Config, plan.Config);

    /// <summary>Why new options of an action would not work, tried before anything is touched for them. What is only observed is not tried: nothing is begun for it.</summary>
    public async Task<IReadOnlyList<string>> ProveAsync(Plan plan)
    {
        var problems = new List<string>();
        foreach (var planned in plan.Actions.Where(p => p.Config.CarriesRoutes && RouterRoute.Via(p.Config.Name, plan.Config).Any(r => !r.Observed)))
        {
            if (planned.Own.Length == 0 || (actions.TryGetValue(planned.Config.Name, out var known) && known.Own == planned.Own)) continue;
            var action = planned.Config.Create(plan.Config);
            problems.AddRange((await action.ProveAsync(address => Task.FromResult(Listens(address))).ConfigureAwait(false)).Select(p => $"{planned.Config.Name}: {p}"));
            (action as IDisposable)?.Dispose();
        }

        return problems;
    }

    /// <summary>What is announced by sessions of our own and would end with them.</summary>
    public IReadOnlyList<(string Action, string Loss)> Losses(Plan plan) =>
        [.. actions.SelectMany(a => a.Value.Runner.Action.Losses(plan.Actions.FirstOrDefault(p => p.Config.Name == a.Key)?.Config, plan.Config).Select(l => (a.Key, l)))];

    // Who listens at all addresses takes each of them; it gives way to what we listen at next.
    bool Listens(string address) => actions.Values.SelectMany(a => a.Runner.Action.Listening).Any(l =>
        l.Down is null && (l.Address == address || (Port(l.Address) == Port(address) && (IsAny(l.Address) || IsAny(address)))));

    static string Port(string address) => address[address.LastIndexOf('@')..];

    static bool IsAny(string address) => address.StartsWith("0.0.0.0@", StringComparison.Ordinal) || address.StartsWith("::@", StringComparison.Ordinal);

    /// <summary>Makes what runs be what the plan says; the machine has its policy and <paramref name="runners"/> already.</summary>
    public async Task ApplyAsync(Plan plan, IReadOnlyDictionary<string, ActionRunner> runners)
    {
        var gone = actions.Where(a => !runners.TryGetValue(a.Key, out var next) || next != a.Value.Runner).ToList();
        foreach (var (name, old) in gone)
        {
            actions.Remove(name);
            old.Runner.Action.Retire();
            await old.Runner.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var planned in plan.Actions)
        {
            var runner = runners[planned.Config.Name];
            if (actions.TryAdd(planned.Config.Name, (runner, planned.Fingerprint, planned.Own)))
            {
                runner.Start();
            }
            else if (actions[planned.Config.Name].Fingerprint != planned.Fingerprint)
            {
                // It goes on with other routes or options, of which the machine knows nothing yet.
                actions[planned.Config.Name] = (runner, planned.Fingerprint, planned.Own);
                runner.Reread();
            }
        }

        var wanted = plan.Sources.ToDictionary(s => s.Source.Name, StringComparer.Ordinal);
        var ended = sources.Where(s => !wanted.TryGetValue(s.Key, out var next) || next.Fingerprint != s.Value.Fingerprint).ToList();
        foreach (var (name, old) in ended)
        {
            sources.Remove(name);
            await StopAsync(old).ConfigureAwait(false);
            // Its claims were made by another config than the one that will renew them.
            foreach (var channel in old.Runner.Source.Covers) engine.Send(new Core.ChannelLost(channel.Name, "the config changed"));
        }

        foreach (var (name, source) in wanted)
        {
            if (sources.ContainsKey(name)) continue;
            var stop = new CancellationTokenSource();
            var runner = new SourceRunner(source.Source, engine, log);
            sources.Add(name, new(runner, source.Fingerprint, stop, Task.Run(() => runner.RunAsync(stop.Token))));
        }

        this.runners = [.. sources.Values.Select(s => s.Runner)];
        acting = [.. actions.Values.Select(static a => a.Runner)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in sources.Values) await StopAsync(source).ConfigureAwait(false);
        sources.Clear();
        foreach (var (runner, _, _) in actions.Values) await runner.DisposeAsync().ConfigureAwait(false);
        actions.Clear();
    }

    static async Task StopAsync(Running source)
    {
        await source.Stop.CancelAsync().ConfigureAwait(false);
        await source.Task.ConfigureAwait(false);
        source.Stop.Dispose();
    }
}
