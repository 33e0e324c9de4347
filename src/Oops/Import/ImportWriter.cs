using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Oops.Import;

/// <summary>Writes a config in mode observe that does what the other tool did, with a comment for what differs.</summary>
internal static class ImportWriter
{
    const string Server = "local", Router = "edge";

    public static string Write(Imported imported)
    {
        var names = Names(imported.Checks);
        var text = new StringBuilder();
        Comment(text, "", $"From {imported.From}, by `oops import`. It decides and shows, and touches nothing; when its history is what you would have done, write act.");
        text.Append("mode: observe\n");
        Comment(text, "", "The service is judged by your commands alone. Write its kind, address and zones, and sources that see a crash in a millisecond: see `oops doctor`.");
        text.Append($"servers:\n  {Server}: {{ kind: other }}\n");
        text.Append("conditions:\n");
        foreach (var (_, name) in names) text.Append($"  {name}: {{ kind: external, polarity: good, proof: true }}\n");
        text.Append("sources:\n  check:\n");
        foreach (var (check, name) in names)
            text.Append($"    - {{ server: {Server}, condition: {name}, command: {List(check.Command)}, interval: {Span(check.Interval)}, timeout: {Span(check.Timeout)} }}\n");
        text.Append($"actions:\n  {imported.Router}: [ {{ name: {Router} }} ]\n");
        Executes(text, names);
        Comment(text, "", "A command that runs out of time is a suspicion here, which never withdraws on its own; where it shall, put /usr/bin/timeout and the seconds before it. How often a route may come back is limited: see `budget`.");
        text.Append("routes:\n");
        foreach (var (check, name) in names) Route(text, check, name);
        foreach (var note in imported.Notes) Comment(text, "", note);
        return text.ToString();
    }

    static void Route(StringBuilder text, ImportedCheck check, string name)
    {
        Comment(text, "  ", $"{check.Name}: {check.Rise} in a row announced it, {check.Fall} in a row {(check.Degrade is null ? "withdrew" : "degraded")} it.");
        foreach (var note in check.Notes) Comment(text, "  ", note);
        text.Append($"  {name}:\n    prefixes: [{string.Join(", ", check.Prefixes.Select(Prefix))}]\n    via: {Router}\n    announce-when: [{name}]\n    rise: {Span(check.Interval * (check.Rise - 1))}\n");
        // The last of the failures in a row has had its time.
        var fall = Span((check.Interval * (check.Fall - 1)) + check.Timeout);
        if (check.Degrade is null) text.Append($"    withdraw-when: [not {name}]\n    fall: {fall}\n");
        else text.Append($"    withdraw-when: []\n    degrade-when: [{{ is: not {name}, for: {fall} }}]\n    degrade: {check.Degrade}\n");
    }

    static void Executes(StringBuilder text, List<(ImportedCheck Check, string Name)> names)
    {
        var all = names.SelectMany(n => n.Check.Executes.Select((e, i) => (n.Name, Run: string.Create(CultureInfo.InvariantCulture, $"{n.Name}-{i + 1}"), e.States, e.Shell))).ToList();
        if (all.Count == 0) return;
        text.Append("  exec:\n");
        foreach (var (_, run, _, shell) in all) text.Append($"    - {{ name: {run}, command: {List(["/bin/sh", "-c", shell])} }}\n");
        Comment(text, "", "The state is not in $STATE but in $OOPS_STATE: met is well.");
        text.Append("rules:\n");
        foreach (var (name, run, states, _) in all) text.Append($"  - {{ on: {name}, states: [{states}], do: [ {{ run: {run} }} ] }}\n");
    }

    /// <summary>Names as a config has them, each once.</summary>
    static List<(ImportedCheck Check, string Name)> Names(List<ImportedCheck> checks)
    {
        var names = new List<(ImportedCheck, string)>();
        var taken = new HashSet<string>(StringComparer.Ordinal) { "not", "all", "off" };
        foreach (var check in checks)
        {
            var stem = string.Concat(check.Name.ToLowerInvariant().Select(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') ? c : '-')).Trim('-');
            stem = stem.Length == 0 ? "service" : stem[..Math.Min(stem.Length, 56)].TrimEnd('-');
            var name = stem;
            for (var n = 2; Core.Kinds.Find(name) is not null || !taken.Add(name); n++) name = string.Create(CultureInfo.InvariantCulture, $"{stem}-{n}");
            names.Add((check, name));
        }

        return names;
    }

    internal static void Comment(StringBuilder text, string indent, string sentence)
    {
        foreach (var line in sentence.Split(['\n', '\r', '\u0085', '\u2028', '\u2029'])) text.Append(indent).Append("# ").Append(Commands.Terminal.Safe(line)).Append('\n');
    }

    static string List(IReadOnlyList<string> words) => $"[{string.Join(", ", words.Select(Quoted))}]";

    // YAML takes JSON's strings. Not the escapes of HTML, which nobody could read here.
    static string Quoted(string word) => word.StartsWith('/') && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-')
        ? word
        : $"\"{JsonEncodedText.Encode(word, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    static string Prefix(IPNetwork prefix) => $"\"{prefix}\"";

    static string Span(TimeSpan span) => span.TotalMilliseconds % 1000 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0}s")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0}ms");
}
