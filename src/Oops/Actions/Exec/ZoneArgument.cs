using System.Globalization;
using System.Text;

namespace Oops.Actions.Exec;

/// <summary>
/// A zone's name as it may stand in an argv. Commands use it unquoted, as a file name, behind options; and with wildcards the name is chosen by whoever sends a NOTIFY. So it never
/// begins with '-' or '.', and never holds '/': such characters are written as the master-file escape that means the same (RFC 1035 section 5.1). What is no zone name is refused.
/// </summary>
internal static class ZoneArgument
{
    const int MaxLength = 1004;

    /// <summary>Null when the text is no canonical zone name: lower case, no trailing dot, the root is ".", other bytes as \DDD.</summary>
    public static string? From(string zone)
    {
        if (zone == ".") return zone;
        if (zone.Length is 0 or > MaxLength) return null;
        var argument = new StringBuilder(zone.Length + 3);
        var label = 0;
        for (var i = 0; i < zone.Length; i++)
        {
            var c = zone[i];
            if (c == '.')
            {
                if (label == 0) return null;
                label = 0;
                argument.Append(c);
                continue;
            }

            label++;
            if (c == '\\')
            {
                // Digits first: a parser of numbers lets NUL stand behind them.
                if (i + 3 >= zone.Length || zone.AsSpan(i + 1, 3).ContainsAnyExceptInRange('0', '9') || !byte.TryParse(zone.AsSpan(i + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out _)) return null;
                argument.Append(zone, i, 4);
                i += 3;
            }
            else if (c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' || (c == '-' && i > 0))
            {
                argument.Append(c);
            }
            else if (c is '/' or '-')
            {
                argument.Append('\\').Append(((int)c).ToString("000", CultureInfo.InvariantCulture));
            }
            else
            {
                return null;
            }
        }

        return label == 0 ? null : argument.ToString();
    }
}
