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
            Rounds.Rates("listener", "udp", subjects, rounds, Span, s => load.Udp(s.Port, Span, new() { Window = Window }));
            Rounds.Rates("tcp", "connections", subjects, rounds, Span, s => load.Tcp(s.Port, Span));
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

    static async Task IdleAsync(Load load, Subject subject)
    {
        var before = subject.Resident;
        var open = load.Open(subject.Port, Idle);
        await Task.Delay(TimeSpan.FromSeconds(1));
        var (after, gone) = (subject.Resident, load.Gone());
        // Who says nothing keeps nobody from an answer.
        var beside = load.Udp(subject.Port, Span, new() { Window = Window });
        load.Close();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{subject.Name}: {open} open, {gone} closed by it, {after:0.0} MB; {beside.Rate:0} answers/s beside them, {beside.Lost} lost"));
        Rounds.Print($"tcp-idle-rss/{subject.Name}", "MB per 10,000", [(after - before) * 10_000 / Math.Max(1, open - gone)]);
    }
}
