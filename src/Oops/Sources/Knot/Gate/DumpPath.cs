using System.Globalization;
using System.Text;
using Oops.Wire.Dns;

namespace Oops.Sources.Knot.Gate;

/// <summary>
/// A path with knotd's formatters (knot.conf, `zone.file`): %s is the zone's name without the last dot (nothing for the root), %c[N] and %c[N-M] characters of the name with it, %l[N] the label N from the right,
/// %% a percent sign. knotd makes an underscore of each slash in a name, so that a name never leads elsewhere.
/// </summary>
internal sealed class DumpPath
{
    /// <summary>knotd's buffers: of the path, and of what one formatter gives.</summary>
    const int MostPath = 1023, MostPart = 511;

    const int MostIndex = 255;

    readonly List<(char Kind, string Text, int From, int To)> parts;

    DumpPath(string pattern, List<(char, string, int, int)> parts) => (Pattern, this.parts) = (pattern, parts);

    public string Pattern { get; }

    /// <summary>Null, and why: it is no absolute path, or has a formatter that knotd does not have.</summary>
    public static DumpPath? Parse(string pattern, out string why)
    {
        why = pattern.StartsWith('/') ? "" : "is no absolute path (knotd would take it from the zone's storage)";
        if (pattern.Contains('\0', StringComparison.Ordinal)) why = "has a zero octet";
        var parts = new List<(char, string, int, int)>();
        for (var at = 0; at < pattern.Length && why.Length == 0;)
        {
            var percent = pattern.IndexOf('%', at);
            if (percent != at)
            {
                var end = percent < 0 ? pattern.Length : percent;
                parts.Add(('=', pattern[at..end], 0, 0));
                at = end;
                continue;
            }

            var kind = at + 1 < pattern.Length ? pattern[at + 1] : ' ';
            at += 2;
            var (from, to) = (0, 0);
            if (kind is not ('s' or '%' or 'c' or 'l')) why = "has a formatter that knotd does not know: %s, %c[N], %c[N-M], %l[N] and %% are there";
            else if (kind is 'c' or 'l' && !TryIndex(pattern, ref at, kind == 'c', out from, out to)) why = $"has %{kind} without its index, as in %{kind}[0]; up to {MostIndex}";
            else parts.Add(kind == '%' ? ('=', "%", 0, 0) : (kind, "", from, to));
        }

        return why.Length == 0 ? new(pattern, parts) : null;
    }

    /// <summary>Of a zone; null: knotd finds it too long, and writes nothing.</summary>
    public string? Of(in DnsName zone)
    {
        var name = Text(zone.Wire);
        var path = new StringBuilder();
        foreach (var (kind, text, from, to) in parts)
        {
            var part = kind switch
            {
                's' => name[..^1],
                'c' => from >= name.Length ? "" : name[from..Math.Min(to + 1, name.Length)],
                'l' => Label(zone, from),
                _ => text,
            };
            if (kind != '=' && part.Length > MostPart) return null;
            path.Append(kind == '=' ? part : part.Replace('/', '_'));
        }

        return path.Length <= MostPath ? path.ToString() : null;
    }

    static string Label(in DnsName zone, int fromRight)
    {
        var labels = new List<string>();
        for (var at = 0; zone.Wire[at] != 0; at += zone.Wire[at] + 1) labels.Add(Text(zone.Wire.Slice(at, zone.Wire[at] + 1))[..^1]);
        return fromRight < labels.Count ? labels[labels.Count - 1 - fromRight] : "";
    }

    // As knot_dname_to_str writes it, which is not how we do; the last dot is there.
    static string Text(ReadOnlySpan<byte> wire)
    {
        if (wire is [0]) return ".";
        var text = new StringBuilder();
        for (var at = 0; at < wire.Length && wire[at] != 0; at += wire[at] + 1)
        {
            foreach (var octet in wire.Slice(at + 1, wire[at]))
            {
                var c = (char)octet;
                if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '*' or '/') text.Append(c);
                else if (c is > ' ' and < '\x7f' and not '#') text.Append('\\').Append(c);
                else text.Append(CultureInfo.InvariantCulture, $"\\{octet:000}");
            }

            text.Append('.');
        }

        return text.ToString();
    }

    static bool TryIndex(string pattern, ref int at, bool mayRange, out int from, out int to)
    {
        (from, to) = (0, 0);
        var end = at < pattern.Length && pattern[at] == '[' ? pattern.IndexOf(']', at) : -1;
        if (end < 0) return false;
        var index = pattern[(at + 1)..end].Split('-');
        at = end + 1;
        return index.Length <= (mayRange ? 2 : 1)
            && int.TryParse(index[0], NumberStyles.None, CultureInfo.InvariantCulture, out from)
            && int.TryParse(index[^1], NumberStyles.None, CultureInfo.InvariantCulture, out to)
            && from <= to && to <= MostIndex;
    }
}
