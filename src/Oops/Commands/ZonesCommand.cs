using System.CommandLine;
using System.Globalization;
using Oops.Control;
using Oops.Core;

namespace Oops.Commands;

/// <summary>`oops zones [PATTERN]`.</summary>
internal static class ZonesCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var json = Options.Json();
        var pattern = new Argument<string?>("zone") { Description = "A zone or a pattern like '*.example'; default: all.", Arity = ArgumentArity.ZeroOrOne };
        var server = new Option<string?>("--server") { Description = "Only at this server." };
        var state = new Option<string?>("--state") { Description = "Only zones whose zone-ready is met, not-met or unknown." };
        var limit = Options.Limit("At most so many.", 1000);
        return new Command("zones", "Zones with serial, readiness and what is wrong with them. Exit 1: no such zone or server.") { pattern, server, state, limit, socket, json }.Does((parsed, stop) =>
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/zones?limit={parsed.GetValue(limit)}") + Query("zone", parsed.GetValue(pattern)) + Query("server", parsed.GetValue(server)) + Query("state", parsed.GetValue(state));
            return Verb.ReadAsync(parsed.GetValue(socket)!, path, ControlJson.Default.ZonesAnswer, parsed.GetValue(json), answer =>
            {
                if (answer.Total == 0)
                {
                    Terminal.Error(None(parsed.GetValue(pattern), parsed.GetValue(server), parsed.GetValue(state)));
                    // That no zone is in some state is an answer; that there is none of the name is a mistake.
                    return parsed.GetValue(pattern) is not null && parsed.GetValue(state) is null ? Verb.Failed : Verb.Done;
                }

                if (!parsed.GetValue(json)) Print(answer);
                return Verb.Done;
            }, stop);
        });
    }

    static void Print(ZonesAnswer answer)
    {
        Terminal.Columns(
            ["server", "zone", "serial", "zone-ready", "met"],
            answer.Zones.Select(IReadOnlyList<string> (z) =>
                [z.Server, z.Zone + (z.Expected ? "" : " (not expected)"), z.Serial?.ToString(CultureInfo.InvariantCulture) ?? "-", Words.Of(z.Ready), string.Join("; ", z.Conditions.Where(c => c.State == State.Met).Select(c => $"{c.Id.Split('/')[1]}: {c.Because}"))]));
        if (answer.Total > answer.Zones.Length) Terminal.Error($"{answer.Zones.Length} of {answer.Total}; see --limit");
    }

    static string None(string? pattern, string? server, string? state) =>
        $"no zone{(pattern is null ? "" : " " + pattern)}{(server is null ? "" : " at " + server)}{(state is null ? "" : $" whose zone-ready is {state}")}";

    internal static string Query(string key, string? value) => value is null ? "" : $"&{key}={Uri.EscapeDataString(value)}";
}
