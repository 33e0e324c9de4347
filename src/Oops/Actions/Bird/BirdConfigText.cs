using System.Globalization;
using System.IO.Enumeration;
using System.Text.RegularExpressions;
using Oops.Native;
using Oops.Routers;

namespace Oops.Actions.Bird;

/// <summary>
/// What the router's own configuration files say that concerns us: which protocols are written `disabled`, and when a file last changed. It follows `include`
/// (relative to the including file, with globs), templates, and the names that BIRD gives to nameless protocols ("static1").
/// </summary>
internal sealed partial class BirdConfigText
{
    const int FileLimit = 1000;
    const int SizeLimit = 16 * 1024 * 1024;

    readonly Dictionary<string, bool> disabled = new(StringComparer.Ordinal);
    readonly Dictionary<string, bool> templates = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> nameless = new(StringComparer.Ordinal);
    readonly string ours;
    int files;

    BirdConfigText(string ours) => this.ours = ours;

    /// <summary>The newest change of any file read, and that file.</summary>
    public (DateTime At, string Path) Newest { get; private set; }

    /// <summary>An include takes in our file, or would if it were there.</summary>
    public bool TakesOurs { get; private set; }

    /// <summary>Reads the configuration; our own include file is passed over. A null text comes with the reason.</summary>
    public static (BirdConfigText? Text, string? Why) Read(string path, string ours)
    {
        var text = new BirdConfigText(ours);
        try
        {
            text.Take(path);
            return (text, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"cannot read {path}: {Reason.Of(e)}");
        }
    }

    /// <summary>Whether the protocol is written as disabled; null: no file mentions it.</summary>
    public bool? Disabled(string protocol) => this.disabled.TryGetValue(protocol, out bool disabled) ? disabled : null;

    void Take(string path)
    {
        if (++files > FileLimit || path == ours)
            return;
        var info = new FileInfo(path);
        if (info.Length > SizeLimit)
            throw new IOException("larger than 16 MiB");
        string raw = File.ReadAllText(path);
        // A stray of ours that we change is nobody's edit.
        if (raw.StartsWith(Ledger.Header, StringComparison.Ordinal) && Strays.Folder(path) == Strays.Folder(ours))
            return;
        if (info.LastWriteTimeUtc > Newest.At)
            Newest = (info.LastWriteTimeUtc, path);
        string text = Comments().Replace(raw, m => m.Value[0] == '"' ? m.Value : " ");
        foreach (Match match in Statement().Matches(text))
        {
            if (match.Groups["include"].Success)
                Include(path, match.Groups["include"].Value);
            else
                Protocol(match, text);
        }
    }

    void Include(string from, string pattern)
    {
        string full = Path.IsPathRooted(pattern) ? pattern : Path.Combine(Path.GetDirectoryName(from)!, pattern);
        // What a bracket of glob(7) takes is not looked at: it is believed to take ours.
        bool bracket = full.Contains('[', StringComparison.Ordinal);
        TakesOurs |= Strays.Folder(full) == Strays.Folder(ours) && (bracket || FileSystemName.MatchesSimpleExpression(Path.GetFileName(full), Path.GetFileName(ours), ignoreCase: false));
        if (bracket)
            return;
        if (full.AsSpan().IndexOfAny('*', '?') < 0)
        {
            Take(full);
            return;
        }
        string directory = Path.GetDirectoryName(full)!;
        if (!Directory.Exists(directory))
            return;
        foreach (string file in Directory.EnumerateFiles(directory, Path.GetFileName(full)).Order(StringComparer.Ordinal))
            Take(file);
    }

    void Protocol(Match match, string text)
    {
        string type = match.Groups["type"].Value;
        bool disabled = match.Groups["from"].Success && templates.GetValueOrDefault(match.Groups["from"].Value.Trim('\''));
        disabled = Disabled(text, match.Index + match.Length) ?? disabled;
        string name = match.Groups["name"].Value.Trim('\'');
        if (match.Groups["kind"].Value == "template")
            templates[name] = disabled;
        else if (name.Length > 0)
            this.disabled[name] = disabled;
        else
            this.disabled[type + (nameless[type] = nameless.GetValueOrDefault(type) + 1).ToString(CultureInfo.InvariantCulture)] = disabled;
    }

    /// <summary>The last `disabled` of the block that begins at <paramref name="start"/>, not of blocks within it.</summary>
    static bool? Disabled(string text, int start)
    {
        bool? disabled = null;
        int depth = 1;
        for (int i = start; i < text.Length && depth > 0; i++)
        {
            if (text[i] == '{')
                depth++;
            else if (text[i] == '}')
                depth--;
            else if (depth == 1 && text[i] == 'd' && DisabledOption().Match(text, i) is { Success: true } option)
            {
                disabled = option.Groups[1].Value is not ("no" or "off" or "false");
                i += option.Length - 1;
            }
        }
        return disabled;
    }

    [GeneratedRegex("""
        "[^"\n]*"|\#[^\n]*|/\*.*?\*/
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Comments();

    [GeneratedRegex("""
        ^[ \t]*include\s+"(?<include>[^"\n]+)" | (?<![\w.])(?<kind>protocol|template)\s+(?<type>[a-z0-9]+)(\s+(?!from\b)(?<name>\w+|'[^'\n]+'))?(\s+from\s+(?<from>\w+|'[^'\n]+'))?\s*\{
        """, RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Statement();

    [GeneratedRegex(@"\G(?<=[\s{;}])disabled\s*(\w*)\s*;")]
    private static partial Regex DisabledOption();
}
