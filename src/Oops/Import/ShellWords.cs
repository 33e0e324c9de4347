using System.Text;

namespace Oops.Import;

/// <summary>Splits a command as a POSIX shell splits words (quotes and backslashes; nothing is expanded), as Python's shlex.split does, which anycast-healthchecker uses.</summary>
internal static class ShellWords
{
    /// <summary>Null, and why, where a quote is not closed or a backslash ends the text.</summary>
    public static List<string>? Split(string text, out string problem)
    {
        problem = "";
        var words = new List<string>();
        var word = new StringBuilder();
        var (inWord, quote) = (false, '\0');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quote == '\'')
            {
                if (c == '\'') quote = '\0';
                else word.Append(c);
            }
            else if (c == '\\')
            {
                if (++i == text.Length)
                {
                    problem = "ends with a backslash";
                    return null;
                }

                // Within double quotes it is itself before anything but these.
                if (quote == '"' && text[i] is not ('"' or '\\')) word.Append('\\');
                word.Append(text[i]);
                inWord = true;
            }
            else if (quote == '"')
            {
                if (c == '"') quote = '\0';
                else word.Append(c);
            }
            else if (c is '\'' or '"')
            {
                (quote, inWord) = (c, true);
            }
            else if (char.IsWhiteSpace(c))
            {
                if (inWord) words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }

        if (quote != '\0')
        {
            problem = $"has a {quote} that is not closed";
            return null;
        }

        if (inWord) words.Add(word.ToString());
        return words;
    }
}
