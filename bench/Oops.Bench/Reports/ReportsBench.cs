using System.Globalization;
using Oops.Bench.Listener;
using Oops.Lab.Harness;

namespace Oops.Bench.Reports;

/// <summary>
/// How many error reports per second (RFC 9567) the whole daemon reads, tells from repetitions, counts and answers on one core, each of another name, beside NSD and Knot that answer the same names from a wildcard; how soon it answers at half of its load;
/// and what ten million forged ones do to it.
/// </summary>
internal static class ReportsBench
{
    const int Window = 256;

    static readonly TimeSpan Span = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = Number(arguments, 0, 9);
        var forged = Number(arguments, 1, 10_000_000);
        if (Environment.ProcessorCount < 2)
        {
            Console.Error.WriteLine("needs two cores: one for the server, one for the load");
            return 1;
        }
        if (OopsDaemon.Binary is not { } program)
        {
            Console.Error.WriteLine("oops is not built: make publish");
            return 1;
        }

        var folder = Directory.CreateTempSubdirectory("oops-bench-reports-");
        var subjects = new List<Subject>();
        try
        {
            var names = Path.Combine(folder.FullName, "names");
            File.WriteAllLines(names, ForgedFlood.Zones.Select(z => $"_er.1.host00000000.{z}.7._er.{ListenerBench.Zone}"));
            var query = Queries.Of([$"_er.1.www.{ForgedFlood.Zones[0]}.7._er.{ListenerBench.Zone}"])[0];
            subjects.Add(Subject.Daemon(folder.FullName, program, ForgedFlood.Configured));
            if (Oops.Lab.Harness.Lab.Find("nsd") is not null) subjects.Add(Subject.Nsd(folder.FullName));
            if (Oops.Lab.Harness.Lab.Find("knotd") is not null) subjects.Add(Subject.Knot(folder.FullName));
            foreach (var subject in subjects)
            {
                if (await subject.AnswersAsync(query)) continue;
                Console.Error.WriteLine($"{subject.Name} does not answer");
                return 1;
            }

            // First, since what it takes is told from what a daemon has that was just started.
            var right = forged == 0 || await new ForgedFlood(subjects[0], folder.FullName).RunAsync(forged);
            using (var load = new Load(names))
            {
                Console.WriteLine($"{rounds} rounds of {Span.TotalSeconds:0} s each, load average {BenchRig.Load}");
                var rates = Rounds.Rates("reports", "no cookie", subjects, rounds, Span, s => load.Udp(s.Port, Span, new() { Window = Window }));
                Rounds.Rates("reports-cookie", "with a cookie", subjects, rounds, Span, s => load.Udp(s.Port, Span, new() { Window = Window, Cookie = true }));
                Rounds.Rates("reports-half", "at half of its rate", subjects, rounds, Span, s => load.Udp(s.Port, Span, new() { Window = 8192, Rate = (int)(rates[s] / 2) }));
            }

            Console.WriteLine($"load average {BenchRig.Load}");
            return right ? 0 : 1;
        }
        finally
        {
            subjects.ForEach(static s => s.Dispose());
            folder.Delete(recursive: true);
        }
    }

    static int Number(string[] arguments, int at, int otherwise) => arguments.Length > at && int.TryParse(arguments[at], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : otherwise;
}
