using Oops.Config;

namespace Oops.Import;

/// <summary>Finds the arguments of nsnotifyd in what starts it: a script, a systemd unit, a crontab.</summary>
internal static class NsnotifydFile
{
    const string Program = "nsnotifyd";

    /// <summary>What a shell would not hand on.</summary>
    static readonly string[] Ends = ["&", ";", "|", "||", "&&"];

    public static ImportedNotifyd Read(string file)
    {
        var errors = new List<string>();
        var found = new List<(int Line, List<string> Words)>();
        foreach (var (line, text) in Lines(TextFile.Read(file, errors)))
        {
            if (!text.Contains(Program, StringComparison.Ordinal))
                continue;
            if (Arguments(text, out var problem) is { } words)
                found.Add((line, words));
            else if (problem.Length > 0)
                errors.Add($"{file}:{line}: {problem}");
        }

        // One for UDP and one for TCP is what its page tells to do.
        var different = found.DistinctBy(static f => string.Join('\0', f.Words.Where(static w => w != "-t"))).ToList();
        if (errors.Count == 0 && different.Count == 0)
            errors.Add($"{file}: nothing in it starts nsnotifyd; give its arguments behind --");
        else if (different.Count > 1)
            errors.Add($"{file}: nsnotifyd is started in line {string.Join(", ", different.Select(static f => f.Line))}, each time with other arguments; give those of one behind --, and put the configs together");
        var imported = errors.Count == 0 ? Nsnotifyd.Read(different[0].Words) : new ImportedNotifyd();
        imported.Errors.InsertRange(0, errors);
        return imported;
    }

    /// <summary>The words behind the program; null: the line does not start it, or, with a problem, it cannot be said how.</summary>
    static List<string>? Arguments(string line, out string problem)
    {
        // systemd's prefixes of a command (systemd.service(5)).
        var text = line.TrimStart();
        if (text.StartsWith("ExecStart=", StringComparison.Ordinal))
            text = text["ExecStart=".Length..].TrimStart('-', '@', ':', '+', '!');
        if (ShellWords.Split(text, out problem) is not { } words)
            return null;
        var at = words.FindIndex(static w => Path.GetFileName(w) == Program);
        if (at < 0)
            return null;
        var arguments = words.Skip(at + 1).TakeWhile(static w => !Ends.Contains(w) && w.TrimStart('0', '1', '2') is not ['>' or '<', ..]).ToList();
        if (arguments.Find(static w => w.AsSpan().ContainsAny('$', '`')) is not { } expanded)
            return arguments;
        problem = $"{ConfigErrors.Show(expanded)} is expanded by a shell; give the arguments as they are then behind --";
        return null;
    }

    /// <summary>Lines without comments, those that a backslash continues put together, with the number of the first.</summary>
    static IEnumerable<(int Line, string Text)> Lines(string text)
    {
        var (number, first, whole) = (0, 0, "");
        foreach (var raw in text.Split('\n'))
        {
            number++;
            if (whole.Length == 0)
                first = number;
            if (whole.Length == 0 && raw.TrimStart().StartsWith('#'))
                continue;
            if (raw.TrimEnd().EndsWith('\\'))
            {
                whole += raw.TrimEnd()[..^1] + " ";
                continue;
            }

            yield return (first, whole + raw);
            whole = "";
        }

        if (whole.Length > 0)
            yield return (first, whole);
    }
}
