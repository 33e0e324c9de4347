using System.Text.Json.Serialization;

namespace Oops.Config;

/// <summary>A zone's name, canonical: lower case, no trailing dot, the root is `.`. Written with or without the trailing dot.</summary>
[JsonConverter(typeof(ScalarConverter<ZoneName>))]
internal readonly record struct ZoneName(string Text) : IScalar<ZoneName>
{
    public static string What => "a zone name such as example.net or '.'";

    public static string Example => "example.net";

    public static string Pattern => "^(\\.|[^\\s*]+)$";

    public static ZoneName? Parse(string text, out string problem)
    {
        problem = "";
        if (text == ".")
            return new ZoneName(".");
        var name = text.EndsWith('.') && !text.EndsWith("\\.", StringComparison.Ordinal) ? text[..^1] : text;
        if (text.Any(c => c > 126))
            problem = $"{ConfigErrors.Show(text)} is not ASCII; write the name as the zone file has it (xn--...)";
        else if (name.Length is 0 or > 253 || !name.Split('.').All(IsLabel))
            problem = $"{ConfigErrors.Show(text)} is not {What}; labels have 1 to 63 of the characters a-z, 0-9, '-', '_' and '/', the whole at most 253";
        else
            return new ZoneName(name.ToLowerInvariant());
        return null;
    }

    // '/' is what RFC 2317 uses, '_' what service names use. Nothing else is in use as a zone's name, and much of it is dangerous in an argv.
    private static bool IsLabel(string label) =>
        label.Length is >= 1 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '/');

    public override string ToString() => Text ?? "";
}

/// <summary>Zones of a selector: a name, `*.example` for everything below example (not example itself), or `*` for all.</summary>
[JsonConverter(typeof(ScalarConverter<ZonePattern>))]
internal readonly record struct ZonePattern(string Text) : IScalar<ZonePattern>
{
    public static string What => "a zone name, '*.' and a zone name, or '*'";

    public static string Example => "*.example.net";

    public static string Pattern => "^(\\.|\\*|(\\*\\.)?[^\\s*]+)$";

    public static ZonePattern? Parse(string text, out string problem)
    {
        problem = "";
        if (text == "*")
            return new ZonePattern(text);
        var below = text.StartsWith("*.", StringComparison.Ordinal) && text.Length > 2;
        if (ZoneName.Parse(below ? text[2..] : text, out var name) is { } zone && !(below && zone.Text == "."))
            return new ZonePattern(below ? "*." + zone.Text : zone.Text);
        problem = text.Contains('*', StringComparison.Ordinal) ? $"{ConfigErrors.Show(text)} is not {What}; a '*' stands only for whole labels at the left" : name;
        return null;
    }

    public override string ToString() => Text ?? "";
}
