using System.Globalization;

namespace Oops.Bench.Listener;

/// <summary>
/// How many questions per second the listener takes and answers on one core, beside NSD and Knot on the same core, in turn; connections that ask once; and what ten thousand take that say nothing.
/// The load is another process, on another core. By the wall clock, which on a busy machine is the share of the core that a server got, and by the CPU that it used.
/// </summary>
internal static class ListenerBench
{
    public const string Zone = "reports.test";

    const int Window = 256;
    const int Idle = 10_000;

    static readonly TimeSpan Span = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = arguments.Length > 0 && int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 9;
        if (Environment.ProcessorCount < 2)
        {
            Console.Error.WriteLine("needs two cores: one for the server, one for the load");
            return 1;
        }

        var folder = Directory.CreateTempSubdirectory("oops-bench-listener-");
        var subjects = new List<Subject>();
        try
        {
            var names = Path.Combine(folder.FullName, "names");
            File.WriteAllLines(names, Enumerable.Range(0, 10_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"_er.1.host{i}.zone.example.7._er.{Zone}")));
            subjects.Add(Subject.Oops(folder.FullName));
            if (Oops.Lab.Harness.Lab.Find("nsd") is not null) subjects.Add(Subject.Nsd(folder.FullName));
            if (Oops.Lab.Harness.Lab.Find("knotd") is not null) subjects.Add(Subject.Knot(folder.FullName));
            var query = Queries.Read(names)[0];
            foreach (var subject in subjects)
            {
                if (await subject.AnswersAsync(query)) continue;
                Console.Error.WriteLine($"{subject.Name} does not answer");
                return 1;
            }

            using var load = new Load(names);
            Console.WriteLine($"{rounds} rounds of {Span.TotalSeconds:0} s each, load average {BenchRig.Load}");
            Rates("listener", "udp", subjects, rounds, s => load.Udp(s.Port, Span, Window));
            Rates("tcp", "connections", subjects, rounds, s => load.Tcp(s.Port, Span));
            foreach (var subject in subjects) await IdleAsync(load, subject);
            Console.WriteLine($"load average {BenchRig.Load}");
            return 0;
        }
        finally
        {
            subjects.ForEach(static s => s.Dispose());
            folder.Delete(recursive: true);
        }
    }

    static void Rates(string figure, string what, List<Subject> subjects, int rounds, Func<Subject, LoadResult> ask)
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
                if (round >= 0) results[subject].Add((result, result.Rate * Span.TotalSeconds / Math.Max(cpu, 0.01)));
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

        if (subjects.Count < 2) return;
        // Within a round, so that what else the machine did meanwhile is in both.
        Print($"{figure}-ratio", "x", Ratios(static a => a.Result.Rate));
        Print($"{figure}-ratio-cpu", "x", Ratios(static a => a.OfCpu));

        List<double> Ratios(Func<(LoadResult Result, double OfCpu), double> of) =>
            [.. Enumerable.Range(0, rounds).Select(i => of(results[subjects[0]][i]) / subjects.Skip(1).Max(s => of(results[s][i])))];
    }

    static async Task IdleAsync(Load load, Subject subject)
    {
        var before = subject.Resident;
        var open = load.Open(subject.Port, Idle);
        await Task.Delay(TimeSpan.FromSeconds(1));
        var (after, gone) = (subject.Resident, load.Gone());
        // Who says nothing keeps nobody from an answer.
        var beside = load.Udp(subject.Port, Span, Window);
        load.Close();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{subject.Name}: {open} open, {gone} closed by it, {after:0.0} MB; {beside.Rate:0} answers/s beside them, {beside.Lost} lost"));
        Print($"tcp-idle-rss/{subject.Name}", "MB per 10,000", [(after - before) * 10_000 / Math.Max(1, open - gone)]);
    }

    static void Print(string name, string unit, List<double> values)
    {
        values.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"{{name}}","unit":"{{unit}}","median":{{values[values.Count / 2]:0.###}},"min":{{values[0]:0.###}},"max":{{values[^1]:0.###}},"n":{{values.Count}}}"""));
    }
}
