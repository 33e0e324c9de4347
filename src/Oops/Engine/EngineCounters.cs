namespace Oops.Engine;

/// <summary>What the engine counts since its start.</summary>
/// <param name="Steps">Inputs taken.</param>
/// <param name="Merged">Measurements replaced by a newer one of the same subject before they were taken.</param>
/// <param name="Faults">Steps that failed by a bug.</param>
/// <param name="Waiting">Inputs that wait now.</param>
/// <param name="WorstLateness">The latest wake-up.</param>
internal sealed record EngineCounters(long Steps, long Merged, long Faults, int Waiting, TimeSpan WorstLateness);
