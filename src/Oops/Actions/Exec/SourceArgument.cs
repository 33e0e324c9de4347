using System.Net;

namespace Oops.Actions.Exec;

/// <summary>
/// What brought a change, as it may stand in an argv: an address or a channel's name. The rest are remarks on a measurement, which may hold the peer's own words
/// (the text of an extended error, RFC 8914 section 2, is any UTF-8), and such words are no argument of a command.
/// </summary>
internal static class SourceArgument
{
    const int MaxLength = 255;

    /// <summary>The address in its canonical form, the channel's name, or `-`.</summary>
    public static string From(string source)
    {
        if (source.Length is 0 or > MaxLength) return "-";
        // A lone number is an address to the parser; to a reader it is a number.
        if (source.AsSpan().ContainsAny('.', ':') && !source.Contains('%', StringComparison.Ordinal) && IPAddress.TryParse(source, out var address)) return address.ToString();
        return char.IsAsciiLetterLower(source[0]) && source.All(IsOfChannel) ? source : "-";
    }

    static bool IsOfChannel(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '/' or '.' or ':' or '-';
}
