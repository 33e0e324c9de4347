using System.Text.Json.Serialization;
using Oops.Wire.Dns;

namespace Oops.Config;

/// <summary>A zone's name, canonical as <see cref="DnsName"/> has it: lower case, no trailing dot, the root is `.`, unprintable octets as \DDD. Written with or without the trailing dot.</summary>
[JsonConverter(typeof(ScalarConverter<ZoneName>))]
internal readonly record struct ZoneName(string Text) : IScalar<ZoneName>
{
    public static string What => "a zone name such as example.net or '.'";

    public static string Example => "example.net";

    public static string Pattern => "^(\\.|[^\\s*]+)$";

    public static ZoneName? Parse(string text, out string problem)
    {
        problem = "";
        if (text.Any(c => c > 126))
            problem = $"{ConfigErrors.Show(text)} is not ASCII; write the name as the zone file has it (xn--...)";
        else if (text.StartsWith("*.", StringComparison.Ordinal) || text == "*")
            problem = $"{ConfigErrors.Show(text)} is a pattern; write each zone's name here";
        else if (DnsName.TryParse(text, out var name))
            return new ZoneName(name.ToString());
        else
            problem = $"{ConfigErrors.Show(text)} is not {What}; labels have 1 to 63 characters, the whole at most 255, and what is not printable is escaped as \\DDD";
        return null;
    }

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
        var rest = below ? text[2..] : text;
        if (ZoneName.Parse(rest, out var name) is { } zone && !rest.Contains('*', StringComparison.Ordinal) && !(below && zone.Text == "."))
            return new ZonePattern(below ? "*." + zone.Text : zone.Text);
        problem = text.Contains('*', StringComparison.Ordinal) ? $"{ConfigErrors.Show(text)} is not {What}; a '*' stands only for whole labels at the left" : name;
        return null;
    }

    public override string ToString() => Text ?? "";
}
