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
        var limit = new Option<int>("--limit") { Description = "At most so many.", DefaultValueFactory = _ => 1000 };
        return new Command("zones", "Zones with serial, readiness and what is wrong with them.") { pattern, server, state, limit, socket, json }.Does(async (parsed, stop) =>
        {
            using var client = new ControlClient(parsed.GetValue(socket)!);
            var path = string.Create(CultureInfo.InvariantCulture, $"/zones?limit={parsed.GetValue(limit)}") + Query("zone", parsed.GetValue(pattern)) + Query("server", parsed.GetValue(server)) + Query("state", parsed.GetValue(state));
            var (answer, text) = await client.GetAsync(path, ControlJson.Default.ZonesAnswer, stop).ConfigureAwait(false);
            if (answer is null)
            {
                Terminal.Error(text);
                return Verb.Failed;
            }

            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(text);
                return Verb.Done;
            }

            Terminal.Columns(
                ["server", "zone", "serial", "zone-ready", "met"],
                answer.Zones.Select(IReadOnlyList<string> (z) =>
                    [z.Server, z.Zone + (z.Expected ? "" : " (not expected)"), z.Serial?.ToString(CultureInfo.InvariantCulture) ?? "-", Words.Of(z.Ready), string.Join("; ", z.Conditions.Where(c => c.State == State.Met).Select(c => $"{c.Id.Split('/')[1]}: {c.Because}"))]));
            if (answer.Total > answer.Zones.Length) Terminal.Error($"{answer.Zones.Length} of {answer.Total}; see --limit");
            return Verb.Done;
        });
    }

    internal static string Query(string key, string? value) => value is null ? "" : $"&{key}={Uri.EscapeDataString(value)}";
}
