namespace Oops.Config;

/// <summary>
/// What of a config could not be taken as it was written, so that the rest is judged without mistakes that are only consequences. A section is one named or listed
/// record (a server, a route, a source), or a key at the top: it is bound as a whole, or a placeholder stands for it. A hole is a place where more may have been meant:
/// a mistyped <c>servers</c>, a name that is none.
/// </summary>
internal sealed class Unbound
{
    readonly HashSet<string> sections = new(StringComparer.Ordinal);
    readonly HashSet<string> aboveSections = new(StringComparer.Ordinal);
    readonly HashSet<string> holes = new(StringComparer.Ordinal);
    readonly HashSet<string> aboveHoles = new(StringComparer.Ordinal);

    /// <summary>A placeholder stands at the path.</summary>
    public void Section(string path) => Mark(path, sections, aboveSections);

    /// <summary>What is declared at or below the path is not all that was meant.</summary>
    public void Hole(string path) => Mark(path, holes, aboveHoles);

    /// <summary>True if the record at the path is as it was written.</summary>
    public bool IsWhole(string path) => !aboveSections.Contains(path) && !SelfAndAbove(path).Any(sections.Contains);

    /// <summary>True if what is not declared below the path was not meant either.</summary>
    public bool IsComplete(string path) => !aboveHoles.Contains(path) && !SelfAndAbove(path).Any(holes.Contains);

    static void Mark(string path, HashSet<string> marked, HashSet<string> above)
    {
        marked.Add(path);
        above.UnionWith(SelfAndAbove(path));
    }

    static IEnumerable<string> SelfAndAbove(string path)
    {
        while (path.Length > 0)
        {
            yield return path;
            path = path[..Math.Max(path.LastIndexOfAny(['.', '[']), 0)];
        }

        yield return "";
    }
}
