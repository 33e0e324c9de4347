namespace Oops.Simulate;

/// <summary>All that is wrong with a scenario. What would only follow from a mistake is left out: after a mistyped server, nothing is said of the lines that name it.</summary>
internal sealed class Mistakes
{
    readonly List<(int Line, string Text)> all = [];
    readonly HashSet<string> doubtful = new(StringComparer.Ordinal);

    public bool Any => all.Count > 0;

    /// <summary>Reads a line, or some of it; false: it is wrong.</summary>
    public bool Try(Line line, Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (ScenarioException e)
        {
            if (!line.Names(doubtful)) all.AddRange(e.Mistakes.Select(m => (line.Number, m)));
            return false;
        }
    }

    /// <summary>A line that was to declare this is wrong.</summary>
    public void Doubt(IEnumerable<string> names) => doubtful.UnionWith(names);

    public ScenarioException Thrown() => new([.. all.OrderBy(m => m.Line).Select(m => m.Text)]);
}
