using System.CommandLine;
using System.Globalization;
using Oops.Control;
using Oops.Core;

namespace Oops.Commands;

/// <summary>`oops history [ID] [--since 1d]`.</summary>
internal static class HistoryCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var json = Options.Json();
        var id = new Argument<string?>("id") { Description = "As for explain, also a part of one (condition/zone-ready/ns1) or a subject of the history (alarm/kept/NAME); default: everything.", Arity = ArgumentArity.ZeroOrOne };
        var since = Options.Span("--since", "How far back; default 1d.");
        var limit = Options.Limit("At most so many, the newest.", 200, "-n");
        return new Command("history", "What changed, what was decided and done, and why. Exit 1: nothing about the ID.") { id, since, limit, socket, json }.Does((parsed, stop) =>
        {
            var (subject, span) = (parsed.GetValue(id), parsed.GetValue(since) ?? TimeSpan.FromDays(1));
            var path = string.Create(CultureInfo.InvariantCulture, $"/history?since={span.TotalSeconds}&limit={parsed.GetValue(limit)}") + ZonesCommand.Query("id", subject);
            return Verb.ReadAsync(parsed.GetValue(socket)!, path, ControlJson.Default.HistoryAnswer, parsed.GetValue(json), answer =>
            {
                if (!parsed.GetValue(json))
                    foreach (var line in answer.History) Terminal.Decision(line);
                if (!answer.History.IsEmpty) return Verb.Done;
                Terminal.Error(Nothing(subject, span));
                return subject is null ? Verb.Done : Verb.Failed;
            }, stop);
        });
    }

    internal static string Nothing(string? subject, TimeSpan span) =>
        $"nothing{(subject is null ? "" : $" about {subject}")} within the last {Words.Of(span)}{(subject is null ? "" : "; `oops status` has the names of routes and servers, `oops explain ID` says whether there is such a thing, and --since looks further back")}";
}
