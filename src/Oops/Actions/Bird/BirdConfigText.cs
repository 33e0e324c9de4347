using System.Globalization;
using System.Text.RegularExpressions;
using Oops.Native;

namespace Oops.Actions.Bird;

/// <summary>
/// What the router's own configuration files say that concerns us: which protocols are written `disabled`, and when a file last changed. It follows `include`
/// (relative to the including file, with globs), templates, and the names that BIRD gives to nameless protocols ("static1").
/// </summary>
internal sealed partial class BirdConfigText
{
    private const int FileLimit = 1000;
    private const int SizeLimit = 16 * 1024 * 1024;

    private readonly Dictionary<string, bool> _disabled = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _templates = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _nameless = new(StringComparer.Ordinal);
    private readonly string _ours;
    private int _files;

    private BirdConfigText(string ours) => _ours = ours;

    /// <summary>The newest change of any file read, and that file.</summary>
    public (DateTime At, string Path) Newest { get; private set; }

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
    public bool? Disabled(string protocol) => _disabled.TryGetValue(protocol, out bool disabled) ? disabled : null;

    private void Take(string path)
    {
        if (++_files > FileLimit || path == _ours)
            return;
        var info = new FileInfo(path);
        if (info.Length > SizeLimit)
            throw new IOException("larger than 16 MiB");
        if (info.LastWriteTimeUtc > Newest.At)
            Newest = (info.LastWriteTimeUtc, path);
        string text = Comments().Replace(File.ReadAllText(path), m => m.Value[0] == '"' ? m.Value : " ");
        foreach (Match match in Statement().Matches(text))
        {
            if (match.Groups["include"].Success)
                Include(path, match.Groups["include"].Value);
            else
                Protocol(match, text);
        }
    }

    private void Include(string from, string pattern)
    {
        string full = Path.IsPathRooted(pattern) ? pattern : Path.Combine(Path.GetDirectoryName(from)!, pattern);
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

    private void Protocol(Match match, string text)
    {
        string type = match.Groups["type"].Value;
        bool disabled = match.Groups["from"].Success && _templates.GetValueOrDefault(match.Groups["from"].Value.Trim('\''));
        disabled = Disabled(text, match.Index + match.Length) ?? disabled;
        string name = match.Groups["name"].Value.Trim('\'');
        if (match.Groups["kind"].Value == "template")
            _templates[name] = disabled;
        else if (name.Length > 0)
            _disabled[name] = disabled;
        else
            _disabled[type + (_nameless[type] = _nameless.GetValueOrDefault(type) + 1).ToString(CultureInfo.InvariantCulture)] = disabled;
    }

    /// <summary>The last `disabled` of the block that begins at <paramref name="start"/>, not of blocks within it.</summary>
    private static bool? Disabled(string text, int start)
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
