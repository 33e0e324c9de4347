namespace Oops.Doctor;

/// <summary>glob(7) within one folder: `*`, `?` and `[abc]`; a slash is matched by itself alone.</summary>
internal static class Globs
{
    public static bool Matches(string pattern, string path) => Matches(pattern.AsSpan(), path.AsSpan());

    // With one point to come back to: linear in the text for each star.
    static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        var (p, t, star, mark) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
                (star, mark) = (p++, t);
            else if (p < pattern.Length && One(pattern[p..], text[t], out var used))
                (p, t) = (p + used, t + 1);
            else if (star >= 0 && text[mark] != '/')
                (p, t) = (star + 1, ++mark);
            else
                return false;
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    static bool One(ReadOnlySpan<char> pattern, char c, out int used)
    {
        used = 1;
        if (pattern[0] == '[' && pattern.IndexOf(']') is > 1 and var close)
        {
            used = close + 1;
            return pattern[1..close].Contains(c);
        }

        return pattern[0] == c || (pattern[0] == '?' && c != '/');
    }
}
