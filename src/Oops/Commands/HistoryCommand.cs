using System.CommandLine;
using System.Globalization;
using Oops.Control;

namespace Oops.Commands;

/// <summary>`oops history [ID] [--since 1d]`.</summary>
internal static class HistoryCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var json = Options.Json();
        var id = new Argument<string?>("id") { Description = "A subject and what lies below it: route/NAME, action/NAME, condition/zone-ready/ns1 ...; default: everything.", Arity = ArgumentArity.ZeroOrOne };
        var since = Options.Span("--since", "How far back; default 1d.");
        var limit = new Option<int>("--limit", "-n") { Description = "At most so many, the newest.", DefaultValueFactory = _ => 200 };
        return new Command("history", "What changed, what was decided and done, and why.") { id, since, limit, socket, json }.Does(async (parsed, stop) =>
        {
            using var client = new ControlClient(parsed.GetValue(socket)!);
            var seconds = (parsed.GetValue(since) ?? TimeSpan.FromDays(1)).TotalSeconds;
            var path = string.Create(CultureInfo.InvariantCulture, $"/history?since={seconds}&limit={parsed.GetValue(limit)}") + ZonesCommand.Query("id", parsed.GetValue(id));
            var (answer, text) = await client.GetAsync(path, ControlJson.Default.HistoryAnswer, stop).ConfigureAwait(false);
            if (answer is null)
            {
                Terminal.Error(text);
                return Verb.Failed;
            }

            if (parsed.GetValue(json)) Console.Out.WriteLine(text);
            else
                foreach (var line in answer.History) Terminal.Decision(line);
            return Verb.Done;
        });
    }
}
