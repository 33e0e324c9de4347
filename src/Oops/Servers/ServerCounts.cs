using Oops.Engine;

namespace Oops.Servers;

/// <summary>What the reading of one server counts; written by its source's tasks, read by any thread.</summary>
internal sealed class ServerCounts
{
    long reads;
    long failedReads;
    long failedCounters;
    long silentZones;

    /// <summary>For <see cref="ISource.Counted"/>.</summary>
    public IReadOnlyList<SourceCount> All =>
    [
        new("reads", "Looks at the server that were begun.", Interlocked.Read(ref reads)),
        new("failed_reads", "Looks at the server that gave no answer, half of one, or one that could not be read.", Interlocked.Read(ref failedReads)),
        new("failed_counters", "Looks at the server's counters of queries that gave none.", Interlocked.Read(ref failedCounters)),
        new("silent_zones", "Questions over DNS for a zone's serial that were not answered.", Interlocked.Read(ref silentZones)),
    ];

    public void Read() => Interlocked.Increment(ref reads);

    public void FailedRead() => Interlocked.Increment(ref failedReads);

    public void FailedCounter() => Interlocked.Increment(ref failedCounters);

    public void SilentZone() => Interlocked.Increment(ref silentZones);
}
