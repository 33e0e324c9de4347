namespace Oops.Dns;

/// <summary>What came to a listener for NOTIFY since it was made; each a number that only rises.</summary>
internal sealed class NotifyRequests
{
    readonly long[] cells = new long[(int)NotifyCount.Last + 1];

    public long this[NotifyCount count] => Volatile.Read(ref cells[(int)count]);

    public void Add(NotifyCount count) => Interlocked.Increment(ref cells[(int)count]);
}

/// <summary>What became of a request.</summary>
internal enum NotifyCount
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
    Last = Full,
}
