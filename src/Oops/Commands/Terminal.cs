using System.Globalization;
using System.Text;
using Oops.Core;
using Oops.Journal;
using Spectre.Console;

namespace Oops.Commands;

/// <summary>How the verbs print: tables and colour on a terminal only, and nothing from the network that a terminal would obey.</summary>
internal static class Terminal
{
    public static bool IsTerminal => !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or null);

    /// <summary>Control characters, bidirectional overrides and lone surrogates are shown, not obeyed.</summary>
    public static string Safe(string text)
    {
        if (!text.Any(IsHostile)) return text;
        var safe = new StringBuilder();
        foreach (var c in text) _ = IsHostile(c) ? safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : safe.Append(c);
        return safe.ToString();
    }

    public static void Line(string text) => Console.Out.WriteLine(Safe(text));

    public static void Error(string text) => Console.Error.WriteLine("oops: " + Safe(text));

    /// <summary>Columns: a table with colours on a terminal, aligned by spaces elsewhere. Scripts use `--json`.</summary>
    public static void Columns(IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string>> rows)
    {
        if (!IsTerminal)
        {
            List<string[]> lines = [[.. heads], .. rows.Select(r => r.Select(Safe).ToArray())];
            var widths = heads.Select((_, i) => Math.Min(lines.Max(l => l[i].Length), 60)).ToArray();
            foreach (var line in lines) Console.Out.WriteLine(string.Join("  ", line.Select((cell, i) => i == line.Length - 1 ? cell : cell.PadRight(widths[i]))).TrimEnd());
            return;
        }

        var table = new Table { Border = TableBorder.None };
        foreach (var head in heads) table.AddColumn(new TableColumn($"[bold]{Markup.Escape(head)}[/]") { Padding = new Padding(0, 0, 2, 0) });
        foreach (var row in rows) table.AddRow([.. row.Select(c => new Markup(Coloured(Safe(c))))]);
        AnsiConsole.Write(table);
    }

    public static void Decision(Decision d) =>
        Line($"{d.Wall.ToLocalTime():yyyy-MM-dd HH:mm:ss.fff}  {d.Kind,-9} {d.Id}  {(d.From is null ? "" : d.From + " -> ")}{d.To}{(d.Text.Length > 0 ? "  " + d.Text : "")}");

    public static string Ago(DateTimeOffset? since, DateTimeOffset now) => since is { } s ? Words.Of(new TimeSpan(Math.Max(0, (now - s).Ticks) / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond)) : "-";

    static string Coloured(string cell)
    {
        var colour = cell switch
        {
            "announced" or "met" => "green",
            "withdrawn" or "orphan" => "red",
            "kept" or "degraded" or "adopted" or "drained" or "draining" or "draining-degraded" or "unknown" => "yellow",
            _ => null,
        };
        var text = Markup.Escape(cell);
        return colour is null ? text : $"[{colour}]{text}[/]";
    }

    static bool IsHostile(char c) => char.IsControl(c) || char.IsSurrogate(c) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
