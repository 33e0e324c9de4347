using Oops.Core;
using Oops.Journal;
using Oops.Observed;
using Oops.Simulate;

namespace Oops.Tests.Observed;

/// <summary>
/// A journal that a real machine wrote while it lived through a scenario, and what is read of it. Beside the language of scenarios, by a comment at the end of a line: `# stops` and `# dies`: oops ends there, in good order or not, until a
/// line `restart` or `reboot`; `# full` and `# room`: the journal cannot be written, and can again; `# paused`: oops did not run for 30 s.
/// </summary>
internal sealed class Weeks : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("oops-observed-").FullName;
    readonly Dictionary<Policy, string> configs = [];
    readonly List<Failure> failures = [];
    string boot = "boot-1";
    TimeSpan read;
    bool away;
    Machine? known;
    JournalWriter? writer;

    public string Path => System.IO.Path.Combine(folder, Oops.Journal.Journal.FileName);

    /// <summary>When the story began, and where it stands.</summary>
    public DateTimeOffset Began { get; private set; }

    public DateTimeOffset Now { get; private set; }

    /// <summary>The config on disk: the last one.</summary>
    public Policy Policy { get; private set; } = null!;

    public void Dispose()
    {
        writer?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <param name="text">The scenario.</param>
    /// <param name="change">What its language cannot write.</param>
    public Weeks Live(string text, Func<Policy, Policy>? change = null)
    {
        var lines = text.Split('\n');
        var scenario = Scenario.Read("weeks.scn", text);
        ScenarioRun run = null!;
        run = new(change is null ? scenario.Policy : change(scenario.Policy)) { Tap = (moment, input, effects) => Record(run, moment, input, effects) };
        Began = run.Moment.Wall;
        Open(run);
        foreach (var step in scenario.Steps)
        {
            var line = lines[step.Line.Number - 1];
            Read(run, step);
            if (line.Contains("# stops", StringComparison.Ordinal) || line.Contains("# dies", StringComparison.Ordinal))
            {
                run.Run([step with { Do = _ => { } }]);
                if (line.Contains("# stops", StringComparison.Ordinal)) writer!.Write([new FlushItem(run.Moment, End: true)], durable: false);
                away = true;
            }

            run.Run([step]);
            away |= line.Contains("# full", StringComparison.Ordinal);
            if (line.Contains("# room", StringComparison.Ordinal)) Reopen(run);
            if (line.Contains("# paused", StringComparison.Ordinal)) Record(run, run.Moment, new Shed(Shed.OwnPause, 30_000), []);
            if (ReferenceEquals(run.Machine, known)) continue;
            if (line.Contains(" reboot", StringComparison.Ordinal)) boot += "1";
            Open(run);
        }

        failures.AddRange(run.Failures);
        (Now, Policy) = (run.Moment.Wall, run.Policy with { Hash = Config(run.Policy) });
        Xunit.Assert.Empty(failures);
        return this;
    }

    /// <summary>What is older is gone.</summary>
    public Weeks Retain(TimeSpan since)
    {
        writer!.Retain(Began + since);
        return this;
    }

    public ObservedAnswer Observed(double? since = null, bool? running = true, int most = 100, params string[] routes)
    {
        using var reader = JournalReader.Open(Path);
        var asked = new Asked(Path, Policy, since is { } seconds ? Began.AddSeconds(seconds) : Began, Now, running, routes, most, TimeSpan.FromDays(30)) { Dying = Dying };
        return Observing.Of(reader, asked, (entry, announce, server) => $"provoke {entry.Label} of {server}{(announce ? " not" : "")}")!;
    }

    /// <summary>Routes via a speaker.</summary>
    public IReadOnlySet<string> Dying { get; init; } = new HashSet<string>();

    public double Seconds(DateTimeOffset at) => Math.Round((at - Began).TotalSeconds, 3);

    /// <summary>The control sockets are read all the time.</summary>
    void Read(ScenarioRun run, Step next)
    {
        for (; read < next.At; read += TimeSpan.FromSeconds(60))
        {
            if (away || read <= run.Passed) continue;
            var channels = run.Policy.Channels.Where(c => c.Name.EndsWith("/control", StringComparison.Ordinal)).Select(c => new ChannelRead(c.Name)).ToList();
            run.Run([new Step(next.Line, read, r => channels.ForEach(r.Say))]);
        }
    }

    void Open(ScenarioRun run)
    {
        writer?.Dispose();
        writer = JournalWriter.Open(Path, new(boot, "0.1.0"), out _)!;
        away = false;
        Begin(run);
    }

    // As the journal does it.
    void Reopen(ScenarioRun run)
    {
        Open(run);
        writer!.Write([new StepItem(run.Moment, new Shed(Shed.Journal, 7), [])], durable: false);
    }

    void Begin(ScenarioRun run)
    {
        known = run.Machine;
        writer!.Write([new RunItem(run.Moment, Config(run.Policy), Recording.Channels(run.Policy), run.Machine.Snapshot(run.Moment))], durable: false);
    }

    void Record(ScenarioRun run, Moment moment, Input input, IReadOnlyList<Effect> effects)
    {
        if (away) return;
        // A reload: the levels that are carried over are the first that the new run hears.
        if (!ReferenceEquals(run.Machine, known)) Begin(run);
        if (input is Tick && effects.Count == 0) return;
        writer!.Write([new StepItem(moment, input, [.. effects])], durable: false);
    }

    string Config(Policy policy) => configs.TryGetValue(policy, out var name) ? name : configs[policy] = $"config-{configs.Count + 1}";
}
