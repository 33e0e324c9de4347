using System.Collections.Immutable;
using Oops.Core;

namespace Oops.Simulate;

/// <summary>How many schedules there were, what they came through, and what must never be and was.</summary>
internal sealed record SimulationResult(long Schedules, int Sites, long Steps, ulong Digest, ImmutableArray<(Reached What, long Times, long Schedules)> Reached, ImmutableArray<Broken> Violations);

/// <summary>A rule that was broken: in how many schedules, the first of them, and the seeds of the first few.</summary>
internal sealed record Broken(string Rule, long Schedules, Violation First, ImmutableSortedSet<ulong> Seeds);

/// <summary>Random schedules one beside the other, on all cores. What comes out does not depend on how many those are.</summary>
internal sealed class Simulation(int sites)
{
    /// <summary>So many in a thousand are played twice, and must be the same in every byte.</summary>
    const int Twice = 20;

    /// <summary>Seeds that are told of each rule.</summary>
    const int MostSeeds = 20;

    public const string Differs = "the same seed gave other bytes";

    readonly Lock merging = new();
    readonly long[] times = new long[Enum.GetValues<Reached>().Length];
    readonly long[] within = new long[Enum.GetValues<Reached>().Length];
    readonly SortedDictionary<string, Broken> rules = new(StringComparer.Ordinal);
    long next = -1, done, steps;
    ulong digest;

    /// <param name="seed">Of the first schedule; each has the next.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="sites">Of each.</param>
    /// <param name="goesOn">Asked before each.</param>
    public static SimulationResult Run(ulong seed, long count, int sites, Func<bool> goesOn)
    {
        var simulation = new Simulation(sites);
        var cores = Environment.ProcessorCount;
        Parallel.For(0, cores, new ParallelOptions { MaxDegreeOfParallelism = cores }, _ => simulation.Work(seed, count, goesOn));
        return simulation.Result();
    }

    void Work(ulong seed, long count, Func<bool> goesOn)
    {
        while (goesOn() && Interlocked.Increment(ref next) is var index && index < count)
        {
            var schedule = Schedule.Play(seed + (ulong)index, sites);
            if (index % 1000 < Twice && Schedule.Play(schedule.Seed, sites).Digest != schedule.Digest)
                schedule.Violations.Add(new(schedule.Seed, 0, Differs, Differs, SiteStory.Text(schedule.Seed, 0)));
            lock (merging) Merge(schedule);
        }
    }

    void Merge(Schedule schedule)
    {
        done++;
        steps += schedule.Steps;
        // In whatever order they end.
        unchecked
        {
            digest += schedule.Digest * (2 * schedule.Seed + 1);
        }
        for (var i = 0; i < times.Length; i++)
        {
            times[i] += schedule.Counts[i];
            if (schedule.Counts[i] > 0) within[i]++;
        }
        foreach (var violation in schedule.Violations.DistinctBy(v => v.Rule))
        {
            var known = rules.GetValueOrDefault(violation.Rule) ?? new(violation.Rule, 0, violation, []);
            var seeds = known.Seeds.Add(violation.Seed);
            // The lowest, in whatever order they end.
            if (seeds.Count > MostSeeds) seeds = seeds.Remove(seeds.Max);
            rules[violation.Rule] = known with { Schedules = known.Schedules + 1, Seeds = seeds, First = violation.Seed < known.First.Seed ? violation : known.First };
        }
    }

    SimulationResult Result() => new(done, sites, steps, digest, [.. Enum.GetValues<Reached>().Select(r => (r, times[(int)r], within[(int)r]))], [.. rules.Values]);
}
