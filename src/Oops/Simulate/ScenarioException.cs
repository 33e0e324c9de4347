using System.Collections.Immutable;

namespace Oops.Simulate;

/// <summary>Lines of a scenario that cannot be read, or cannot happen, each as `file:line: what`.</summary>
internal sealed class ScenarioException(ImmutableArray<string> mistakes) : Exception(string.Join('\n', mistakes))
{
    public ScenarioException(string file, int line, string what)
        : this([$"{file}:{line}: {what}"])
    {
    }

    public ImmutableArray<string> Mistakes => mistakes;
}
