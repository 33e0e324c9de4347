namespace Oops.Doctor.Reading;

/// <summary>pdns.conf and recursor.conf: `key=value` and `key+=value`, `#` comments at the margin or after a space, a backslash at the end of a line goes on.</summary>
internal sealed class EqualsScanner : IScanner
{
    public void Take(string file, string text, StatementBuilder into)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length && !into.Full; i++)
        {
            var at = new Place(file, i + 1);
            var line = Uncommented(lines[i]);
            var whole = new System.Text.StringBuilder(line);
            while (whole.Length > 0 && whole[^1] == '\\' && i + 1 < lines.Length)
            {
                whole.Length--;
                whole.Append(Uncommented(lines[++i]));
            }

            line = whole.ToString();
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var key = (equals < 0 ? line : line[..equals]).Trim().TrimEnd('+').TrimEnd();
            if (key.Length == 0) continue;
            // A switch without a value is on.
            into.Add(key, [equals < 0 ? "yes" : line[(equals + 1)..].Trim()], at);
        }
    }

    static string Uncommented(string line)
    {
        for (var hash = line.IndexOf('#', StringComparison.Ordinal); hash >= 0; hash = line.IndexOf('#', hash + 1))
            if (hash == 0 || char.IsWhiteSpace(line[hash - 1])) return line[..hash].TrimEnd();
        return line.TrimEnd();
    }
}
