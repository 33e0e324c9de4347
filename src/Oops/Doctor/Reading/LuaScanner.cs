using System.Text;

namespace Oops.Doctor.Reading;

/// <summary>
/// dnsdist.conf and kresd.conf are programs; what they would do is not run here. Each call `name(...)`, and each assignment of a table `name = {...}`, is a statement whose one word is the
/// text between the brackets, without comments. A call that stands in an `if` is taken as if it happened.
/// </summary>
internal sealed class LuaScanner : IScanner
{
    const int LongestArguments = 16 * 1024;

    /// <summary>Of all calls together: calls within calls repeat their text.</summary>
    const int MostArguments = 16 * 1024 * 1024;

    public void Take(string file, string text, StatementBuilder into)
    {
        var code = Uncommented(text);
        var (line, left) = (1, MostArguments);
        var name = new StringBuilder();
        for (var i = 0; i < code.Length && !into.Full && left > 0; i++)
        {
            var c = code[i];
            if (c == '\n') line++;
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or ':')
            {
                name.Append(c);
                continue;
            }

            if (name.Length > 0 && Bracket(code, i) is >= 0 and var open)
            {
                var arguments = Arguments(code, open);
                left -= arguments.Length + 1;
                into.Add(name.ToString(), [arguments], new Place(file, line));
            }

            name.Clear();
            if (c is '"' or '\'')
            {
                var end = EndOfText(code, i);
                line += code.AsSpan(i, end - i).Count('\n');
                i = end - 1;
            }
        }
    }

    /// <summary>Where the bracket is that makes a call or a table of the name that ends here; -1.</summary>
    static int Bracket(string code, int i)
    {
        var assigned = false;
        for (; i < code.Length; i++)
        {
            if (code[i] == '(' && !assigned) return i;
            if (code[i] == '{') return i;
            if (code[i] == '=' && !assigned) assigned = true;
            else if (code[i] is not (' ' or '\t')) return -1;
        }

        return -1;
    }

    static string Arguments(string code, int open)
    {
        var depth = 0;
        var end = Math.Min(code.Length, open + LongestArguments);
        for (var i = open; i < end; i++)
        {
            if (code[i] is '(' or '{') depth++;
            else if (code[i] is ')' or '}' && --depth == 0) return code[(open + 1)..i];
            else if (code[i] is '"' or '\'') i = EndOfText(code, i) - 1;
        }

        return code[(open + 1)..end];
    }

    /// <summary>Behind the closing quote, or at the end of the line, where Lua ends a text too.</summary>
    static int EndOfText(string code, int start)
    {
        var i = start + 1;
        while (i < code.Length && code[i] != code[start] && code[i] != '\n') i += code[i] == '\\' ? 2 : 1;
        return Math.Min(i + 1, code.Length);
    }

    static string Uncommented(string text)
    {
        var code = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '"' or '\'')
            {
                var end = EndOfText(text, i);
                code.Append(text, i, end - i);
                i = end - 1;
            }
            else if (string.CompareOrdinal(text, i, "--[[", 0, 4) == 0)
            {
                var end = text.IndexOf("]]", i, StringComparison.Ordinal);
                end = end < 0 ? text.Length : end + 2;
                code.Append('\n', text.AsSpan(i, end - i).Count('\n'));
                i = end - 1;
            }
            else if (string.CompareOrdinal(text, i, "--", 0, 2) == 0)
                i = text.IndexOf('\n', i) is >= 0 and var end ? end - 1 : text.Length;
            else
                code.Append(text[i]);
        }

        return code.ToString();
    }
}
