using System.Text;

namespace Oops.Doctor.Reading;

/// <summary>A word, or a mark that stands for itself.</summary>
internal readonly record struct Word(string Text, bool Quoted, int Line)
{
    public bool Mark(char c) => !Quoted && Text.Length == 1 && Text[0] == c;
}

/// <summary>Cuts a text into words: quotes keep spaces, comments are left out. Linear in the text, whatever it holds.</summary>
/// <param name="marks">Characters that are words of their own.</param>
/// <param name="slashes">Whether `//` begins a comment and `/* */` is one.</param>
/// <param name="lineEnds">Whether the end of a line is a word ("\n").</param>
/// <param name="apostrophes">Whether '...' quotes too.</param>
internal sealed class Words(string marks, bool slashes, bool lineEnds, bool apostrophes)
{
    public IEnumerable<Word> Of(string text)
    {
        var line = 1;
        var i = 0;
        while (i < text.Length)
        {
            var c = text[i];
            if (c == '\n')
            {
                if (lineEnds) yield return new Word("\n", false, line);
                line++;
                i++;
            }
            else if (char.IsWhiteSpace(c) || c == '\0')
                i++;
            else if (c == '#' || (slashes && Starts(text, i, "//")))
                i = text.IndexOf('\n', i) is >= 0 and var end ? end : text.Length;
            else if (slashes && Starts(text, i, "/*"))
            {
                var end = text.IndexOf("*/", i + 2, StringComparison.Ordinal);
                end = end < 0 ? text.Length : end + 2;
                line += text.AsSpan(i, end - i).Count('\n');
                i = end;
            }
            else if (c == '"' || (apostrophes && c == '\''))
            {
                var at = line;
                var word = Quoted(text, ref i, ref line);
                yield return new Word(word, true, at);
            }
            else if (marks.Contains(c, StringComparison.Ordinal))
            {
                yield return new Word(c.ToString(), false, line);
                i++;
            }
            else
            {
                var start = i;
                while (i < text.Length && !Ends(text, i)) i++;
                yield return new Word(text[start..i], false, line);
            }
        }
    }

    bool Ends(string text, int i) =>
        char.IsWhiteSpace(text[i]) || text[i] is '"' or '\0' || marks.Contains(text[i], StringComparison.Ordinal) || (slashes && (Starts(text, i, "/*") || Starts(text, i, "//")));

    static bool Starts(string text, int i, string with) => string.CompareOrdinal(text, i, with, 0, with.Length) == 0;

    static string Quoted(string text, ref int i, ref int line)
    {
        var quote = text[i++];
        var word = new StringBuilder();
        for (; i < text.Length && text[i] != quote; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is '"' or '\\') i++;
            if (text[i] == '\n') line++;
            word.Append(text[i]);
        }

        i++;
        return word.ToString();
    }
}
