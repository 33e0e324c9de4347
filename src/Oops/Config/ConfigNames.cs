namespace Oops.Config;

/// <summary>The names that a config declares and those that it uses, so that a mistyped one is found wherever it stands.</summary>
internal sealed class ConfigNames
{
    /// <summary>The most names that are offered for one that is not there.</summary>
    const int MostShown = 8;

    readonly Dictionary<Named, Dictionary<string, string>> declared = [];
    readonly List<(Named Kind, string Name, string Path)> used = [];

    /// <summary>True if the text is `[a-z0-9-]+`, at most 63 long and not a word of the config's own grammar.</summary>
    public static string? Problem(string text) =>
        text.Length is 0 or > 63 || !text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-') || text[0] == '-'
            ? $"{ConfigErrors.Show(text)} is not a name; use a-z, 0-9 and '-', not '-' first, at most 63"
            : text is "not" or "all" or "off"
                ? $"'{text}' is a word of the config itself; use another name"
                : null;

    /// <summary>How many declarations there were, the repeated ones included.</summary>
    public int Declarations { get; private set; }

    public void Declare(Named kind, string name, string path, ConfigErrors errors)
    {
        Declarations++;
        if (!declared.TryGetValue(kind, out var names))
            declared[kind] = names = new(StringComparer.Ordinal);
        if (!names.TryAdd(name, path))
            errors.Add(path, $"the {Word(kind)} '{name}' is declared twice; the first is at {errors.PositionOf(names[name])}; rename one");
    }

    public void Use(Named kind, string name, string path) => used.Add((kind, name, path));

    public IEnumerable<string> Of(Named kind) => declared.TryGetValue(kind, out var names) ? names.Keys : [];

    /// <summary>The names of a kind that are used at or below a path.</summary>
    public IEnumerable<string> UsedBelow(string path, Named kind) => used.Where(u => u.Kind == kind && ConfigErrors.IsAtOrBelow(u.Path, path)).Select(u => u.Name);

    /// <summary>True if everything that is named at or below a path is there as it was written. Conditions that nobody declares are kinds.</summary>
    public bool AreSound(string path, ConfigErrors errors) => used.Where(u => ConfigErrors.IsAtOrBelow(u.Path, path)).All(u =>
        declared.TryGetValue(u.Kind, out var names) && names.TryGetValue(u.Name, out var at) ? errors.Unbound.IsWhole(at) : u.Kind == Named.Condition);

    /// <summary>Reports each used name that nothing declares, unless the one that was meant may be among what could not be read.</summary>
    public void Check(ConfigErrors errors, Func<Named, IEnumerable<string>> builtIn)
    {
        foreach (var byKind in used.Where(u => errors.Unbound.IsComplete(Home(u.Kind))).GroupBy(u => u.Kind))
        {
            var known = Of(byKind.Key).Concat(builtIn(byKind.Key)).ToHashSet(StringComparer.Ordinal);
            foreach (var (kind, name, path) in byKind.Where(u => !known.Contains(u.Name)))
            {
                errors.Add(path, $"there is no {Word(kind)} {ConfigErrors.Show(name)}{(Suggest.DidYouMean(name, known) is { Length: > 0 } near ? near : WayOut(kind, [.. Of(kind), .. builtIn(kind)]))}");
            }
        }
    }

    // In the order given: what the operator named himself is nearer to what he meant than what is built in.
    static string WayOut(Named kind, IEnumerable<string> names)
    {
        var known = names.Distinct(StringComparer.Ordinal).ToList();
        var some = known.Take(MostShown).ToArray();
        return $"; define it under {Home(kind)}:{(some.Length > 0 ? $", or use {(some.Length > 1 ? "one of: " : "")}{string.Join(", ", some)}{(known.Count > some.Length ? ", ..." : "")}" : "")}";
    }

    /// <summary>The key below which names of the kind are declared.</summary>
    public static string Home(Named kind) => $"{Word(kind)}s";

    static string Word(Named kind) => kind.ToString().ToLowerInvariant();
}
