using System.Buffers.Text;

namespace Oops.Wire.Knot;

public enum KnotEventKind : byte
{
    /// <summary>Not planned ("-").</summary>
    None,

    Running,
    Pending,
    Frozen,

    /// <summary>Planned at <see cref="KnotEvent.In"/> from when the answer was made.</summary>
    Relative,

    /// <summary>Planned at <see cref="KnotEvent.Unix"/>; only if asked for with flag u, from 3.3.3.</summary>
    Absolute,

    /// <summary>A word that we do not know.</summary>
    Other,
}

/// <summary>The value of an event in `zone-status`: when it is planned, or that it is under way.</summary>
/// <param name="Kind">Which of the other values counts.</param>
/// <param name="In">Relative: time from the answer; negative when overdue. Whole seconds, cut off.</param>
/// <param name="Unix">Absolute: seconds since 1970.</param>
public readonly record struct KnotEvent(KnotEventKind Kind, TimeSpan In = default, long Unix = 0)
{
    // A sum beyond this is no plan of a DNS server; it also keeps the arithmetic far from overflow.
    const long MaxSeconds = 1000L * 365 * 86400;

    public static KnotEvent Parse(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("-"u8)) return new(KnotEventKind.None);
        // Newer versions add a cause or a time in brackets.
        if (text.StartsWith("running"u8)) return new(KnotEventKind.Running);
        if (text.StartsWith("pending"u8)) return new(KnotEventKind.Pending);
        if (text.StartsWith("frozen"u8)) return new(KnotEventKind.Frozen);
        return TryRelative(text, out var seconds) ? new(KnotEventKind.Relative, TimeSpan.FromSeconds(seconds))
            : Utf8Parser.TryParse(text, out long unix, out var used) && used == text.Length && char.IsAsciiDigit((char)text[0]) ? new(KnotEventKind.Absolute, Unix: unix)
            : new(KnotEventKind.Other);
    }

    // "+1D2h3m4s", "-10s", "0s" and plain "0"; years are 365 days and months 30 days. Anything else without a unit is a Unix time.
    static bool TryRelative(ReadOnlySpan<byte> text, out long seconds)
    {
        seconds = 0;
        if (text.SequenceEqual("0"u8)) return true;
        var negative = !text.IsEmpty && text[0] == (byte)'-';
        if (negative || text.StartsWith("+"u8)) text = text[1..];
        if (text.IsEmpty || !char.IsAsciiLetter((char)text[^1])) return false;
        while (!text.IsEmpty)
        {
            if (!Utf8Parser.TryParse(text, out uint count, out var used) || used >= text.Length) return false;
            var unit = text[used] switch
            {
                (byte)'Y' => 365 * 86400,
                (byte)'M' => 30 * 86400,
                (byte)'D' => 86400,
                (byte)'h' => 3600,
                (byte)'m' => 60,
                (byte)'s' => 1,
                _ => 0,
            };
            seconds += (long)count * unit;
            if (unit == 0 || seconds > MaxSeconds) return false;
            text = text[(used + 1)..];
        }

        if (negative) seconds = -seconds;
        return true;
    }
}
