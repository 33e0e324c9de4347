using System.Collections.Immutable;
using System.Globalization;

namespace Oops.Simulate;

/// <summary>What many random schedules came to, for a person or a script.</summary>
internal sealed record TellingOfMany(ulong Seed, int Sites, long Schedules, long Steps, string Digest, ImmutableArray<ToldReached> Reached, ImmutableArray<ToldRule> Violations)
{
    public int V { get; } = 1;

    public static TellingOfMany Of(ulong seed, SimulationResult result) => new(
        seed, result.Sites, result.Schedules, result.Steps, result.Digest.ToString("x16", CultureInfo.InvariantCulture),
        [.. result.Reached.Select(r => new ToldReached(Line.Dashed(r.What.ToString()), r.Times, r.Schedules))],
        [.. result.Violations.Select(v => new ToldRule(v.Rule, v.Schedules, v.First.Seed, v.First.Site, v.First.What, Shrinker.Shrink(v.First), [.. v.Seeds]))]);
}

/// <summary>A state, how often it was reached, and in how many schedules.</summary>
internal sealed record ToldReached(string What, long Times, long Schedules);

/// <summary>What must never be, in how many schedules it was, the first of them with a scenario that shows it, and the seeds of the first few.</summary>
internal sealed record ToldRule(string Rule, long Schedules, ulong Seed, int Site, string What, string Scenario, ImmutableArray<ulong> Seeds);
