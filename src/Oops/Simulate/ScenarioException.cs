namespace Oops.Simulate;

/// <summary>A line of a scenario that cannot be read, or cannot happen: `file:line: what`.</summary>
internal sealed class ScenarioException(string file, int line, string what) : Exception($"{file}:{line}: {what}");
