namespace Oops.Config;

/// <summary>"Did you mean": the nearest of the known words by Damerau-Levenshtein distance (insert, delete, replace, swap of neighbours).</summary>
internal static class Suggest
{
    /// <summary>" (did you mean 'x'?)", or nothing if no word is near.</summary>
    public static string DidYouMean(string word, IEnumerable<string> known) => Nearest(word, known) is { } near ? $" (did you mean '{near}'?)" : "";

    /// <summary>The nearest word, or null if all are further away than a typing mistake.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        // A longer word is no typing mistake of any key, and the distance costs the product of the lengths.
        if (word.Length is 0 or > 64)
            return null;
        word = word.ToLowerInvariant().Replace('_', '-');
        string? best = null;
        var least = Math.Max(1, (word.Length + 1) / 3) + 1;
        foreach (var candidate in known.Order(StringComparer.Ordinal))
        {
            var distance = candidate.Length > 64 ? int.MaxValue : Distance(word, candidate);
            if (distance < least)
                (best, least) = (candidate, distance);
        }

        return best;
    }

    /// <summary>The optimal string alignment distance.</summary>
    public static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                var least = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    least = Math.Min(least, d[i - 2, j - 2] + 1);
                d[i, j] = least;
            }
        }

        return d[a.Length, b.Length];
    }
}
