using System.CommandLine;
using System.Globalization;
using Oops.Control;

namespace Oops.Commands;

/// <summary>`oops keys [ZONE] [--log]`.</summary>
internal static class KeysCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var json = Options.Json();
        var zone = new Argument<string?>("zone") { Description = "A zone: its keys and DS, as lines of a zone file with the key tag behind them. Default: all zones, a line for each.", Arity = ArgumentArity.ZeroOrOne };
        var server = new Option<string?>("--server") { Description = "Only at this server." };
        var log = new Option<bool>("--log") { Description = "Every key and DS that was ever seen, with its state of RFC 5011 and since when." };
        return new Command("keys", "The keys (DNSKEY) of zones and their DS at the parent, as the source keys saw them last, and whether they fit. Exit 1: no such zone, or the daemon has no source keys.") { zone, server, log, socket, json }.Does((parsed, stop) =>
        {
            var one = parsed.GetValue(zone);
            var path = $"/keys?log={(parsed.GetValue(log) ? "1" : "0")}" + ZonesCommand.Query("zone", one) + ZonesCommand.Query("server", parsed.GetValue(server));
            return Verb.ReadAsync(parsed.GetValue(socket)!, path, ControlJson.Default.KeysAnswer, parsed.GetValue(json), answer =>
            {
                if (answer.Zones.IsEmpty)
                {
                    Terminal.Error(one is null ? "no zone was looked at yet" : $"no keys are known of a zone {one}");
                    return one is null ? Verb.Done : Verb.Failed;
                }

                if (parsed.GetValue(json)) return Verb.Done;
                if (one is null && !parsed.GetValue(log)) Table(answer);
                else foreach (var line in answer.Zones.SelectMany(z => Lines(z, answer.Zones.Length > 1, parsed.GetValue(log)))) Terminal.Line(line);
                if (Cut(answer) is { } cut) Terminal.Error(cut);
                return Verb.Done;
            }, stop);
        });
    }

    /// <summary>How many there are of which not all are told; null: all are.</summary>
    internal static string? Cut(KeysAnswer answer) => answer.Total > answer.Zones.Length ? $"{answer.Zones.Length} of {answer.Total} zones; name one, or a server (--server)" : null;

    static void Table(KeysAnswer answer) => Terminal.Columns(
        ["server", "zone", "keys", "ds", "looked", "fit"],
        answer.Zones.Select(IReadOnlyList<string> (z) => [z.Server, z.Zone, Tags(z.Keys.Select(k => k.Tag)), z.DelegationJudged ? Tags(z.Ds.Select(d => d.Tag)) : "unknown", z.Looked is { } looked ? Time(looked) : "-", Fit(z)]));

    /// <summary>Where nothing was judged, nothing fits.</summary>
    internal static string Fit(KeyZoneAnswer zone) => zone.Findings is [{ } worst, ..] ? $"{worst.Severity}: {worst.Text}" : zone.DelegationJudged ? "fits" : "unknown";

    /// <summary>As key-listen wrote them; what is more stands in lines, or at ends of lines, that a reader of zone files passes over.</summary>
    internal static IEnumerable<string> Lines(KeyZoneAnswer zone, bool several, bool log)
    {
        if (several) yield return $"; {zone.Zone} at {zone.Server}";
        if (!zone.Watched) yield return $"; not watched any more: as it was at {(zone.Looked is { } looked ? Time(looked) : "the last look")}";
        foreach (var key in zone.Keys) yield return log ? $"{key.Line}, {Life(key.First, key.Last, key.Gone is null, key.State is null ? null : $"{key.State} since {Time(key.Since!.Value)}")}" : key.Line;
        foreach (var ds in zone.Ds) yield return log ? $"{ds.Line} ; {Life(ds.First, ds.Last, ds.Present, null)}" : ds.Line;
        if (zone is { Watched: true, Looked: { } last }) yield return $"; looked {Time(last)}";
        foreach (var finding in zone.Findings) yield return $"; {finding.Severity}: {finding.Text}";
    }

    static string Life(DateTimeOffset first, DateTimeOffset last, bool there, string? state) => $"{(there ? "there" : "gone")}, {(state is null ? "" : state + ", ")}first seen {Time(first)}, last seen {Time(last)}";

    static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    static string Tags(IEnumerable<ushort> tags) => string.Join(' ', tags.Select(t => t.ToString(CultureInfo.InvariantCulture))) is { Length: > 0 } some ? some : "none";
}
