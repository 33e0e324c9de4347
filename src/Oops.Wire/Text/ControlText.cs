using System.Buffers.Text;

namespace Oops.Wire.Text;

/// <summary>Lines that nsd-control and unbound-control answer alike.</summary>
public static class ControlText
{
    /// <summary>`error WHAT`, the first line of an answer that is none.</summary>
    public static bool TryError(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> what) => After(line, "error "u8, out what);

    /// <summary>`version: 4.6.1`, the first line of `status`.</summary>
    public static bool TryVersion(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> version) => After(line, "version: "u8, out version) && !version.IsEmpty;

    /// <summary>`NAME=123`, a line of `stats_noreset`. Null when it is another counter, or no whole number.</summary>
    public static long? Counter(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        After(line, name, out var rest) && rest is [(byte)'=', .. var digits] && Utf8Parser.TryParse(digits, out long count, out var used) && used == digits.Length && count >= 0 ? count : null;

    /// <summary>`4.6.1` is at least `4.8`. False for what is no version.</summary>
    public static bool IsAtLeast(ReadOnlySpan<char> version, int major, int minor)
    {
        var dot = version.IndexOf('.');
        if (dot < 0 || !int.TryParse(version[..dot], out var first)) return false;
        var rest = version[(dot + 1)..];
        var end = rest.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? rest : rest[..end], out var second) && (first > major || (first == major && second >= minor));
    }

    static bool After(ReadOnlySpan<byte> line, ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> rest)
    {
        var has = line.StartsWith(prefix);
        rest = has ? line[prefix.Length..] : default;
        return has;
    }
}
