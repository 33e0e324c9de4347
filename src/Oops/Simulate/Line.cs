using System.Globalization;
using System.Net;
using Oops.Core;

namespace Oops.Simulate;

/// <summary>A server, or one of its zones.</summary>
internal readonly record struct Subject(string Server, string? Zone)
{
    public string Words => Zone is null ? Server : $"{Server}/{Zone}";
}

/// <summary>The words of one line, taken from left to right. `#` begins a comment, "..." is one word.</summary>
internal sealed class Line
{
    const int MostDays = 3650;
    const string Channels = "source ";

    readonly List<string> words = [];
    readonly ScenarioException? unreadable;
    int next;

    public Line(string file, int number, string text)
    {
        (File, Number) = (file, number);
        try
        {
            Split(text);
        }
        catch (ScenarioException e)
        {
            unreadable = e;
        }
    }

    public string File { get; }

    public int Number { get; }

    public bool More => next < words.Count;

    public bool IsEmpty => words.Count == 0 && unreadable is null;

    /// <summary>What it would give a name to: the second word, also of a mistyped statement; of a source its server, whose channels are called after it.</summary>
    public IEnumerable<string> Declares => words switch
    {
        ["at" or "mode" or "announce-when" or "withdraw-when" or "degrade-when" or "rule" or "kept-alarm", ..] => [],
        ["source", _, var server, ..] => [Channels + server],
        [_, var name, ..] => [name],
        _ => [],
    };

    /// <summary>Whether one of these is named in it, also as a part of another name (`probe/ns1/192.0.2.53`); a server's channels where it is about what they say.</summary>
    public bool Names(IReadOnlySet<string> names)
    {
        var about = words is ["at", _, "signal" or "errors" or "reports" or "process" or "open" or "read" or "lost" or "list", ..];
        return words.Skip(1).SelectMany(w => w.Split('/').Prepend(w)).Any(w => names.Contains(w) || (about && names.Contains(Channels + w)));
    }

    /// <summary>Before the first word is taken: words that could not be told from each other are the first mistake.</summary>
    public void Begin()
    {
        if (unreadable is not null) throw unreadable;
    }

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
            "ms" => Times(TimeSpan.FromMilliseconds(1)),
            "s" => Times(TimeSpan.FromSeconds(1)),
            "m" => Times(TimeSpan.FromMinutes(1)),
            "h" => Times(TimeSpan.FromHours(1)),
            "d" => Times(TimeSpan.FromDays(1)),
            _ => throw Wrong($"{what}: `{word}` has no unit; write 0.5s, 10m, 2h or 1d"),
        };

        // Longer than any story, and short enough to be added to any time of it.
        TimeSpan Times(TimeSpan unit) => n <= MostDays * TimeSpan.FromDays(1).Ticks / unit.Ticks ? n * unit : throw Wrong($"{what}: `{word}` is more than {MostDays} days");
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
        return Kinds.Find(word)?.Kind ?? throw Wrong($"`{word}` is no kind of condition; there are {string.Join(", ", Kinds.All.Select(k => k.Name))}");
    }

    public string Server(IEnumerable<ServerSpec> servers)
    {
        var word = Word("a server");
        return servers.Any(s => s.Name == word) ? word : throw Wrong(NoSuch.Of("server", word, servers.Select(s => s.Name)));
    }

    public Subject Subject(IEnumerable<ServerSpec> servers)
    {
        var words = Word("a server, or server/zone").Split('/', 2);
        return servers.Any(s => s.Name == words[0]) ? new(words[0], words.Length > 1 ? words[1] : null) : throw Wrong(NoSuch.Of("server", words[0], servers.Select(s => s.Name)));
    }

    public IPNetwork Prefix()
    {
        var word = Word("a prefix");
        return IPNetwork.TryParse(word, out var prefix) ? prefix : throw Wrong($"`{word}` is no prefix; write 192.0.2.0/24");
    }

    public IPAddress Address()
    {
        var word = Word("its address");
        return IPAddress.TryParse(word, out var address) ? address : throw Wrong($"`{word}` is no address");
    }

    /// <summary>An INFO-CODE by its name or number.</summary>
    public int Code(string word) =>
        ErrorCodes.Find(word) ?? (ushort.TryParse(word, CultureInfo.InvariantCulture, out var code) ? code : throw Wrong($"`{word}` is no Extended DNS Error"));

    public void End()
    {
        if (More) throw Wrong($"`{words[next]}` was not expected here");
    }

    public static string Dashed(string name) => string.Concat(name.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : $"{c}"));

    void Split(string text)
    {
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
            words.Add(text[from..end]);
            i = quoted ? end + 1 : end;
        }
    }
}
