using System.Diagnostics;
using System.Globalization;
using Oops.Simulate;

namespace Oops.Bench.Simulate;

/// <summary>
/// Random schedules under virtual time on all cores for a while, by the code of `oops simulate --random`: how many there were, and in how many something was that must never be.
/// Bars: 10,000 in 60 s, none.
/// </summary>
internal static class SimulateBench
{
    const int Usual = 60, Bar = 10_000;

    /// <param name="args">For how many seconds, of how many sites each, from which seed.</param>
    public static int Run(string[] args)
    {
        var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Usual;
        var sites = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1;
        var seed = args.Length > 2 ? ulong.Parse(args[2], CultureInfo.InvariantCulture) : 1;
        var (started, worked) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var result = Simulation.Run(seed, long.MaxValue, sites, () => Stopwatch.GetElapsedTime(started).TotalSeconds < seconds);
        var (wall, cpu) = (Stopwatch.GetElapsedTime(started).TotalSeconds, (Environment.CpuUsage.TotalTime - worked).TotalSeconds);
        var told = TellingOfMany.Of(seed, result);
        foreach (var reached in told.Reached) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reached.What,-30} {reached.Times,12} times in {reached.Schedules,9} schedules"));
        foreach (var rule in told.Violations) Console.WriteLine($"# seeds {string.Join(' ', rule.Seeds)}: {rule.What}\n{rule.Scenario}");
        var broken = result.Violations.Sum(v => v.Schedules);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"simulations","unit":"schedules","median":{{result.Schedules}},"n":1,"seconds":{{wall:0}},"cpu-seconds":{{cpu:0}},"sites":{{sites}},"steps":{{result.Steps}},"bar":{{Bar}}}"""));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"violations","unit":"schedules","median":{{broken}},"n":{{result.Schedules}},"bar":0}"""));
        return broken == 0 && (seconds < Usual || result.Schedules >= Bar) ? 0 : 1;
    }
}
