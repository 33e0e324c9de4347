namespace Oops.Doctor.Exams;

/// <summary>Looks into the text between a Lua call's brackets.</summary>
internal static class LuaArguments
{
    /// <summary>The texts in it, in order.</summary>
    public static List<string> Texts(string arguments)
    {
        var texts = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is not ('"' or '\'')) continue;
            var end = arguments.IndexOf(arguments[i], i + 1);
            if (end < 0) break;
            texts.Add(arguments[(i + 1)..end]);
            i = end;
        }

        return texts;
    }

    /// <summary>The value of `key=` in a table: a text or a word; null: it is not there.</summary>
    public static string? Value(string arguments, string key)
    {
        for (var at = arguments.IndexOf(key, StringComparison.Ordinal); at >= 0; at = arguments.IndexOf(key, at + 1, StringComparison.Ordinal))
        {
            if (at > 0 && (char.IsAsciiLetterOrDigit(arguments[at - 1]) || arguments[at - 1] == '_')) continue;
            var rest = arguments[(at + key.Length)..].TrimStart();
            if (!rest.StartsWith('=')) continue;
            rest = rest[1..].TrimStart();
            if (rest.Length > 0 && rest[0] is '"' or '\'') return rest.IndexOf(rest[0], 1) is > 0 and var end ? rest[1..end] : rest[1..];
            var stop = rest.AsSpan().IndexOfAny(',', '}', '\n');
            return (stop < 0 ? rest : rest[..stop]).Trim();
        }

        return null;
    }
}
