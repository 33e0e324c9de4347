namespace Oops.Reports;

/// <summary>What is asked of the store.</summary>
internal sealed record ReportQuery
{
    public ReportGrouping By { get; init; }

    public ReportOrder Order { get; init; }

    /// <summary>Only names in this zone or below it: its name in presentation form, as <see cref="Wire.Dns.DnsName.ToString"/> writes it.</summary>
    public string? Zone { get; init; }

    /// <summary>Only these; none: all.</summary>
    public IReadOnlyList<int> Codes { get; init; } = [];

    /// <summary>Only what came from then on; the hour that it is in counts whole.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Rows that were changed after this one, in the order of their changes; only by <see cref="ReportGrouping.Hour"/>.</summary>
    public long? After { get; init; }

    public int Limit { get; init; } = 1000;
}

/// <summary>What came of a question.</summary>
/// <param name="Reports">At most as many as were asked for.</param>
/// <param name="Total">How many there are; null where they are not counted.</param>
/// <param name="Next">After which change to go on.</param>
internal sealed record ReportsFound(IReadOnlyList<StoredReport> Reports, long? Total, long Next)
{
    public static ReportsFound Nothing { get; } = new([], 0, 0);
}

/// <summary>A name and its codes, newest first.</summary>
internal sealed record ReportedName(string Name, List<int> Codes);
