using System.CommandLine;
using Oops.Core;
using Oops.Engine;
using Oops.Journal;
using Oops.Native;

namespace Oops.Commands;

/// <summary>`oops replay [--config new.yaml]`: what was decided, and what this config would have decided.</summary>
internal static class ReplayCommand
{
    public static Command New()
    {
        var config = Options.Config();
        var journal = new Option<string?>("--journal", "-j") { Description = "The journal's file; default: the one of the config's state directory." };
        var since = Options.Span("--since", "Only runs that were alive so long ago or later; default: all.");
        return new Command("replay", "Decides again what the journal recorded, with a config, and shows what would differ.") { config, journal, since }.Does((parsed, stop) =>
            Task.FromResult(Run(parsed.GetValue(config)!, parsed.GetValue(journal), parsed.GetValue(since), stop)));
    }

    static int Run(string config, string? journal, TimeSpan? since, CancellationToken stop)
    {
        if (Plan.Load(config, out var errors) is not { } plan)
        {
            foreach (var line in errors.Lines) Console.Error.WriteLine(Terminal.Safe(line));
            return Verb.Usage;
        }

        try
        {
            using var reader = JournalReader.Open(journal ?? Path.Combine(plan.Config.StateDirectory, Journal.Journal.FileName));
            var oldest = since is { } span ? TimeProvider.System.GetUtcNow() - span : DateTimeOffset.MinValue;
            var differs = 0;
            var runs = reader.Runs().Where(r => r.Wall + (r.Flushed - r.At) >= oldest).ToList();
            foreach (var run in runs)
            {
                stop.ThrowIfCancellationRequested();
                differs += Print(run, Replay.Run(reader, run, plan.Policy), plan.Policy.Hash);
            }

            Terminal.Line($"{Words.Count(runs.Count, "run")}, {Words.Count(differs, "decision")} would differ");
            return Verb.Done;
        }
        catch (SqliteException e)
        {
            Terminal.Error(e.Message);
            return Verb.Failed;
        }
    }

    static int Print(Run run, ReplayResult result, string hash)
    {
        Terminal.Line($"run {run.Id}, {run.Wall.ToLocalTime():yyyy-MM-dd HH:mm:ss}, config {run.Config}{(run.Config == hash ? "" : $", replayed with {hash}")}, {Words.Count(result.Inputs, "input")}{(run.Ended ? "" : ", it did not end orderly")}");
        foreach (var line in result.Invalid) Terminal.Line($"! the comparison is not valid: {line}");
        foreach (var line in result.Lines)
        {
            Console.Out.Write(line.Match switch { Match.Same => "= ", Match.Recorded => "- ", _ => "+ " });
            Terminal.Decision(line.Decision);
        }

        return result.Lines.Count(l => l.Match != Match.Same);
    }
}
