using System.Globalization;
using Microsoft.AspNetCore.Http;
using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Reports;
using Oops.Wire.Dns;

namespace Oops.Control;

/// <summary>GET /reports: what the source `error-reports` has stored.</summary>
internal sealed class ReportsApi(Daemon daemon)
{
    /// <summary>Of one answer, some 3 MB; more are asked for page by page.</summary>
    public const int Most = 10_000;

    const string Source = "error-reports";
    const int MostCodes = 64;

    readonly ReportReads reads = new(Path.Combine(Path.GetDirectoryName(daemon.Journal.FilePath)!, ReportStore.FileName), daemon.Time);

    public async Task AnswerAsync(HttpContext context)
    {
        if (daemon.Plan.Sources.All(s => s.Source.Name.Split('/')[0] != Source))
        {
            await ControlServer.ErrorAsync(context, 404, $"this oops takes no error reports: its config has no source {Source}").ConfigureAwait(false);
            return;
        }
        if (Read(context.Request.Query, daemon.Time.GetUtcNow(), out var wrong) is not { } query)
        {
            await ControlServer.ErrorAsync(context, 400, wrong).ConfigureAwait(false);
            return;
        }

        ReportsFound found;
        try
        {
            found = await reads.AskAsync(reader => reader?.Read(query) ?? ReportsFound.Nothing, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SqliteException or IOException or TimeoutException)
        {
            await ControlServer.ErrorAsync(context, 503, e.Message).ConfigureAwait(false);
            return;
        }
        await ControlServer.WriteAsync(context, 200, new ReportsAnswer(1, found.Total, found.Next, [.. found.Reports]), ControlJson.Default.ReportsAnswer).ConfigureAwait(false);
    }

    /// <summary>Null with what is wrong.</summary>
    internal static ReportQuery? Read(IQueryCollection words, DateTimeOffset now, out string wrong)
    {
        wrong = "";
        var query = new ReportQuery();
        if ((string?)words["by"] is { } by)
        {
            if (!Enum.TryParse<ReportGrouping>(by, ignoreCase: true, out var grouping) || !char.IsAsciiLetter(by[0])) wrong = "by is report, name, zone, code or hour";
            query = query with { By = grouping };
        }
        if ((string?)words["sort"] is { } sort)
        {
            if (sort is not ("count" or "last")) wrong = "sort is count or last";
            query = query with { Order = sort == "last" ? ReportOrder.Last : ReportOrder.Count };
        }
        if ((string?)words["zone"] is { } zone)
        {
            if (!DnsName.TryParse(zone, out var name)) wrong = "zone is no domain name";
            query = query with { Zone = name.ToString() };
        }
        if ((string?)words["since"] is { } since)
        {
            if (!double.TryParse(since, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || !double.IsFinite(seconds)) wrong = "since is a number of seconds";
            else query = query with { Since = now - TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 1e9)) };
        }
        if ((string?)words["after"] is { } after)
        {
            if (!long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var stored)) wrong = "after is a number, the `next` of an earlier answer";
            else if (query.By != ReportGrouping.Hour) wrong = "after goes with by=hour only";
            query = query with { After = stored };
        }
        if (ReadApi.Limit(words["limit"], Most) is { } limit) query = query with { Limit = limit };
        else wrong = ReadApi.BadLimit;
        if (CodesOf(words["code"]) is { } codes) query = query with { Codes = codes };
        else wrong = $"code is an INFO-CODE, 0 to 65535, or its name; at most {MostCodes} of them";
        return wrong.Length == 0 ? query : null;
    }

    static List<int>? CodesOf(IReadOnlyList<string?> words)
    {
        List<int> codes = [];
        foreach (var word in words)
        {
            if (CodeOf(word) is not { } code || codes.Count == MostCodes) return null;
            codes.Add(code);
        }
        return codes;
    }

    /// <summary>`9`, `dnskey-missing`; null: neither.</summary>
    internal static int? CodeOf(string? word) => ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : ErrorCodes.Find(word ?? "");
}
