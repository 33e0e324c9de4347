using System.Collections.Immutable;

namespace Oops.Servers;

/// <summary>What a look at a server's counters gave.</summary>
/// <param name="Queries">Queries received since the server was started, over all transports; null: it could not be read.</param>
/// <param name="Why">One line, when it could not.</param>
/// <param name="Started">When the server was started, in any words that differ from start to start; null: it does not say.</param>
internal readonly record struct CounterReading(long? Queries, string Why = "", string? Started = null)
{
    /// <summary>How many answers had which Extended DNS Error since then, one entry for each INFO-CODE that the server counts; default: it counts none.</summary>
    public ImmutableArray<ErrorCount> Errors { get; init; }
}

/// <summary>A counter of one INFO-CODE, which only rises.</summary>
internal readonly record struct ErrorCount(int Code, long Count);
