using System.Buffers;

namespace Oops.Wire.Dns.Master;

/// <summary>How <see cref="Tokens.TryEnd"/> came out.</summary>
internal enum EntryEnd
{
    Whole,
    More,
    Broken,
}

/// <summary>
/// The words of one entry (RFC 1035, 5.1), each as it stands there: escapes are left to who reads it. An entry's end is found first, so that parentheses and the ends of lines
/// within it are blanks afterwards.
/// </summary>
internal ref struct Tokens(ReadOnlySpan<byte> entry)
{
    static readonly SearchValues<byte> Structure = SearchValues.Create("\n\"\\();"u8);
    static readonly SearchValues<byte> WordEnds = SearchValues.Create(" \t\r\n();\"\\"u8);
    static readonly SearchValues<byte> QuoteEnds = SearchValues.Create("\"\\\n"u8);

    readonly ReadOnlySpan<byte> entry = entry;
    int at;

    /// <summary>The word at hand, without its quotes if it begins with one.</summary>
    public ReadOnlySpan<byte> Word { get; private set; }

    /// <summary>Where it begins; at the end of all, where the last one ended.</summary>
    public int Start { get; private set; }

    public bool Quoted { get; private set; }

    /// <summary>It has a backslash.</summary>
    public bool Escaped { get; private set; }

    /// <summary>Finds where the entry ends that <paramref name="text"/> begins with: behind the end of the line, if no parenthesis is open there.</summary>
    /// <param name="text">From the first octet of an entry on.</param>
    /// <param name="last">Nothing comes behind it: its end ends the entry too.</param>
    /// <param name="length">Octets of it; where it is broken, where.</param>
    /// <param name="lines">Ends of lines in it.</param>
    /// <param name="why">What is broken.</param>
    public static EntryEnd TryEnd(ReadOnlySpan<byte> text, bool last, out int length, out int lines, out string? why)
    {
        length = lines = 0;
        why = null;
        var depth = 0;
        var open = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var next = text[at..].IndexOfAny(Structure);
            if (next < 0) break;
            at += next;
            switch (text[at])
            {
                case (byte)'\n':
                    lines++;
                    if (depth > 0) continue;
                    length = at + 1;
                    return EntryEnd.Whole;
                case (byte)';':
                    var end = text[at..].IndexOf((byte)'\n');
                    at = end < 0 ? text.Length : at + end - 1;
                    continue;
                case (byte)'(':
                    if (depth++ == 0) open = at;
                    continue;
                case (byte)')' when depth > 0:
                    depth--;
                    continue;
                case (byte)')':
                    return Broken(at, "a ) without its (; remove it or write \\)", out length, out why);
                case (byte)'"':
                    var close = CloseOf(text, at + 1);
                    if (close >= text.Length && !last) return EntryEnd.More;
                    if (close >= text.Length || text[close] == '\n') return Broken(at, "a quote that does not end on its line; close it or write \\\"", out length, out why);
                    at = close;
                    continue;
                default: // a backslash
                    if (at + 1 >= text.Length && !last) return EntryEnd.More;
                    if (at + 1 >= text.Length || text[at + 1] is (byte)'\n' or (byte)'\r') return Broken(at, "a backslash at the end of a line; write \\\\ for one", out length, out why);
                    at++;
                    continue;
            }
        }

        if (!last) return EntryEnd.More;
        if (depth > 0) return Broken(open, "a ( that is not closed; write its ) or \\(", out length, out why);
        length = text.Length;
        return EntryEnd.Whole;
    }

    /// <summary>Steps to the next word; false: there is none.</summary>
    public bool Next()
    {
        var i = at;
        while (true)
        {
            if ((uint)i >= (uint)entry.Length)
            {
                Word = default;
                (Start, at) = (at, i);
                return false;
            }

            var c = entry[i];
            if (c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'(' or (byte)')')
                i++;
            else if (c == ';')
                i = entry[i..].IndexOf((byte)'\n') is var end and >= 0 ? i + end : entry.Length;
            else break;
        }

        Start = i;
        Quoted = entry[i] == '"';
        Escaped = false;
        if (!Quoted)
        {
            at = EndOf(i);
            Word = entry[i..at];
            return true;
        }

        var close = CloseOf(entry, i + 1);
        Word = entry[(i + 1)..Math.Min(close, entry.Length)];
        Escaped = Word.Contains((byte)'\\');
        at = Math.Min(close + 1, entry.Length);
        return true;
    }

    /// <summary>Where a word ends. A quote within it takes blanks into it (RFC 9460, 2.1: key="a b").</summary>
    int EndOf(int i)
    {
        while (true)
        {
            var next = entry[i..].IndexOfAny(WordEnds);
            if (next < 0) return entry.Length;
            i += next;
            if (entry[i] == '\\')
            {
                Escaped = true;
                i += 2;
            }
            else if (entry[i] == '"')
            {
                i = CloseOf(entry, i + 1) + 1;
                Escaped = true;
            }
            else return i;
            if (i >= entry.Length) return entry.Length;
        }
    }

    /// <summary>The quote that closes, or the end of the line; the end of the text where there is neither.</summary>
    static int CloseOf(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length)
        {
            var next = text[at..].IndexOfAny(QuoteEnds);
            if (next < 0) return text.Length;
            at += next;
            if (text[at] != '\\') return at;
            if (at + 1 < text.Length && text[at + 1] == '\n') return at + 1;
            at += 2;
        }

        return text.Length;
    }

    static EntryEnd Broken(int at, string what, out int length, out string? why)
    {
        length = at;
        why = what;
        return EntryEnd.Broken;
    }
}
