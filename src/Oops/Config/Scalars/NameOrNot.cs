using System.Text.Json.Serialization;

namespace Oops.Config;

/// <summary>A condition's name, or its opposite: `zone-ready`, `not zone-ready`.</summary>
[JsonConverter(typeof(ScalarConverter<NameOrNot>))]
internal readonly record struct NameOrNot(string Name, bool Not) : IScalar<NameOrNot>
{
    public static string What => "a condition's name, or 'not' and the name";

    public static string Example => "not zone-ready";

    public static string Pattern => "^(not )?[a-z0-9][a-z0-9-]*$";

    public static NameOrNot? Parse(string text, out string problem)
    {
        var words = text.Length > 200 ? [text] : text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var not = words.Length == 2 && words[0] == "not";
        if (words.Length == (not ? 2 : 1) && ConfigNames.Problem(words[^1]) is null)
        {
            problem = "";
            return new NameOrNot(words[^1], not);
        }

        problem = $"{ConfigErrors.Show(text)} is not {What}; conditions are combined by name under 'conditions:', not by an expression";
        return null;
    }

    public override string ToString() => Not ? $"not {Name}" : Name;
}
