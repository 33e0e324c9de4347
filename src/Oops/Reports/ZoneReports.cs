using Oops.Core;

namespace Oops.Reports;

/// <summary>What is counted of one zone since the daemon learnt of its first report.</summary>
internal sealed class ZoneReports
{
    // The registry's INFO-CODEs one by one, and all others together.
    static readonly int Kept = ErrorCodes.Names.Count + 1;

    readonly long[] byCode = new long[Kept];

    /// <summary>All of them, those of senders that receive at their address, and those that were too many for one zone.</summary>
    public long Count { get; private set; }

    public long Verified { get; private set; }

    public long Shed { get; set; }

    /// <summary>Milliseconds of a clock that does not go back.</summary>
    public long Last { get; private set; }

    /// <summary>What the last check found, with its time: terminal-safe. Null: there was none.</summary>
    public string? Check { get; set; }

    /// <summary>One for each condition that has something in its window; null where it has not.</summary>
    public ReportWindow?[] Windows { get; set; } = [];

    /// <summary>Those of the condition's INFO-CODEs that came, the most frequent first.</summary>
    public IEnumerable<int> Codes(KindSpec condition) => condition.Codes.Codes.Where(c => ByCode(c) > 0).OrderByDescending(ByCode);

    public long ByCode(int code) => byCode[Math.Min(code, Kept - 1)];

    public void Add(int code, bool verified, long now)
    {
        Count++;
        if (verified) Verified++;
        byCode[Math.Min(code, Kept - 1)]++;
        Last = now;
    }
}
