using System.Globalization;
using Oops.Core;

namespace Oops.Tests.Scenarios;

/// <summary>The words of one line, taken from left to right. `#` begins a comment, "..." is one word.</summary>
internal sealed class Line
{
    readonly List<string> words;
    int next;

    public Line(string file, int number, string text)
    {
        (File, Number) = (file, number);
        words = Split(text);
    }

    public string File { get; }

    public int Number { get; }

    public bool More => next < words.Count;

    public bool IsEmpty => words.Count == 0;

    public ScenarioException Wrong(string what) => new(File, Number, what);

    public string Word(string what) => More ? words[next++] : throw Wrong($"{what} is missing at the end of the line");

    /// <summary>Takes the word if it comes next.</summary>
    public bool Try(string word)
    {
        if (!More || words[next] != word) return false;
        next++;
        return true;
    }

    /// <summary>All words up to the end, or up to one of the others.</summary>
    public List<string> Words(params string[] until)
    {
        List<string> taken = [];
        while (More && !until.Contains(words[next])) taken.Add(words[next++]);
        return taken;
    }

    public TimeSpan Span(string what)
    {
        var word = Word(what);
        var digits = word.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        if (!double.TryParse(word.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var n)) throw Wrong($"{what}: `{word}` is no time; write 0.5s, 10m, 2h or 1d");
        return word[digits..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(n),
            "s" => TimeSpan.FromSeconds(n),
            "m" => TimeSpan.FromMinutes(n),
            "h" => TimeSpan.FromHours(n),
            "d" => TimeSpan.FromDays(n),
            _ => throw Wrong($"{what}: `{word}` has no unit; write 0.5s, 10m, 2h or 1d"),
        };
    }

    public long Number64(string what) =>
        long.TryParse(Word(what), CultureInfo.InvariantCulture, out var n) ? n : throw Wrong($"{what}: `{words[next - 1]}` is no number");

    public double Share(string what)
    {
        var word = Word(what);
        return word.EndsWith('%') && double.TryParse(word.AsSpan(0, word.Length - 1), CultureInfo.InvariantCulture, out var n) ? n / 100 : throw Wrong($"{what}: `{word}` is no share; write 50%");
    }

    /// <summary>One of a few words; an enum's members are written as `not-met`.</summary>
    public T One<T>(string what)
        where T : struct, Enum
    {
        var word = Word(what);
        foreach (var value in Enum.GetValues<T>())
            if (Dashed(value.ToString()) == word) return value;
        throw Wrong($"{what}: `{word}` is none of {string.Join(", ", Enum.GetValues<T>().Select(v => Dashed(v.ToString())))}");
    }

    public Kind Kind()
    {
        var word = Word("a kind of condition");
        return Kinds.Find(word)?.Kind ?? throw Wrong($"`{word}` is no kind of condition");
    }

    public void End()
    {
        if (More) throw Wrong($"`{words[next]}` was not expected here");
    }

    public static string Dashed(string name) => string.Concat(name.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : $"{c}"));

    List<string> Split(string text)
    {
        List<string> found = [];
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == '#') break;
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }
            var quoted = text[i] == '"';
            var from = quoted ? i + 1 : i;
            var end = from;
            while (end < text.Length && (quoted ? text[end] != '"' : !char.IsWhiteSpace(text[end]))) end++;
            if (quoted && end == text.Length) throw Wrong("a quote is not closed");
            found.Add(text[from..end]);
            i = quoted ? end + 1 : end;
        }
        return found;
    }
}
