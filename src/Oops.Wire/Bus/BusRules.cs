namespace Oops.Wire.Bus;

/// <summary>What may stand in the fields of a signal, whichever its form is.</summary>
public static class BusRules
{
    /// <summary>Characters of a site or a node.</summary>
    public const int LongestName = 255;

    /// <summary>Characters of a zone in presentation form: 255 octets, each `\DDD`.</summary>
    public const int LongestZone = 1024;

    public const int LongestBecause = 1000;

    public const int LongestArgument = 1024;

    public const int MostArguments = 16;

    /// <summary>Why this is no signal; null: it is one.</summary>
    public static string? Fault(BusSignal signal)
    {
        if (signal.Id.Length is 0 or > 128 || !IsPrintable(signal.Id)) return "id is none";
        if (signal.Life.Length != 16 || !signal.Life.All(char.IsAsciiHexDigitLower)) return "life is none";
        if (signal.Sequence is < 1 or > BusSignal.MaxNumber) return "sequence is out of bounds";
        if (!IsTime(signal.Time)) return "time is none";
        if (signal.Since is { } since && !IsTime(since)) return "since is none";
        if (signal.ValidUntil is { } until && !IsTime(until)) return "valid_until is none";
        if (!IsText(signal.Site, LongestName)) return "site is none";
        if (!IsText(signal.Node, LongestName)) return "node is none";
        if (signal.Server is { } server && !IsWord(server)) return "server is none";
        if (!IsWord(signal.Condition)) return "condition is none";
        if (!IsWord(signal.Kind)) return "kind is none";
        if (signal.Parameter is { } parameter && !IsText(parameter, LongestArgument)) return "parameter is none";
        if (signal.Zone is { } zone && (zone.Length is 0 or > LongestZone || !IsPrintable(zone) || signal.Server is null)) return "zone is none";
        if (signal.State > BusState.Met) return "state is none";
        if (signal.Value is { } value && !IsNumber(value)) return "value is out of bounds";
        if (signal.Because.Length > LongestBecause || !IsClean(signal.Because)) return "because is none";
        return Fault(signal.Arguments);
    }

    /// <summary>`[a-z0-9_]`.</summary>
    public static bool IsArgument(string name) => name.Length is > 0 and <= 32 && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    /// <summary>Neither control characters nor halves of surrogate pairs: it may go to a log or a terminal.</summary>
    public static bool IsClean(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i])) return false;
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[++i])) return false;
        }

        return true;
    }

    static string? Fault(IReadOnlyList<BusArgument> arguments)
    {
        if (arguments.Count > MostArguments) return "too many arguments";
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, text, number) = arguments[i];
            if (!IsArgument(name)) return "an argument has no name";
            if (i > 0 && string.CompareOrdinal(arguments[i - 1].Name, name) >= 0) return "arguments are not in order";
            if (text is null ? !IsNumber(number) : text.Length > LongestArgument || !IsClean(text)) return "an argument is none";
        }

        return null;
    }

    static bool IsNumber(long value) => value is >= -BusSignal.MaxNumber and <= BusSignal.MaxNumber;

    static bool IsTime(DateTimeOffset time) => time >= DateTimeOffset.UnixEpoch && time.Offset == TimeSpan.Zero && time.Ticks % TimeSpan.TicksPerMillisecond == 0;

    static bool IsText(string text, int most) => text.Length is > 0 && text.Length <= most && IsClean(text);

    static bool IsWord(string text) => text.Length is > 0 and <= LongestName && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    static bool IsPrintable(string text) => text.All(static c => c is > ' ' and <= '~');
}
