using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Oops.Core;
using Oops.Native;
using Oops.Simulate;

namespace Oops.Commands;

/// <summary>`oops simulate FILE.scn`: what would follow from what happens in a scenario, and whether that is what is expected. `oops simulate --random N`: whether anything can happen that must never be.</summary>
internal static class SimulateCommand
{
    const int MostSites = 50;

    public static Command New()
    {
        var file = new Argument<string?>("file") { Description = "The scenario: what there is, what happens when, and what must follow (docs/scenarios.md).", Arity = ArgumentArity.ZeroOrOne };
        var random = Options.NumberOrNone("--random", "Instead of a file: so many random schedules, in which only what must never be is looked for.", least: 1);
        var sites = Options.Number("--sites", "Of each random schedule: how many sites, which share the data and the attacks.", 1, MostSites, otherwise: 1);
        var seed = new Option<ulong>("--seed") { Description = "Of the first random schedule; each has the next. The same seeds give the same bytes.", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("simulate", "Plays a scenario on the real machine under virtual time, and shows each decision and why. Exit 1: what is expected, or must always be, does not hold; 2: the file is wrong.") { file, random, sites, seed, json };
        return command.Does(async (parsed, stop) => (parsed.GetValue(file), parsed.GetValue(random)) switch
        {
            ({ } path, null) => await FileAsync(path, parsed.GetValue(json), stop).ConfigureAwait(false),
            (null, { } count) => Random(parsed.GetValue(seed), count, parsed.GetValue(sites), parsed.GetValue(json), stop),
            _ => Neither(),
        });
    }

    static int Neither()
    {
        Terminal.Error("write either a file or --random N");
        return Verb.Usage;
    }

    static async Task<int> FileAsync(string file, bool json, CancellationToken stop)
    {
        try
        {
            var told = Telling.Of(file, await File.ReadAllTextAsync(file, stop).ConfigureAwait(false));
            if (json) Console.Out.WriteLine(JsonSerializer.Serialize(told, SimulateJson.Default.Telling));
            else Print(told);
            return told.Held ? Verb.Done : Verb.Failed;
        }
        catch (ScenarioException e)
        {
            foreach (var mistake in e.Mistakes) Terminal.Error(mistake);
            return Verb.Usage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Error($"{file}: cannot be read ({Reason.Of(e)})");
            return Verb.Usage;
        }
    }

    static void Print(Telling told)
    {
        foreach (var line in told.Decisions)
            Terminal.Line($"{Telling.Time(line.At),-10} {line.Kind,-9} {line.Id}  {(line.From is null ? "" : line.From + " -> ")}{line.To}{(line.Because.Length > 0 ? "  " + line.Because : "")}");
        foreach (var failure in told.Failed) Console.Error.WriteLine(Terminal.Safe($"{told.File}:{failure.Line}: {failure.Text}"));
    }

    static int Random(ulong seed, long count, int sites, bool json, CancellationToken stop)
    {
        var told = TellingOfMany.Of(seed, Simulation.Run(seed, count, sites, () => !stop.IsCancellationRequested));
        stop.ThrowIfCancellationRequested();
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(told, SimulateJson.Default.TellingOfMany));
        else Print(told);
        return told.Violations.IsEmpty ? Verb.Done : Verb.Failed;
    }

    static void Print(TellingOfMany told)
    {
        Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{Words.Count(told.Schedules, "schedule")} of {Words.Count(told.Sites, "site")}, {Words.Count(told.Steps, "step")}, seeds from {told.Seed}, digest {told.Digest}"));
        Terminal.Columns(["reached", "times", "schedules"], told.Reached.Select(r => (IReadOnlyList<string>)[r.What, r.Times.ToString(CultureInfo.InvariantCulture), r.Schedules.ToString(CultureInfo.InvariantCulture)]));
        foreach (var rule in told.Violations)
        {
            Terminal.Line("");
            Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"# {Words.Count(rule.Schedules, "schedule")}, the first of seed {rule.Seed}, site {rule.Site}: {rule.What}"));
            if (rule.Seeds.Length > 1) Terminal.Line($"# seeds {string.Join(' ', rule.Seeds)}{(rule.Schedules > rule.Seeds.Length ? " ..." : "")}");
            foreach (var line in rule.Scenario.TrimEnd('\n').Split('\n')) Terminal.Line(line);
        }

        if (told.Violations.IsEmpty) Terminal.Line("nothing that must never be");
    }
}
