using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Oops.Control;
using Oops.Core;
using Oops.Reports;

namespace Oops.Commands;

/// <summary>`oops reports [--zone Z] [--code C] [--since 1d] [--by zone] [--json] [--follow]`.</summary>
internal static class ReportsCommand
{
    const int Page = 5000;

    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static Command New()
    {
        var socket = Options.Socket();
        var zone = new Option<string?>("--zone") { Description = "Only names in this zone, and below it." };
        var code = new Option<string[]>("--code") { Description = "Only this INFO-CODE (RFC 8914), by number or name: 9, dnskey-missing. May be repeated.", CustomParser = Codes };
        var since = Options.Span("--since", "How far back; default 1d. The hour in which that begins counts whole.");
        var by = Word("--by", "What a line is of: report (zone, name, types, code), name, zone, code, or hour (a report in one hour, as it is stored).", "report", "name", "zone", "code", "hour");
        var sort = Word("--sort", "The most frequent first (count), or the newest (last).", "count", "last");
        var limit = Options.Limit("At most so many.", 50, "--top", "-n");
        var json = new Option<bool>("--json") { Description = "JSON lines, one for each line of the table; with --by hour the export, in the order of storing." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Prints reports as they are stored, each with its sums in this hour, until Ctrl-C." };
        var command = new Command("reports", "Error reports (RFC 9567) that were stored, counted by hour. Exit 1: the daemon has no source error-reports.") { zone, code, since, by, sort, limit, json, follow, socket, ReportsSetupCommand.New(), ReportsSendCommand.New(), ReportsCheckCommand.New(), ReportsVerifyCommand.New() };
        // As a person says of one.
        command.Aliases.Add("report");
        command.Validators.Add(r =>
        {
            if (r.GetValue(follow) && (r.GetResult(by) is { Implicit: false } || r.GetResult(sort) is { Implicit: false } || r.GetResult(since) is { Implicit: false } || r.GetResult(limit) is { Implicit: false }))
                r.AddError("--follow goes with --zone, --code and --json only");
        });
        return command.Does(async (parsed, stop) =>
        {
            var filter = string.Concat((parsed.GetValue(code) ?? []).Select(c => ZonesCommand.Query("code", c))) + ZonesCommand.Query("zone", parsed.GetValue(zone));
            if (parsed.GetValue(follow)) return await ReportsFollowed.RunAsync(parsed.GetValue(socket)!, filter, parsed.GetValue(json), Output(), TimeProvider.System, stop).ConfigureAwait(false);
            var asked = new Asked(parsed.GetValue(by)!, parsed.GetValue(sort)!, parsed.GetValue(since) ?? Day, parsed.GetValue(limit), filter);
            return asked.By == "hour" && parsed.GetValue(json) ? await ExportAsync(parsed.GetValue(socket)!, asked, stop).ConfigureAwait(false) : await TableAsync(parsed.GetValue(socket)!, asked, parsed.GetValue(json), stop).ConfigureAwait(false);
        });
    }

    sealed record Asked(string By, string Sort, TimeSpan Since, int Limit, string Filter);

    static async Task<int> TableAsync(string socket, Asked asked, bool json, CancellationToken stop)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/reports?by={asked.By}&sort={asked.Sort}&since={asked.Since.TotalSeconds}&limit={asked.Limit}{asked.Filter}");
        return await Verb.ReadAsync(socket, path, ControlJson.Default.ReportsAnswer, json: false, answer =>
        {
            if (json)
                foreach (var report in answer.Reports) Console.Out.WriteLine(Line(report));
            else if (!answer.Reports.IsEmpty) ReportsText.Table(answer.Reports, asked.By);
            if (answer.Reports.IsEmpty) Terminal.Error($"no report since {Words.Of(asked.Since)}");
            else if (answer.Total > answer.Reports.Length) Terminal.Error($"{answer.Reports.Length} of {answer.Total}; see --limit");
            return Verb.Done;
        }, stop).ConfigureAwait(false);
    }

    /// <summary>Rows as they are stored, page by page: there may be a million.</summary>
    static async Task<int> ExportAsync(string socket, Asked asked, CancellationToken stop)
    {
        using var client = new ControlClient(socket);
        long after = 0;
        for (var left = asked.Limit; ;)
        {
            // The last question is for one, to know whether there are more.
            var page = left == 0 ? 1 : Math.Min(left, Page);
            var path = string.Create(CultureInfo.InvariantCulture, $"/reports?by=hour&after={after}&since={asked.Since.TotalSeconds}&limit={page}{asked.Filter}");
            var read = await client.GetAsync(path, ControlJson.Default.ReportsAnswer, stop).ConfigureAwait(false);
            if (read.Answer is not { } answer)
            {
                Terminal.Error(read.Text);
                return read.Exit;
            }
            if (left == 0)
            {
                if (!answer.Reports.IsEmpty) Terminal.Error($"{asked.Limit} lines, and there are more; see --limit");
                return Verb.Done;
            }
            foreach (var report in answer.Reports) Console.Out.WriteLine(Line(report));
            if (answer.Reports.Length < page) return Verb.Done;
            left -= page;
            after = answer.Next;
        }
    }

    // Of our own: the runtime's writer does not tell that nobody reads any more. It has nothing to close, and would fail when it is.
    static TextWriter Output() => Console.IsOutputRedirected ? new StreamWriter(new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, 0)) { AutoFlush = true } : Console.Out;

    internal static string Line(StoredReport report) => JsonSerializer.Serialize(report, ControlJson.Default.StoredReport);

    static Option<string> Word(string name, string description, params string[] words) => new Option<string>(name) { Description = description, DefaultValueFactory = _ => words[0] }.Among(words);

    static string[]? Codes(ArgumentResult result)
    {
        foreach (var token in result.Tokens)
            if (ReportsApi.CodeOf(token.Value) is null) result.AddError($"--code {Terminal.Safe(token.Value)}: an INFO-CODE, 0 to 65535, or its name ({string.Join(", ", ErrorCodes.Names.Take(3))} ...)");
        return [.. result.Tokens.Select(t => t.Value)];
    }
}
