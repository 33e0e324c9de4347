namespace Oops.Config;

/// <summary>A file of sections as Python's configparser reads it, which anycast-healthchecker uses: `key = value` or `key: value`, keys in any case, values that go on in indented lines, `#` and `;` at the start of a line.</summary>
internal sealed class IniFile
{
    public const string Default = "DEFAULT";

    public sealed record Entry(string Value, int Line);

    public sealed record Section(string Name, string File, int Line)
    {
        public Dictionary<string, Entry> Entries { get; } = new(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Reads a text; what is wrong in it is added to <paramref name="errors"/> as `file:line: what`.</summary>
    public static List<Section> Read(string file, string text, List<string> errors)
    {
        var sections = new List<Section>();
        string? last = null;
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd();
            var bare = line.TrimStart();
            if (bare.Length == 0 || bare[0] is '#' or ';')
            {
                if (bare.Length == 0) last = null;
                continue;
            }

            if (line[0] is ' ' or '\t' && last is not null)
            {
                var entries = sections[^1].Entries;
                entries[last] = entries[last] with { Value = $"{entries[last].Value} {bare}" };
            }
            else if (bare[0] == '[' && bare.IndexOf(']', StringComparison.Ordinal) is > 1 and var end)
            {
                last = null;
                sections.Add(new(bare[1..end], file, number));
            }
            else if (bare.IndexOfAny(['=', ':']) is > 0 and var at && sections.Count > 0)
            {
                last = bare[..at].Trim();
                if (!sections[^1].Entries.TryAdd(last, new(bare[(at + 1)..].Trim(), number))) errors.Add($"{file}:{number}: {last} is written twice in [{sections[^1].Name}]; remove one");
            }
            else
            {
                errors.Add($"{file}:{number}: neither [section] nor key = value{(sections.Count == 0 ? " in a section" : "")}: {ConfigErrors.Show(bare)}");
            }
        }

        return sections;
    }
}
