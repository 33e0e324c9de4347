using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Reports;

/// <summary>How a report came. What proves that its sender receives at its address is <see cref="Verified"/>.</summary>
internal enum ReportPath : byte
{
    /// <summary>UDP, and nothing speaks for the address: it may be forged.</summary>
    Udp,

    /// <summary>UDP with a server cookie of ours (RFC 7873).</summary>
    Cookie,
    Tcp,
    Tls,
}

/// <summary>A report (RFC 9567) as it came in; a view that is good during the call.</summary>
internal readonly ref struct HeardReport
{
    /// <summary>The agent domain that it was sent to, by its place in the config.</summary>
    public required int Agent { get; init; }

    public required ReportName Name { get; init; }

    /// <summary>The resolver, or whoever writes its address.</summary>
    public required PeerAddress From { get; init; }

    public required ReportPath Path { get; init; }

    public required Arrival At { get; init; }

    public bool Verified => Path != ReportPath.Udp;
}

/// <summary>Takes a report on the thread that answered it: never waits, never allocates for what is known.</summary>
internal delegate void ReportTaker(scoped in HeardReport report);
