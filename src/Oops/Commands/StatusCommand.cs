using System.CommandLine;
using Oops.Control;
using Oops.Core;

namespace Oops.Commands;

/// <summary>`oops status`: one screen.</summary>
internal static class StatusCommand
{
    const int MostLines = 8;

    public static Command New()
    {
        var socket = Options.Socket();
        var json = Options.Json();
        var command = new Command("status", "What is announced, since when and why; what is silent; what is not monitored.") { socket, json };
        return command.Does(async (parsed, stop) =>
        {
            using var client = new ControlClient(parsed.GetValue(socket)!);
            var (status, text) = await client.GetAsync("/status", ControlJson.Default.StatusAnswer, stop).ConfigureAwait(false);
            if (status is null)
            {
                Terminal.Error(text);
                return Verb.Failed;
            }

            if (parsed.GetValue(json)) Console.Out.WriteLine(text);
            else Print(status);
            return Verb.Done;
        });
    }

    static void Print(StatusAnswer s)
    {
        Terminal.Line($"oops {s.Version} at {s.Site}, mode {(s.Mode == Mode.Act ? "act" : "observe: nothing is touched")}, up {Terminal.Ago(s.Started, s.Now)}, config {s.ConfigHash}{(s.Journal is null ? "" : ", journal stopped")}");
        Console.Out.WriteLine();
        Terminal.Columns(
            ["route", "state", "wanted", "router", "since", "because"],
            s.Routes.Select(IReadOnlyList<string> (r) =>
                [r.Name + (r.Shadow ? " (observed)" : ""), Words.Of(r.State), r.Wanted is { } w ? Words.Of(w) : "-", r.Shadow ? "untouched" : r.Router is { } f ? Words.Of(f) : "?", Terminal.Ago(r.Since, s.Now), r.Because]));
        foreach (var r in s.Routes)
        {
            foreach (var line in r.Timers) Terminal.Line($"  {r.Name}: {line}");
            if (r.RouterWhy is { } why) Terminal.Line($"  {r.Name}: router: {why}");
            if (r.Person is { } person) Terminal.Line($"  {r.Name}: {person}");
            foreach (var line in r.Blocked.Take(3)) Terminal.Line($"  {r.Name}: blocked: {line}");
            if (r.BudgetLeft is null) Terminal.Line($"  {r.Name}: budget: off");
        }

        Console.Out.WriteLine();
        Terminal.Columns(
            ["server", "process", "zones ready", "conditions met"],
            s.Servers.Select(IReadOnlyList<string> (v) =>
                [v.Name, v.Pid is { } pid ? $"{v.Process} (pid {pid})" : v.Process, Zones(v), string.Join(", ", v.Conditions.Where(c => c.State == State.Met).Select(c => c.Id.Split('/')[1]))]));
        Section("alarms", s.Alarms.Select(a => $"{Terminal.Ago(a.Since, s.Now)}  {a.Id}: {a.Text}"));
        Section("people", s.People);
        if (s.PendingReload is { } pending) Section("a new config waits for `oops confirm`", [pending]);
        Section("silent", s.Channels.Where(c => !c.Open).Select(c => $"{c.Name}{(c.Since is null ? "" : $" since {Terminal.Ago(c.Since, s.Now)}")}: {c.Why ?? "not heard yet"}"));
        Section("not monitored", s.NotMonitored);
        if (!s.Counts.IsDefaultOrEmpty) Section("counted", Counts(s.Counts));
    }

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
        !v.ZonesComplete && v.ZonesExpected == 0 ? "expected set not known" : v.Ready is { } r ? $"{r.Met} of {v.ZonesExpected}{(r.FirstNotMet is { } first ? $", first missing {first}" : "")}" : $"? of {v.ZonesExpected}";
}
