namespace Oops.Actions.Frr;

/// <summary>`show version`: "FRRouting 8.4.4 (ns1) on Linux(6.1.0).".</summary>
internal static class FrrVersion
{
    public const string Command = "show version";

    const string Software = "FRRouting ";

    /// <summary>The releases that this adapter was tested with.</summary>
    const string Tried = "8.4";

    /// <summary>"8.4.4"; null: it is not FRRouting (Quagga has no JSON for us to read).</summary>
    public static string? Parse(string text) => text.StartsWith(Software, StringComparison.Ordinal) && text[Software.Length..].Split(' ', '\n')[0] is { Length: > 0 } version ? version : null;

    /// <summary>"FRRouting 10.2, which oops was not tried with (8.4 was)".</summary>
    public static string Say(string version) => IsTried(version) ? Software + version : $"{Software}{version}, which oops was not tried with ({Tried} was)";

    public static bool IsTried(string version) => version == Tried || version.StartsWith(Tried + ".", StringComparison.Ordinal);
}
