using Oops.Engine;

namespace Oops.Commands;

/// <summary>A BGP session of our own, for a person.</summary>
internal static class SessionText
{
    /// <summary>Why there is none, and what ended the last.</summary>
    public static string Why(SessionReport s, Func<DateTimeOffset, string> when) => (s.Down, s.LastError) switch
    {
        (null, null) => "",
        (null, var before) => $"before: {before} ({when(s.LastErrorAt!.Value)})",
        (var down, null) => down,
        var (down, error) => $"{(down == error ? "" : $"{down}; before that, ")}{error} ({when(s.LastErrorAt!.Value)})",
    };
}
