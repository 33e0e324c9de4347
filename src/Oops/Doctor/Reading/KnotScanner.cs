using System.Text;

namespace Oops.Doctor.Reading;

/// <summary>
/// knot.conf: sections at the margin, options below them, `- id: x` begins an item of the section, which becomes a statement of the section's name. Values in quotes, in `[lists]` over
/// several lines, and `#` comments.
/// </summary>
internal sealed class KnotScanner : IScanner
{
    const int LongestList = 10_000;

    public void Take(string file, string text, StatementBuilder into)
    {
        var section = "";
        Statement? item = null;
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length && !into.Full; i++)
        {
            var at = new Place(file, i + 1);
            var line = Uncommented(lines[i]);
            if (IsOpen(line)) line = Joined(line, lines, ref i);
            var body = line.Trim();
            if (body.Length == 0) continue;
            var isItem = body.StartsWith("- ", StringComparison.Ordinal);
            if (isItem) body = body[2..].TrimStart();
            if (Split(body) is not (var key, var value)) continue;
            if (!isItem && !char.IsWhiteSpace(line[0]))
            {
                (section, item) = (key, null);
                if (key == "include") into.Include(Listed(value).FirstOrDefault() ?? "", at);
                continue;
            }

            if (section.Length == 0) continue;
            if (isItem || item is null) item = into.Add(section, [], at);
            into.Enter(item);
            into.Add(key, Listed(value), at);
            into.Leave();
        }
    }

    /// <summary>`key: value`; null where there is no colon.</summary>
    static (string Key, string Value)? Split(string body)
    {
        var colon = body.IndexOf(':', StringComparison.Ordinal);
        return colon <= 0 ? null : (body[..colon].Trim(), body[(colon + 1)..].Trim());
    }

    // A list may go over lines; what comes after its end is not ours.
    static string Joined(string line, string[] lines, ref int i)
    {
        var whole = new StringBuilder(line);
        for (var more = 0; more < LongestList && i + 1 < lines.Length; more++)
        {
            var next = Uncommented(lines[++i]);
            whole.Append(' ').Append(next);
            if (next.Contains(']', StringComparison.Ordinal)) break;
        }

        return whole.ToString();
    }

    static bool IsOpen(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && line[(colon + 1)..].TrimStart().StartsWith('[') && !line.Contains(']', StringComparison.Ordinal);
    }

    static string Uncommented(string line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\') i++;
            else if (line[i] == '"') quoted = !quoted;
            else if (line[i] == '#' && !quoted) return line[..i];
        }

        return line.TrimEnd('\r');
    }

    static IEnumerable<string> Listed(string value)
    {
        value = value.Trim('[', ']', ' ', '\t');
        return value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(w => w.Trim('"'));
    }
}
