namespace Oops.Sources.ErrorReports;

/// <summary>What became of a query.</summary>
internal enum Outcome
{
    /// <summary>A report over UDP of which nothing proves the sender, and that was taken.</summary>
    Unverified,

    /// <summary>A report over UDP with a cookie of ours.</summary>
    Cookie,

    /// <summary>A report over TCP or TLS.</summary>
    Stream,

    /// <summary>A report over UDP that is to come again over TCP.</summary>
    Truncated,

    /// <summary>A report over UDP that is to come again with the cookie that was sent back.</summary>
    BadCookie,

    /// <summary>What begins as a report and is none.</summary>
    MalformedReport,

    /// <summary>A name below an agent domain, without data: a step of QNAME minimisation, or a type that is not there.</summary>
    NoData,

    /// <summary>Data of the agent domain itself: SOA, NS, addresses.</summary>
    Data,

    /// <summary>A name, a class or a kind of query that is not ours.</summary>
    Refused,

    /// <summary>No query that can be understood, and so answered.</summary>
    Malformed,

    /// <summary>No query at all: not answered.</summary>
    Dropped,

    /// <summary>Not answered, because its prefix gets too many answers.</summary>
    Limited,

    /// <summary>Answered with TC only, for the same reason.</summary>
    Slipped,
}

/// <summary>What became of the queries, since the source was made.</summary>
internal sealed class ResponderCounts
{
    // Each on a cache line of its own: several threads count.
    const int Apart = 8;

    readonly long[] cells = new long[Enum.GetValues<Outcome>().Length * Apart];

    public long this[Outcome outcome] => Volatile.Read(ref cells[(int)outcome * Apart]);

    public void Add(Outcome outcome) => Interlocked.Increment(ref cells[(int)outcome * Apart]);
}
