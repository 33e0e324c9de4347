namespace Oops.Doctor.Reading;

/// <summary>Where something was written.</summary>
internal readonly record struct Place(string File, int Line)
{
    public override string ToString() => $"{File}:{Line}";
}

/// <summary>
/// One statement of somebody's configuration, whatever its syntax: a name, the words after it, and the statements within it. A section that is written twice is two of them; of an
/// option that is written twice the last counts, as in the servers.
/// </summary>
internal sealed class Statement(string name, Place at)
{
    public string Name => name;

    public Place At => at;

    public List<string> Values { get; } = [];

    public List<Statement> Within { get; } = [];

    /// <summary>The first word after the name; empty if there is none.</summary>
    public string First => Values.Count > 0 ? Values[0] : "";

    /// <summary>All statements of these names, one within the other, in the order of the files. Names are compared without case.</summary>
    public IEnumerable<Statement> Find(params string[] path)
    {
        IEnumerable<Statement> found = [this];
        foreach (var step in path) found = found.SelectMany(e => e.Within.Where(c => c.Is(step)));
        return found;
    }

    /// <summary>The last of them.</summary>
    public Statement? Last(params string[] path) => Find(path).LastOrDefault();

    /// <summary>The last one's first word.</summary>
    public string? Value(params string[] path) => Last(path) is { Values.Count: > 0 } statement ? statement.Values[0] : null;

    /// <summary>It says yes, in one of the words that the servers take; absent: <paramref name="otherwise"/>.</summary>
    public bool Yes(bool otherwise, params string[] path) => Value(path) is { } word ? word.ToLowerInvariant() is "yes" or "on" or "true" or "1" or "enable" : otherwise;

    /// <summary>Every statement within, at any depth.</summary>
    public IEnumerable<Statement> All()
    {
        var left = new Stack<Statement>(Enumerable.Reverse(Within));
        while (left.TryPop(out var statement))
        {
            yield return statement;
            for (var i = statement.Within.Count - 1; i >= 0; i--) left.Push(statement.Within[i]);
        }
    }

    public bool Is(string word) => name.Equals(word, StringComparison.OrdinalIgnoreCase);
}
