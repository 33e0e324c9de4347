namespace Oops.Sources.Process;

/// <summary>What was seen of a process set over a span of time.</summary>
/// <param name="Idle">It did nothing all the time; else it worked, or waited for its turn to.</param>
/// <param name="Over">The span, which ended with the last look.</param>
/// <param name="Detail">`3 processes, 0.4 % of a core`.</param>
internal readonly record struct Finding(bool Idle, TimeSpan Over, string Detail);
