using System.CommandLine;
using Oops.Config;
using Oops.Control;
using Oops.Core;
using Oops.Engine;
using Oops.Journal;
using Oops.Native;

namespace Oops.Commands;

/// <summary>`oops replay [--config new.yaml]`: what was decided, and what this config would have decided.</summary>
internal static class ReplayCommand
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Command New()
    {
        var config = Options.Config();
        var journal = Options.JournalFile();
        var since = Options.Span("--since", "Only runs that were alive so long ago or later; default: all.");
        return new Command("replay", "Decides again what the journal recorded, with a config, and shows what would differ.") { config, journal, since }.Does((parsed, stop) =>
            RunAsync(parsed.GetValue(config)!, parsed.GetValue(journal), parsed.GetValue(since), stop));
    }

    static async Task<int> RunAsync(string config, string? journal, TimeSpan? since, CancellationToken stop)
    {
        if (Plan.Load(config, out var errors) is not { } plan)
        {
            foreach (var line in errors.Lines) Console.Error.WriteLine(Terminal.Safe(line));
            return Verb.Usage;
        }

        try
        {
            var own = Path.GetFullPath(Path.Combine(plan.Config.StateDirectory, Journal.Journal.FileName));
            var path = Path.GetFullPath(journal ?? own);
            // Whose journal another file is cannot be known.
            var alive = path == own ? (await SocketLife.LookAsync(ControlSocket(plan.Config), stop).ConfigureAwait(false)).Life : Life.Unknown;
            if (alive == Life.Running) await CompleteAsync(ControlSocket(plan.Config), stop).ConfigureAwait(false);
            using var reader = JournalReader.Open(path);
            var oldest = since is { } span ? TimeProvider.System.GetUtcNow() - span : DateTimeOffset.MinValue;
            var differs = 0;
            var all = reader.Runs();
            var runs = all.Where(r => r.Wall + (r.Flushed - r.At) >= oldest).ToList();
            foreach (var run in runs)
            {
                stop.ThrowIfCancellationRequested();
                differs += Print(run, Replay.Run(reader, run, plan.Policy), plan.Policy.Hash, EndOf(run, run.Id == all[^1].Id, alive));
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

    /// <summary>So that the last minutes are in it, too. Where the daemon does not do it, or this user may not ask, what is printed says until when it is complete.</summary>
    static async Task CompleteAsync(string socket, CancellationToken stop)
    {
        try
        {
            using var client = new ControlClient(socket);
            await client.PostAsync("flush", new(), Patience, stop).ConfigureAwait(false);
        }
        catch (NoDaemonException)
        {
            // It has just ended, or this user may not write to it.
        }
    }

    internal static string ControlSocket(OopsConfig config) => config.Control.Socket ?? Path.Combine(config.RuntimeDirectory, "control.sock");

    internal static string EndOf(Run run, bool newest, Life life) => (run.Ended, newest, life) switch
    {
        (true, _, _) => "",
        (_, true, Life.Running) => ", still running",
        (_, true, Life.Unknown) => ", still running, or it did not end orderly",
        _ => ", it did not end orderly",
    };

    static int Print(Run run, ReplayResult result, string hash, string end)
    {
        Terminal.Line($"run {run.Id}, {run.Wall.ToLocalTime():yyyy-MM-dd HH:mm:ss}, config {run.Config}{(run.Config == hash ? "" : $", replayed with {hash}")}, {Words.Count(result.Inputs, "input")}{end}");
        foreach (var line in result.Invalid) Terminal.Line($"! not all of it can be compared: {line}");
        foreach (var line in result.Lines)
        {
            Console.Out.Write(line.Match switch { Match.Same => "= ", Match.Recorded => "- ", _ => "+ " });
            Terminal.Decision(line.Decision);
        }

        if (Cut(result) is { } cut) Terminal.Line(cut);
        return result.Lines.Count(l => l.Match != Match.Same);
    }

    /// <summary>What is not in a replay for being too new; null: nothing.</summary>
    internal static string? Cut(ReplayResult result) => result.Certain is { } until
        ? $"! complete until {until.ToLocalTime():HH:mm:ss} only: of what was heard later not all is written (that is done every {Words.Of(Renewals.Every)}, and at an orderly end){(result.Later == 0 ? "" : $"; {Words.Count(result.Later, "decision")} after it {(result.Later == 1 ? "is" : "are")} not compared, `oops history` has {(result.Later == 1 ? "it" : "them")}")}"
        : null;
}
