namespace Oops.Sources.Notify;

/// <summary>What a notify source has seen since it was made; each a number that only rises.</summary>
internal sealed class NotifyCounts
{
    private readonly long[] _cells = new long[(int)Count.Last + 1];

    public long this[Count count] => Volatile.Read(ref _cells[(int)count]);

    public void Add(Count count) => Interlocked.Increment(ref _cells[(int)count]);
}

/// <summary>What is counted.</summary>
internal enum Count
{
    /// <summary>Answered NOERROR, and the zone will be looked at.</summary>
    Taken,

    /// <summary>Answered NOERROR; the zone was waiting to be looked at already.</summary>
    Merged,

    /// <summary>Answered NOERROR; the serial in it is the one we know (RFC 1996, 3.7), so nothing is to be done.</summary>
    Unchanged,

    /// <summary>Not answered: responses, and what is shorter than a header.</summary>
    Dropped,

    /// <summary>Malformed: FORMERR.</summary>
    Malformed,

    /// <summary>NOTIMP, BADVERS, or REFUSED for a query, another class or another type.</summary>
    NotNotify,

    /// <summary>From an address or with a key that is not allowed: REFUSED.</summary>
    Forbidden,

    /// <summary>A signature that is wrong, late, or by an unknown key: NOTAUTH.</summary>
    BadSignature,

    /// <summary>A zone that is not ours: REFUSED.</summary>
    NotOurs,

    /// <summary>A new name under a wildcard while too many wait to be proved: SERVFAIL.</summary>
    Full,

    /// <summary>SOA checks that succeeded.</summary>
    Checked,

    /// <summary>SOA checks that failed.</summary>
    Failed,

    /// <summary>Names under a wildcard that nobody serves: forgotten.</summary>
    Unproved,

    /// <summary>Answers with a serial older than the one known, or 2^31 away from it: ignored.</summary>
    Older,
    Last = Older,
}
