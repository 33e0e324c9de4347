using System.Globalization;
using Oops.Core;
using Oops.Reports;

namespace Oops.Commands;

/// <summary>Reports, for a person.</summary>
internal static class ReportsText
{
    public static void Table(IReadOnlyList<StoredReport> reports, string by) =>
        Terminal.Columns([.. Keys(by), "count", "verified", "networks", "first", "last", "last from", .. by is "report" or "hour" ? (string[])["check"] : []], reports.Select(r => Cells(r, by)));

    /// <summary>One line of the table.</summary>
    public static IReadOnlyList<string> Cells(StoredReport r, string by) => [.. Keys(by).Select(k => Key(r, k)), Number(r.Count), Number(r.Verified), Number(r.Networks), Second(r.First), Second(r.Last), r.LastFrom, .. by is "report" or "hour" ? (string[])[Check(r)] : []];

    /// <summary>One that is followed: its sums are those of its hour.</summary>
    public static string Line(StoredReport r) => Terminal.Safe(string.Create(CultureInfo.InvariantCulture,
        $"{Second(r.Last)}  {r.Name}  {Key(r, "types")}  {Key(r, "code")}  {r.Count} this hour, {r.Verified} verified, {Words.Count(r.Networks, "network")}  from {r.LastFrom}  zone {Key(r, "zone")}"));

    static string[] Keys(string by) => by switch
    {
        "name" => ["zone", "name"],
        "zone" => ["zone", "names"],
        "code" => ["code", "names"],
        "hour" => ["hour", "zone", "name", "types", "code"],
        _ => ["zone", "name", "types", "code"],
    };

    static string Key(StoredReport r, string key) => key switch
    {
        "hour" => r.Hour is { } hour ? hour.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "",
        "zone" => r.Zone ?? "-",
        "name" => r.Name ?? "",
        "names" => Number(r.Names ?? 0),
        "types" => string.Join(',', r.Types ?? []),
        _ => r.Code is { } code ? ErrorCodes.Of(code) : "",
    };

    /// <summary>With its time, and in words what is wrong.</summary>
    static string Check(StoredReport r) => r.Check is null ? "-" : $"{r.Check} {(r.Checked is { } at ? Second(at) : "")}{(r.CheckFound is { } found && r.Check != "not-confirmed" ? $": {found}" : "")}";

    static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    static string Second(DateTimeOffset at) => at.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
