using System.CommandLine;
using System.Globalization;
using Oops.Control;
using Oops.Core;

namespace Oops.Commands;

/// <summary>`oops status`: one screen.</summary>
internal static class StatusCommand
{
    const int MostLines = 8;
    const int MostNames = 5;

    // Lists are read by the minute, catalogs looked at by the hour.
    static readonly TimeSpan Old = TimeSpan.FromHours(2);

    public static Command New()
    {
        var socket = Options.Socket();
        var json = Options.Json();
        var command = new Command("status", "What is announced, since when and why; what is silent; what is not monitored.") { socket, json };
        return command.Does((parsed, stop) => Verb.ReadAsync(parsed.GetValue(socket)!, "/status", ControlJson.Default.StatusAnswer, parsed.GetValue(json), status =>
        {
            if (!parsed.GetValue(json)) Print(status);
            return Verb.Done;
        }, stop));
    }

    static void Print(StatusAnswer s)
    {
        Terminal.Line($"oops {s.Version} at {s.Site}, mode {(s.Mode == Mode.Act ? "act" : "observe: nothing is touched")}, up {Terminal.Ago(s.Started, s.Now)}, config {s.ConfigHash}{(s.Journal is null ? "" : ", journal stopped")}");
        Console.Out.WriteLine();
        Terminal.Columns(
            ["route", "state", "wanted", "router", "since", "because"],
            s.Routes.Select(IReadOnlyList<string> (r) =>
                [r.Name + (r.Shadow ? " (observed)" : ""), Words.Of(r.State), r.Wanted is { } w ? Words.Of(w) : "-", r.Shadow ? "untouched" : r.Router is { } f ? Words.Of(f) : r.State == RouteState.Orphan ? "has it" : "?", Terminal.Ago(r.Since, s.Now), r.Because]));
        foreach (var line in s.Routes.SelectMany(Lines)) Terminal.Line("  " + line);

        Console.Out.WriteLine();
        Terminal.Columns(
            ["server", "process", "zones ready", "conditions met"],
            s.Servers.Select(IReadOnlyList<string> (v) =>
                [v.Name, v.Pid is { } pid ? $"{v.Process} (pid {pid})" : v.Process, Zones(v), string.Join(", ", v.Conditions.Where(c => c.State == State.Met).Select(c => c.Id.Split('/')[1]))]));
        if (!s.Sessions.IsDefaultOrEmpty)
        {
            Console.Out.WriteLine();
            Terminal.Columns(
                ["session", "AS", "state", "since", "last error"],
                s.Sessions.Select(IReadOnlyList<string> (b) =>
                    [$"{b.Action} {b.Peer}", b.Asn.ToString(CultureInfo.InvariantCulture), b.State, Terminal.Ago(b.Since, s.Now), SessionText.Why(b, at => Terminal.Ago(at, s.Now) + " ago")]));
        }

        Section("expected zones", s.Servers.SelectMany(v => Names(v, s.Now)));
        Section("zones", s.Servers.SelectMany(With));
        Section("alarms", s.Alarms.Select(a => $"{Terminal.Ago(a.Since, s.Now)}  {a.Id}: {a.Text}"));
        Section("people", People(s));
        if (s.PendingReload is { } pending) Section("a new config waits for `oops confirm`", [pending]);
        Section("silent", s.Channels.Where(c => c is { Open: false, Quiet: false }).Select(c => $"{c.Name}{(c.Since is null ? "" : $" since {Terminal.Ago(c.Since, s.Now)}")}: {c.Why ?? "not heard yet"}"));
        Section("not monitored", s.NotMonitored);
        if (!s.Counts.IsDefaultOrEmpty) Section("counted", Counts(s.Counts));
    }

    /// <summary>What is said below the table of a route.</summary>
    internal static IEnumerable<string> Lines(RouteReport r)
    {
        // A drain is one of its timers, too.
        var lines = r.Timers.ToList();
        if (r.RouterWhy is { } why) lines.Add("router: " + why);
        if (r.Shared is { } shared) lines.Add("shared: " + shared);
        if (r.Upstream is { } upstream) lines.Add($"upstream {ExplainCommand.Upstream(upstream)}: {upstream.Says}");
        if (r.Person is { } person && !r.Timers.Contains(person)) lines.Add(person);
        lines.AddRange(r.Blocked.Take(3).Select(b => "blocked: " + b));
        if (r is { BudgetLeft: null, State: not RouteState.Orphan }) lines.Add("budget: off");
        return lines.Select(l => $"{r.Name}: {l}");
    }

    /// <summary>What differs between the zones that are expected and those that are served.</summary>
    internal static IEnumerable<string> Names(ServerReport v, DateTimeOffset now)
    {
        if (v.NotServed is { } missing) yield return $"{v.Name}: expected, not served: {Some(missing)}";
        if (v.NotExpected is { } strange) yield return $"{v.Name}: served, not expected: {Some(strange)}";
        if (v.ZonesNew > 0) yield return $"{v.Name}: {Words.Count(v.ZonesNew, "new zone")}, not loaded yet";
        if (v.ZonesListed is { } listed && now - listed >= Old) yield return $"{v.Name}: the list is {Terminal.Ago(listed, now)} old";
    }

    /// <summary>`ns1: zone-invalid: example, example.org and 3 more`.</summary>
    internal static IEnumerable<string> With(ServerReport v) => v.ZonesWith.IsDefault ? [] : v.ZonesWith.Select(w => $"{v.Name}: {w.Condition}: {Some(w.Zones)}");

    static string Some(ZoneNamesReport zones)
    {
        var shown = zones.Some.Take(MostNames).ToList();
        return $"{string.Join(", ", shown)}{(zones.Count > shown.Count ? $" and {zones.Count - shown.Count} more" : "")}";
    }

    /// <summary>What persons said, but for what stands below its route already.</summary>
    internal static IEnumerable<string> People(StatusAnswer s) => s.People.Except(s.Routes.SelectMany(Lines));

    static void Section(string head, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        if (all.Count == 0) return;
        Console.Out.WriteLine();
        Terminal.Line(head);
        foreach (var line in all.Take(MostLines)) Terminal.Line("  " + line);
        if (all.Count > MostLines) Terminal.Line($"  and {all.Count - MostLines} more; see --json");
    }

    // One line for each that counts; empty for those that counted nothing.
    internal static IEnumerable<string> Counts(IEnumerable<CountAnswer> counts) =>
        counts.GroupBy(c => c.By).Select(g => $"{g.Key}: {string.Join(", ", g.Select(c => $"{c.Name.Replace('_', ' ')} {c.Value}"))}");

    static string Zones(ServerReport v) =>
        !v.ZonesComplete && v.ZonesExpected == 0 ? "expected set not known" : v.Ready is { } r ? $"{r.Met} of {v.ZonesExpected}{(r.FirstNotMet is { } first ? $", first {(r.NotMet > 0 ? "not ready" : "unknown")} {first}" : "")}" : $"? of {v.ZonesExpected}";
}
