using Oops.Engine;

namespace Oops.Sources.Knot.Gate;

internal enum GateCount
{
    Heard,
    Foreign,
    Waited,
    Committed,
    Aborted,
    Unjudged,
    Gone,
    Superseded,
    Unanswered,
    Retried,
    Last = Retried,
}

/// <summary>What a gate has done since it was made; each a number that only rises.</summary>
internal sealed class GateCounts
{
    readonly long[] cells = new long[(int)GateCount.Last + 1];

    public long this[GateCount count] => Volatile.Read(ref cells[(int)count]);

    public void Add(GateCount count) => Interlocked.Increment(ref cells[(int)count]);

    /// <summary>What `/metrics` and `status` show. <paramref name="waiting"/>: versions that wait now.</summary>
    public IReadOnlyList<SourceCount> All(int waiting) =>
    [
        new("gate_signals", "Signals of knotd's that a version waits.", this[GateCount.Heard]),
        new("gate_foreign", "Looks that were called off because the signal came from another process than the server.", this[GateCount.Foreign]),
        new("gate_versions", "Versions that were seen to wait.", this[GateCount.Waited]),
        new("gate_committed", "Versions that were let in.", this[GateCount.Committed]),
        new("gate_aborted", "Versions that were kept out.", this[GateCount.Aborted]),
        new("gate_unjudged", "Versions of which there was no verdict in time, and which were answered as it is configured.", this[GateCount.Unjudged]),
        new("gate_gone", "Versions that no longer waited when they were to be answered.", this[GateCount.Gone]),
        new("gate_superseded", "Versions whose place another one took before they were answered.", this[GateCount.Superseded]),
        new("gate_unanswered", "Versions that could not be answered in knotd's own time.", this[GateCount.Unanswered]),
        new("gate_retries", "Answers that had to be tried again.", this[GateCount.Retried]),
        new("gate_waiting", "Versions that wait now.", waiting, SourceCountKind.Level),
    ];
}
