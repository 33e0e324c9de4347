using System.Globalization;
using Oops.Core;
using Oops.Journal;

namespace Oops.Simulate;

/// <summary>What must never be and was: the rule, the words, and the scenario that shows it.</summary>
internal sealed record Violation(ulong Seed, int Site, string Rule, string What, string Scenario);

/// <summary>One random schedule over some sites, which share the data and the attacks.</summary>
internal sealed class Schedule(ulong seed)
{
    /// <summary>After so many in a hundred steps all that is believed is judged anew: of thousands of schedules no kind of step is left out.</summary>
    const int JudgedAgain = 10;

    /// <summary>Beyond those of the sites.</summary>
    const int JudgingDice = 1000;

    public ulong Seed => seed;

    public long Steps { get; private set; }

    public ulong Digest => fingerprint.Value;

    public List<Violation> Violations { get; } = [];

    public int[] Counts { get; } = new int[Enum.GetValues<Reached>().Length];

    readonly Fingerprint fingerprint = new();

    public static Schedule Play(ulong seed, int sites)
    {
        var schedule = new Schedule(seed);
        for (var site = 0; site < sites; site++) schedule.Play(site);
        return schedule;
    }

    /// <summary>Lives through a scenario; the first that must never be, or null.</summary>
    public static Failure? Check(string file, string text, SimulationTap? tap = null, Action<ScenarioRun>? after = null, Func<bool>? judgesAgain = null)
    {
        var scenario = Scenario.Read(file, text);
        var run = new ScenarioRun(scenario.Policy) { Tap = tap, JudgesAgain = judgesAgain ?? (static () => true) };
        try
        {
            run.Run(scenario.Steps);
        }
        catch (Exception e) when (e is not ScenarioException)
        {
            // A machine that throws decides nothing any more.
            return new(run.Current ?? scenario.Steps[^1].Line, e.ToString(), "the machine threw");
        }
        after?.Invoke(run);
        return run.Failures.FirstOrDefault(f => f.Rule is not null);
    }

    void Play(int site)
    {
        var text = SiteStory.Text(seed, site);
        fingerprint.Add(text);
        var dice = Dice.Of(seed, JudgingDice + site);
        var failure = Check(string.Create(CultureInfo.InvariantCulture, $"seed-{seed}-{site}.scn"), text, Tap, run =>
        {
            for (var i = 0; i < Counts.Length; i++) Counts[i] += run.Guard.Counts[i];
        }, () => dice.Chance(JudgedAgain));
        if (failure is not null) Violations.Add(new(seed, site, failure.Rule!, failure.What, text));
    }

    void Tap(Moment moment, Input input, IReadOnlyList<Effect> effects)
    {
        Steps++;
        fingerprint.Add(moment.At.Ticks);
        foreach (var effect in effects)
        {
            var decision = Decisions.OfEffect(moment.Wall, effect);
            fingerprint.Add(decision.Id);
            fingerprint.Add(decision.From);
            fingerprint.Add(decision.To);
            fingerprint.Add(decision.Text);
        }
    }
}
