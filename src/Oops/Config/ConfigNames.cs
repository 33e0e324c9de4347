namespace Oops.Config;

/// <summary>The names that a config declares and those that it uses, so that a mistyped one is found wherever it stands.</summary>
internal sealed class ConfigNames
{
    private readonly Dictionary<Named, Dictionary<string, string>> _declared = [];
    private readonly List<(Named Kind, string Name, string Path)> _used = [];

    /// <summary>True if the text is `[a-z0-9-]+`, at most 63 long and not a word of the config's own grammar.</summary>
    public static string? Problem(string text) =>
        text.Length is 0 or > 63 || !text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-') || text[0] == '-'
            ? $"{ConfigErrors.Show(text)} is not a name; use a-z, 0-9 and '-', not '-' first, at most 63"
            : text is "not" or "all" or "off"
                ? $"'{text}' is a word of the config itself; use another name"
                : null;

    public void Declare(Named kind, string name, string path, ConfigErrors errors)
    {
        if (!_declared.TryGetValue(kind, out var names))
            _declared[kind] = names = new(StringComparer.Ordinal);
        if (!names.TryAdd(name, path))
            errors.Add(path, $"the {Word(kind)} '{name}' is declared twice; the first is at {errors.PositionOf(names[name])}; rename one");
    }

    public void Use(Named kind, string name, string path) => _used.Add((kind, name, path));

    public IEnumerable<string> Of(Named kind) => _declared.TryGetValue(kind, out var names) ? names.Keys : [];

    /// <summary>Reports each used name that nothing declares.</summary>
    public void Check(ConfigErrors errors, Func<Named, IEnumerable<string>> builtIn)
    {
        foreach (var byKind in _used.GroupBy(u => u.Kind))
        {
            var known = Of(byKind.Key).Concat(builtIn(byKind.Key)).ToHashSet(StringComparer.Ordinal);
            foreach (var (kind, name, path) in byKind.Where(u => !known.Contains(u.Name)))
            {
                errors.Add(path, $"there is no {Word(kind)} {ConfigErrors.Show(name)}{Suggest.DidYouMean(name, known)}"
                    + (known.Count is > 0 and <= 8 && Suggest.Nearest(name, known) is null ? $"; there are: {string.Join(", ", known.Order(StringComparer.Ordinal))}" : ""));
            }
        }
    }

    private static string Word(Named kind) => kind.ToString().ToLowerInvariant();
}
