namespace Oops.Servers;

/// <summary>What a look at a server's counters gave.</summary>
/// <param name="Queries">Queries received since the server was started, over all transports; null: it could not be read.</param>
/// <param name="Why">One line, when it could not.</param>
/// <param name="Started">When the server was started, in any words that differ from start to start; null: it does not say.</param>
internal readonly record struct CounterReading(long? Queries, string Why = "", string? Started = null);
