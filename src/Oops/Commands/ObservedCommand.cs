using System.CommandLine;
using System.Text.Json;
using Oops.Control;
using Oops.Engine;
using Oops.Journal;
using Oops.Native;
using Oops.Observed;

namespace Oops.Commands;

/// <summary>`oops observed [ROUTE...] [--since 7d]`: what would have been, or was, withdrawn, for which causes, and which of them have never been seen.</summary>
internal static class ObservedCommand
{
    public static Command New()
    {
        var config = Options.Config();
        var journal = Options.JournalFile();
        var routes = Options.Routes();
        var since = Options.Span("--since", "How far back; default 7d.");
        var limit = Options.Limit("At most so many of each list, the newest; the totals count all.", 200, "-n");
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var socket = Options.Socket();
        return new Command("observed", """
            What a journal tells of the routes, observed or acting: which time it really covers; the withdraws that would have been, or were, with minute, cause and length; the times in which a server was bad and none followed, and why; and for each
            entry of each list of the config on disk: how often it was seen, or that it was never exercised, and how it is provoked by hand. Reads the journal itself: with or without a daemon. Without --config it is the config of the daemon that runs.
            """.ReplaceLineEndings(" "))
        { routes, since, limit, config, journal, json, socket }.Does(async (parsed, stop) =>
        {
            var asked = new Question(Options.RoutesOf(parsed.GetValue(routes)) ?? [], parsed.GetValue(since) ?? TimeSpan.FromDays(7), parsed.GetValue(limit), parsed.GetValue(json));
            return await RunAsync(await Options.ConfigOrDaemonsAsync(parsed, config, socket, stop).ConfigureAwait(false), parsed.GetValue(journal), asked, stop).ConfigureAwait(false);
        });
    }

    sealed record Question(IReadOnlyList<string> Routes, TimeSpan Since, int Limit, bool Json);

    static async Task<int> RunAsync(string config, string? journal, Question asked, CancellationToken stop)
    {
        if (Plan.Load(config, out var errors) is not { } plan)
        {
            foreach (var line in errors.Lines) Console.Error.WriteLine(Terminal.Safe(line));
            return Verb.Usage;
        }

        var own = Path.GetFullPath(Path.Combine(plan.Config.StateDirectory, Journal.Journal.FileName));
        var path = Path.GetFullPath(journal ?? own);
        // SQLite says no more than that it cannot open a file.
        if (!File.Exists(path)) return Failed($"{path}: there is no journal, or its folder may not be read by this user; the daemon writes it (state-directory in {config})");
        try
        {
            // Whose journal another file is cannot be known.
            bool? running = path != own ? null : (await SocketLife.LookAsync(ReplayCommand.ControlSocket(plan.Config), stop).ConfigureAwait(false)).Life switch
            {
                Life.Running => true,
                Life.Gone => false,
                _ => null,
            };
            using var reader = JournalReader.Open(path);
            var now = TimeProvider.System.GetUtcNow();
            var question = new Asked(path, plan.Policy, now - asked.Since, now, running, asked.Routes, asked.Limit, plan.Config.Journal.Keep) { Dying = plan.Config.Routes.Where(r => plan.Config.Actions.Speaker.Any(s => s.Name == r.Value.Via)).Select(r => r.Key).ToHashSet(StringComparer.Ordinal) };
            if (Observing.Of(reader, question, new Provoking(plan.Config, plan.Policy).Of) is not { } answer) return Failed($"{path}: nothing was written to it yet");
            if (asked.Routes.FirstOrDefault(name => !answer.Routes.Any(r => r.Route == name)) is { } strange)
                return Failed($"no route `{strange}`, neither in {config} nor in the journal; there is {string.Join(", ", plan.Policy.Routes.Select(r => r.Name))}");
            if (asked.Json) Console.Out.WriteLine(JsonSerializer.Serialize(answer, ObservedJson.Default.ObservedAnswer));
            else ObservedText.Print(answer);
            return Verb.Done;
        }
        catch (SqliteException e)
        {
            return Failed(e.Message);
        }
    }

    static int Failed(string why)
    {
        Terminal.Error(why);
        return Verb.Failed;
    }
}
