namespace Oops.Journal;

/// <summary>One decision of a replay: recorded, decided again, or both.</summary>
internal enum Match
{
    Same,

    /// <summary>Only the journal has it.</summary>
    Recorded,

    /// <summary>Only the replay has it.</summary>
    Replayed,
}

internal sealed record ReplayLine(Match Match, Decision Decision);

/// <summary>What came of a replay.</summary>
/// <param name="Lines">Decisions about routes in the order of time.</param>
/// <param name="Invalid">Why the two cannot be compared; empty: they can.</param>
/// <param name="Inputs">How many inputs were replayed.</param>
internal sealed record ReplayResult(IReadOnlyList<ReplayLine> Lines, IReadOnlyList<string> Invalid, long Inputs)
{
    /// <summary>Until when all that was heard is written; null: until the end of what is written.</summary>
    public DateTimeOffset? Certain { get; init; }

    /// <summary>How many decisions of the journal are later than that.</summary>
    public int Later { get; init; }

    public bool Differs => Lines.Any(l => l.Match != Match.Same);
}
