namespace Oops.Wire.Bind;

/// <summary>The times of BIND's statistics channel: `2026-11-27T02:30:08Z` of a zone, `2026-11-27T02:30:08.699Z` of the server; always UTC. 1970 stands for never.</summary>
public static class BindTime
{
    const string Shape = "0000-00-00T00:00:00";

    /// <summary>Reads one of the two forms; false: it is neither, or no such time exists.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTime time)
    {
        time = default;
        if (text.Length is not (20 or 24) || text[^1] != 'Z' || (text.Length == 24 && text[19] != '.')) return false;
        for (var i = 0; i < Shape.Length; i++)
            if (Shape[i] == '0' ? text[i] is < (byte)'0' or > (byte)'9' : text[i] != Shape[i]) return false;
        var milliseconds = 0;
        if (text.Length == 24)
        {
            if (text[20..23].IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0) return false;
            milliseconds = Number(text[20..23]);
        }

        int year = Number(text[..4]), month = Number(text[5..7]), day = Number(text[8..10]), hour = Number(text[11..13]), minute = Number(text[14..16]), second = Number(text[17..19]);
        if (year < 1970 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) return false;
        time = new DateTime(year, month, day, hour, minute, second, milliseconds, DateTimeKind.Utc);
        return true;
    }

    static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits) number = (number * 10) + digit - '0';
        return number;
    }
}
