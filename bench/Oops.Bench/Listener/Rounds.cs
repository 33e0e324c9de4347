using System.Globalization;

namespace Oops.Bench.Listener;

/// <summary>Servers that are asked in turn, round by round, so that what else the machine does is in all of them.</summary>
internal static class Rounds
{
    /// <summary>The rate of each, its own latencies, and the first one's rate to that of the best of the others. Returns the median rates.</summary>
    /// <param name="figure">Its figures begin with it.</param>
    /// <param name="what">What is asked, for the line of those lost.</param>
    /// <param name="span">How long each is asked.</param>
    /// <param name="ask">Asks it.</param>
    public static IReadOnlyDictionary<Subject, double> Rates(string figure, string what, IReadOnlyList<Subject> subjects, int rounds, TimeSpan span, Func<Subject, LoadResult> ask)
    {
        var results = subjects.ToDictionary(static s => s, static _ => new List<(LoadResult Result, double OfCpu)>());
        // One round to warm up.
        for (var round = -1; round < rounds; round++)
        {
            foreach (var subject in subjects)
            {
                var cpu = subject.Cpu;
                var result = ask(subject);
                cpu = subject.Cpu - cpu;
                if (round >= 0) results[subject].Add((result, result.Rate * span.TotalSeconds / Math.Max(cpu, 0.01)));
            }
        }

        foreach (var (subject, all) in results)
        {
            Print($"{figure}-rate/{subject.Name}", "1/s", [.. all.Select(static a => a.Result.Rate)]);
            Print($"{figure}-rate-cpu/{subject.Name}", "1/s of CPU", [.. all.Select(static a => a.OfCpu)]);
            Print($"{figure}-p50/{subject.Name}", "us", [.. all.Select(static a => a.Result.Median)]);
            Print($"{figure}-p99/{subject.Name}", "us", [.. all.Select(static a => a.Result.P99)]);
            Console.WriteLine($"{subject.Name}: {what}: {all.Sum(static a => a.Result.Lost)} lost, {all.Sum(static a => a.Result.Wrong)} wrong");
        }

        if (subjects.Count > 1)
        {
            Print($"{figure}-ratio", "x", Ratios(static a => a.Result.Rate));
            Print($"{figure}-ratio-cpu", "x", Ratios(static a => a.OfCpu));
        }

        return results.ToDictionary(static r => r.Key, static r => r.Value.Select(static a => a.Result.Rate).Order().ElementAt(r.Value.Count / 2));

        // Within a round, so that what else the machine did meanwhile is in both.
        List<double> Ratios(Func<(LoadResult Result, double OfCpu), double> of) =>
            [.. Enumerable.Range(0, rounds).Select(i => of(results[subjects[0]][i]) / subjects.Skip(1).Max(s => of(results[s][i])))];
    }

    public static void Print(string name, string unit, List<double> values)
    {
        values.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"{{name}}","unit":"{{unit}}","median":{{values[values.Count / 2]:0.###}},"min":{{values[0]:0.###}},"max":{{values[^1]:0.###}},"n":{{values.Count}}}"""));
    }
}
