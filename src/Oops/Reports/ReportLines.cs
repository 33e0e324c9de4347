using System.Globalization;
using System.Text;
using System.Text.Json;
using Oops.Control;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Reports;

/// <summary>The answers to the lines of <see cref="ReportSocket"/>: always ASCII without control characters, and each line ended.</summary>
internal sealed class ReportLines(ReportReads reads, TimeProvider time)
{
    /// <summary>The newest names, and codes of all names together: at most some hundred kilobytes.</summary>
    public const int MostNames = 1000, MostCodes = 4000;

    static readonly TimeSpan Recent = TimeSpan.FromDays(1);

    public async Task<string> AnswerAsync(string request, CancellationToken stop)
    {
        var words = request.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words is ["help"]) return Help;
        if (words is not (["report" or "json"] or ["report" or "json", _])) return "ERROR unknown request; there is: report [ZONE], json [ZONE], help\n";
        string? zone = null;
        if (words.Length == 2)
        {
            if (!DnsName.TryParse(words[1], out var name)) return "ERROR that is no domain name\n";
            zone = name.ToString();
        }
        var query = new ReportQuery { Zone = zone, Since = time.GetUtcNow() - Recent, Order = ReportOrder.Last, Limit = MostNames };
        try
        {
            return words[0] == "json" ? Json(await reads.AskAsync(reader => reader?.Read(query) ?? ReportsFound.Nothing, stop).ConfigureAwait(false)) : await ReportAsync(query, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SqliteException or IOException or TimeoutException)
        {
            // The path in it is the operator's.
            return $"ERROR {new string([.. e.Message.Select(c => c is >= ' ' and < '\x7f' ? c : '?')])}\n";
        }
    }

    async Task<string> ReportAsync(ReportQuery query, CancellationToken stop)
    {
        var (names, cut) = await reads.AskAsync(reader =>
        {
            var more = false;
            return (reader?.Names(query, MostNames, MostCodes, out more) ?? [], more);
        }, stop).ConfigureAwait(false);
        // A name has neither blanks nor semicolons that are not escaped, and no control characters.
        var text = new StringBuilder("REPORT state:");
        foreach (var name in names) text.Append(' ').Append(name.Name).Append(", ").AppendJoin(';', name.Codes.Select(c => c.ToString(CultureInfo.InvariantCulture)));
        if (cut) text.Append(" ...");
        return text.Append('\n').ToString();
    }

    static string Json(ReportsFound found)
    {
        var text = new StringBuilder();
        foreach (var report in found.Reports) text.Append(JsonSerializer.Serialize(report, ControlJson.Default.StoredReport)).Append('\n');
        return text.Append('\n').ToString();
    }

    const string Help = """
        report [ZONE]  one line: the names that were reported within a day, newest first, each with its INFO-CODEs; of the zone and what is below it
        json [ZONE]    the same as JSON lines, ended by an empty one
        help           this, ended by an empty line


        """;
}
