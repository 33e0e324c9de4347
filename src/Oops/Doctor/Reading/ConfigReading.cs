namespace Oops.Doctor.Reading;

/// <summary>An include statement.</summary>
/// <param name="Pattern">The absolute path that it means.</param>
/// <param name="At">Where it is written.</param>
/// <param name="IsGlob">It has a star, so that it may match nothing.</param>
/// <param name="Missing">It names one file, which is not there.</param>
internal sealed record Included(string Pattern, Place At, bool IsGlob, bool Missing);

/// <summary>A configuration with all that it includes, as far as it could be read.</summary>
internal sealed class ConfigReading
{
    const int MostFiles = 1000;
    const int MostBytes = 64 * 1024 * 1024;
    const int Deepest = 16;

    readonly List<string> files = [];
    readonly List<string> gaps = [];
    readonly List<Included> includes = [];
    readonly IScanner scanner;
    readonly ITextFiles source;
    readonly StatementBuilder builder;
    readonly CancellationToken stop;
    readonly List<string> open = [];
    long bytes;

    ConfigReading(ConfigFormat format, ITextFiles source, CancellationToken stop)
    {
        (this.source, this.stop) = (source, stop);
        scanner = ScannerOf(format);
        builder = new StatementBuilder(Include);
    }

    public Statement Root => builder.Root;

    /// <summary>The files that were read, the first is the main one.</summary>
    public IReadOnlyList<string> Files => files;

    /// <summary>What could not be read, and why: then nothing can be said to be absent.</summary>
    public IReadOnlyList<string> Gaps => gaps;

    public IReadOnlyList<Included> Includes => includes;

    public bool Complete => gaps.Count == 0;

    public static ConfigReading Read(ConfigFormat format, string path, ITextFiles source, CancellationToken stop = default) => Read(format, [path], source, stop);

    /// <summary>Several files that stand for one.</summary>
    public static ConfigReading Read(ConfigFormat format, IEnumerable<string> paths, ITextFiles source, CancellationToken stop = default)
    {
        var reading = new ConfigReading(format, source, stop);
        foreach (var path in paths) reading.Take(path);
        if (format == ConfigFormat.Equals && reading.Root.Value("include-dir") is { Length: > 0 } folder)
            foreach (var file in source.Expand(Path.Combine(folder, "*.conf"))) reading.Take(file);
        if (reading.builder.Full) reading.gaps.Add($"{reading.files[0]} has more statements than are read");
        return reading;
    }

    void Take(string path)
    {
        if (builder.Full) return;
        if (stop.IsCancellationRequested || files.Count >= MostFiles || bytes >= MostBytes || open.Count >= Deepest || open.Contains(path))
        {
            Gap(stop.IsCancellationRequested ? $"{path} was not read in time" : open.Contains(path) ? $"{path} includes itself" : $"{path} was not read: too many files, or too large");
            return;
        }

        var file = source.Read(path, (int)(MostBytes - bytes));
        if (file.Text is not { } text)
        {
            Gap($"cannot read {path}: {file.Why}");
            return;
        }

        files.Add(path);
        bytes += text.Length;
        open.Add(path);
        scanner.Take(path, text, builder);
        open.RemoveAt(open.Count - 1);
    }

    void Include(string pattern, Place at)
    {
        if (pattern.Length == 0 || pattern.Contains('\0', StringComparison.Ordinal) || includes.Count >= MostFiles) return;
        var full = Path.IsPathRooted(pattern) ? pattern : Path.Combine(Path.GetDirectoryName(at.File) ?? "/", pattern);
        if (pattern.AsSpan().IndexOfAny('*', '?', '[') >= 0)
        {
            includes.Add(new Included(full, at, true, false));
            foreach (var path in source.Expand(full)) Take(path);
            return;
        }

        var before = gaps.Count;
        Take(full);
        includes.Add(new Included(full, at, false, gaps.Count > before && source.Read(full, 0).Missing));
    }

    void Gap(string text)
    {
        if (gaps.Count < 20) gaps.Add(text);
    }

    static IScanner ScannerOf(ConfigFormat format) => format switch
    {
        ConfigFormat.Knot => new KnotScanner(),
        ConfigFormat.Colon => new ColonScanner(),
        ConfigFormat.Named => new BraceScanner(BlockEnds: false),
        ConfigFormat.Brace => new BraceScanner(BlockEnds: true),
        ConfigFormat.Equals => new EqualsScanner(),
        ConfigFormat.Lua => new LuaScanner(),
        _ => new LineScanner(),
    };
}
