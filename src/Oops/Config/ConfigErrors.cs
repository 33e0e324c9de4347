namespace Oops.Config;

/// <summary>
/// Everything that is wrong with a config, collected and shown at once, in the order of the files. It knows where each key was written, so that whoever
/// checks a record only names the path (<c>routes.anycast4.rise</c>).
/// </summary>
internal sealed class ConfigErrors
{
    /// <summary>More findings than this are counted, not kept: a broken generator must not fill the memory or the screen.</summary>
    public const int Most = 500;

    readonly List<ConfigError> all = [];
    readonly List<string> files = [];
    readonly Dictionary<string, Position> positions = new(StringComparer.Ordinal);

    /// <summary>Findings that were counted but not kept.</summary>
    public int Shed { get; private set; }

    /// <summary>How many errors there are; warnings do not count.</summary>
    public int Count { get; private set; }

    /// <summary>True if nothing stops the config from being used.</summary>
    public bool Ok => Count == 0;

    /// <summary>Errors and warnings, sorted by file, line and column.</summary>
    public IReadOnlyList<ConfigError> All =>
        [.. all.OrderBy(e => files.IndexOf(e.At.File)).ThenBy(e => e.At.Line).ThenBy(e => e.At.Column).ThenBy(e => e.Path, StringComparer.Ordinal)];

    /// <summary>True if there is an error at or below a path.</summary>
    public bool Any(string path) => all.Exists(e => e.Severity == Severity.Error && IsAtOrBelow(e.Path, path));

    /// <summary>What of the config is not there as it was written.</summary>
    public Unbound Unbound { get; } = new();

    /// <summary>True for <c>a.b</c>, <c>a.b.c</c> and <c>a.b[0]</c>, seen from <c>a.b</c>.</summary>
    internal static bool IsAtOrBelow(string path, string above) =>
        path.StartsWith(above, StringComparison.Ordinal) && (path.Length == above.Length || path[above.Length] is '.' or '[');

    /// <summary>The lines that `oops check` prints.</summary>
    public IEnumerable<string> Lines
    {
        get
        {
            foreach (var error in All)
                yield return error.ToString();
            if (Shed > 0)
                yield return $"and {Shed} more";
        }
    }

    /// <summary>An error at the place where the path was written, or at its nearest parent.</summary>
    public void Add(string path, string text) => Add(new ConfigError(Severity.Error, PositionOf(path), path, text));

    /// <summary>A warning at the place where the path was written.</summary>
    public void Warn(string path, string text) => Add(new ConfigError(Severity.Warning, PositionOf(path), path, text));

    public void Add(Position at, string path, string text) => Add(new ConfigError(Severity.Error, at, path, text));

    public void Add(ConfigError error)
    {
        if (error.Severity == Severity.Error)
            Count++;
        if (all.Count >= Most)
            Shed++;
        else
            all.Add(error);
    }

    /// <summary>The files in the order they were read; the first is the main one.</summary>
    internal void Reading(string file) => files.Add(file);

    /// <summary>Remembers where a path was written.</summary>
    internal void Written(string path, Position at) => positions.TryAdd(path, at);

    /// <summary>True if the path was written in a file, not defaulted.</summary>
    public bool IsWritten(string path) => positions.ContainsKey(path);

    /// <summary>Where the path, or the nearest of its parents, was written.</summary>
    public Position PositionOf(string path)
    {
        while (path.Length > 0)
        {
            if (positions.TryGetValue(path, out var at))
                return at;
            path = path[..Math.Max(path.LastIndexOfAny(['.', '[']), 0)];
        }

        return positions.TryGetValue("", out var root) ? root : new Position(files.Count > 0 ? files[0] : "config", 1, 1);
    }

    /// <summary>Text from a file as it may stand in a message: bounded, and without what a terminal would obey.</summary>
    public static string Show(string text)
    {
        var cut = text.Length > 60 ? text[..60] : text;
        var shown = string.Concat(cut.Select(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' ? $"\\u{(int)c:x4}" : c.ToString()));
        return text.Length > 60 ? $"'{shown}...'" : $"'{shown}'";
    }
}
