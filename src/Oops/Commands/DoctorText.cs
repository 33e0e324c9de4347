using Oops.Doctor;

namespace Oops.Commands;

/// <summary>A report for a person. Whatever was read from foreign files goes through <see cref="Terminal.Line"/>, which shows what a terminal would obey.</summary>
internal static class DoctorText
{
    public static void Print(Report report)
    {
        foreach (var line in Lines(report)) Terminal.Line(line);
    }

    /// <summary>The lines, not yet safe.</summary>
    internal static List<string> Lines(Report report)
    {
        var lines = new List<string>();
        if (report.Servers.Count + report.Routers.Count == 0) lines.Add("No DNS server and no router was found.");
        foreach (var server in report.Servers.Concat(report.Routers))
        {
            Server(lines, server);
            foreach (var finding in report.Findings.Where(f => f.Subject == server.Id)) Finding(lines, finding);
            lines.Add("");
        }

        foreach (var group in report.Findings.Where(f => report.Servers.Concat(report.Routers).All(s => s.Id != f.Subject)).GroupBy(f => f.Subject))
        {
            lines.Add(group.Key);
            foreach (var finding in group) Finding(lines, finding);
            lines.Add("");
        }

        if (report.Anycast.Count > 0) lines.Add($"On lo, as anycast addresses are: {string.Join(", ", report.Anycast)}");
        foreach (var gap in report.Unseen) lines.Add($"Not seen: {gap}");
        var grades = report.Findings.CountBy(f => f.Severity).ToDictionary();
        lines.Add($"{Count("unsafe")} unsafe, {Count("advice")} advice, {Count("note")} notes, seen as {report.User}.{(report.Draft is null ? "" : " A config to begin with: oops doctor --config-draft")}");
        return lines;

        int Count(string grade) => grades.GetValueOrDefault(grade);
    }

    static void Server(List<string> lines, ReportedServer server)
    {
        lines.Add($"{server.Name} {server.Version ?? "(version not seen)"}{(server.Pid is { } pid ? $", pid {pid}" : ", not running")}{(server.Unit is { } unit ? $" of {unit}" : "")}   [{server.Id}]");
        if (server.Config.Length > 0) Field(lines, "config", server.Config + (server.ConfigRead ? "" : " (not all of it could be read)"));
        if (server.Listens.Count > 0) Field(lines, "listens", string.Join(", ", server.Listens));
        if (server.Zones is { } zones) Field(lines, "zones", $"{zones} in its configuration");
        if (server.Pidfile is { } pidfile) Field(lines, "pidfile", pidfile);
        if (server.Control is { } control) Field(lines, "control", $"{control.Path}: we {May(control.We)}, oops {May(control.Oops)}");
        foreach (var gap in server.Unseen) Field(lines, "not seen", gap);
        var signals = server.Signals;
        for (var i = 0; i < signals.Count; i++)
            Field(lines, i == 0 ? "could tell" : "", $"{signals[i].Source,-9} {signals[i].State,-6} {signals[i].Tells}{(signals[i].Known ? "" : " (not in this version of oops)")}");
    }

    static void Finding(List<string> lines, ReportedFinding finding)
    {
        lines.Add($"  {finding.Severity.ToUpperInvariant()} {finding.Id}: {finding.Text}");
        foreach (var add in finding.Add)
        {
            lines.Add($"      {add.To}:");
            foreach (var line in add.Lines) lines.Add($"          {line}");
        }

        if (finding.Severity != "note") lines.Add($"      see {Pages.Place(finding.See)}");
    }

    static void Field(List<string> lines, string name, string text) => lines.Add($"  {name,-10} {text}");

    static string May(string access) => access switch { "allowed" => "may use it", "denied" => "may not use it", "missing" => "do not find it", _ => "not known" };
}
