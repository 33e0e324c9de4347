using System.Globalization;
using Oops.Core;
using Oops.Observed;

namespace Oops.Commands;

/// <summary>What is observed, for a person.</summary>
internal static class ObservedText
{
    public static void Print(ObservedAnswer a)
    {
        Terminal.Line($"{Minute(a.From)} to {Minute(a.To)}, known for {Words.Of(a.KnownFor)} of it; {Words.Count(a.Starts.Count, "start")}, {Words.Count(a.Gaps.Count, "gap")}, {Words.Count(a.ConfigChanges.Count, "config change")}{(a.Running == true ? "" : a.Running == false ? "; oops does not run" : "; whether oops runs is not known")}");
        if (a.Why is { } why) Terminal.Line($"! not all since {Minute(a.Since)}: {why}");
        List("starts", a.Starts, s => $"{Second(s.At)}  oops {s.Version}, config {s.Config}{Before(s.Before)}");
        List("config changes", a.ConfigChanges, c => $"{Second(c.At)}  {c.From} -> {c.To}, by a {c.How}");
        List("gaps: what happened then is not known", a.Gaps, g => $"{Second(g.From)}  {Words.Of(g.Lasted)}: {g.Why}");
        Table(a.Withdraws, "withdraws, and those that would have been", ["time", "route", "mode", "out for", "causes", "because"], w =>
            [Minute(w.At), w.Route, w.Observed ? "observed" : "real", Words.Of(w.OutFor) + (w.Ended is null ? ", still" : ""), w.Causes.IsEmpty ? "-" : string.Join(", ", w.Causes), w.Because]);
        Table(a.Misses, "misses: bad, and not withdrawn", ["time", "route", "bad for", "what", "why", "because"], m =>
            [Minute(m.At), m.Route, Words.Of(m.Lasted) + (m.Until is null ? ", still" : ""), m.What, m.Why, m.Because]);
        Terminal.Line("");
        Terminal.Line("totals");
        Terminal.Columns(
            ["  route", "mode", "would-withdraws", "would be out for", "withdraws", "out for", "announcements", "refused by the budget", "misses"],
            a.Routes.Select(IReadOnlyList<string> (r) =>
                ["  " + r.Route, r.Mode is { } mode ? mode == Mode.Act ? "act" : "observe" : "not in the config", Number(r.WouldWithdraws), Seconds(r.WouldBeOutFor), Number(r.Withdraws), Seconds(r.OutFor), Number(r.Announcements), Number(r.Refused), Number(r.Misses)]));
        if (a.Causes.IsEmpty) return;
        Terminal.Line("");
        Terminal.Line("causes of the config on disk");
        Terminal.Columns(
            ["  route", "list", "server", "entry", "seen"],
            a.Causes.Select(IReadOnlyList<string> (c) => ["  " + c.Route, c.List, c.Server, c.Entry, Seen(c)]));
        var never = a.Causes.Count(c => c.Seen == 0);
        Terminal.Line("");
        Terminal.Line(never == 0 ? "every cause was seen" : $"{never} of {Words.Count(a.Causes.Length, "cause")} {(never == 1 ? "was" : "were")} never exercised");
    }

    static string Seen(CauseAnswer c)
    {
        var forced = c.Overridden > 0 ? $" (but {Words.Count(c.Overridden, "time")} by a person's override)" : "";
        return c.Seen == 0
            ? $"never exercised{forced}: {c.Provoke}"
            : $"seen {Words.Count(c.Seen, "time")}, last at {Minute(c.Last!.Value)}{(c.Longest is { } longest ? $", at most for {Words.Of(longest)}" : "")}{(c.Stands ? ", stands" : "")}";
    }

    static void List<T>(string head, Listed<T> list, Func<T, string> line)
    {
        if (list.Count == 0) return;
        Head(head, list);
        foreach (var one in list.Newest) Terminal.Line("  " + line(one));
    }

    static void Table<T>(Listed<T> list, string head, IReadOnlyList<string> heads, Func<T, string[]> row)
    {
        Head(head + (list.Count == 0 ? ": none" : ""), list);
        if (list.Count > 0) Terminal.Columns(["  " + heads[0], .. heads.Skip(1)], list.Newest.Select(IReadOnlyList<string> (one) => ["  " + row(one)[0], .. row(one)[1..]]));
    }

    static void Head<T>(string head, Listed<T> list)
    {
        Terminal.Line("");
        Terminal.Line(head + (list.Count > list.Newest.Length ? string.Create(CultureInfo.InvariantCulture, $", the newest {list.Newest.Length} of {list.Count}; see --limit") : ""));
    }

    static string Before(string how) => how switch
    {
        "first" => ", the first of the journal",
        "crashed" => "; the run before did not end orderly",
        "rebooted" => "; the host was started anew",
        _ => "",
    };

    static string Minute(DateTimeOffset at) => at.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    static string Second(DateTimeOffset at) => at.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#}s");
}
