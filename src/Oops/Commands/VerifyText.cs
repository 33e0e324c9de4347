using System.Globalization;
using Oops.Core;
using Oops.Zones.Verification;

namespace Oops.Commands;

/// <summary>A verdict in lines.</summary>
internal static class VerifyText
{
    /// <summary>Places of a fault that are printed unless all are asked for.</summary>
    const int Few = 5;

    /// <param name="report">The verdict.</param>
    /// <param name="all">All places of faults.</param>
    /// <param name="note">What else there is to say; null: nothing.</param>
    public static void Print(VerifyReport report, bool all, string? note)
    {
        var serial = report.Serial is { } number ? string.Create(CultureInfo.InvariantCulture, $" serial {number}") : "";
        Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{report.Zone}{serial}: {(report.Pass ? "pass" : "FAIL")}, {Words.Count(report.Errors, "error")}, {Words.Count(report.Warnings, "warning")}"));
        var n = report.Numbers;
        Terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"  {Words.Count(n.Records, "record")}, {Words.Count(n.Names, "name")}, {Words.Count(n.Delegations, "delegation")}, {Words.Count(n.Checked, "signature")} checked, in {report.Seconds:0.0} s{(report.Judged is { } at ? $", judged at {at:yyyy-MM-dd HH:mm:ss'Z'}" : "")}"));
        if (report is { Pass: true, Earliest: null, Numbers.Checked: 0 })
            Terminal.Line("  no signature was checked: a zone without any passes, unless --require dnssec");
        if (note is not null)
            Terminal.Line($"  {note}");
        if (report.Earliest is { } first)
            Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"  first to expire: {first.Owner} {first.Type} at {first.Expires:yyyy-MM-dd HH:mm:ss'Z'}, {(first.SecondsLeft >= 0 ? "in " : "")}{Words.Of(TimeSpan.FromSeconds(Math.Abs(first.SecondsLeft)))}"));
        foreach (var fault in report.Findings)
        {
            Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{(fault.Severity == Severity.Error ? "error" : "warning")} {fault.Fault}, {(fault.Count == 1 ? "once" : $"{fault.Count} times")}: {fault.Meaning}"));
            foreach (var place in fault.First.Take(all ? int.MaxValue : Few))
                Terminal.Line($"  {place.Owner}{(place.Type is null ? "" : " " + place.Type)}: {place.Why}");
            var shown = Math.Min(all ? int.MaxValue : Few, fault.First.Count);
            if (fault.Count > shown)
                Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"  and {fault.Count - shown} more{(all || fault.First.Count == shown ? "" : " (--all names more of them)")}"));
        }
    }
}
