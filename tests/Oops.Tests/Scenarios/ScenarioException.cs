namespace Oops.Tests.Scenarios;

/// <summary>A line of a scenario that cannot be read, or that did not come true: `file:line: what`.</summary>
public sealed class ScenarioException(string file, int line, string what) : Exception($"{file}:{line}: {what}");
