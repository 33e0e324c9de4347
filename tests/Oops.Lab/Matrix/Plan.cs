namespace Oops.Lab.Matrix;

/// <summary>How some conditions are provoked, all in one turn.</summary>
/// <param name="Rows">The rows that it measures.</param>
/// <param name="Site">What it stands on.</param>
/// <param name="TurnAsync">One turn: provokes, waits for what is believed, and leaves all as it was.</param>
internal sealed record Plan(IReadOnlyList<string> Rows, SiteOptions Site, Func<Stage, Task<Dictionary<string, Turn>>> TurnAsync)
{
    /// <summary>For what has to be so before the first turn.</summary>
    public Func<Stage, Task> BeforeAsync { get; init; } = _ => Task.CompletedTask;

    /// <summary>A server that is started in another way than its column has it, by its kind; null: as there.</summary>
    public Func<string, SiteOptions, MatrixNode>? Node { get; init; }

    /// <summary>A turn of it takes some seconds: it is played by `make test`, too.</summary>
    public bool Quick { get; init; }
}
