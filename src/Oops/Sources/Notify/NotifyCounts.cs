using Oops.Engine;

namespace Oops.Sources.Notify;

/// <summary>What a notify source has seen since it was made; each a number that only rises.</summary>
internal sealed class NotifyCounts
{
    readonly long[] cells = new long[(int)Count.Last + 1];

    public long this[Count count] => Volatile.Read(ref cells[(int)count]);

    public void Add(Count count) => Interlocked.Increment(ref cells[(int)count]);

    /// <summary>What `/metrics` and `status` show. <paramref name="zones"/>: followed now.</summary>
    public IReadOnlyList<SourceCount> All(int zones)
    {
        // Every request is counted exactly once.
        var answered = this[Count.Taken] + this[Count.Merged] + this[Count.Unchanged] + this[Count.Malformed] + this[Count.NotNotify] + this[Count.Forbidden] + this[Count.BadSignature] + this[Count.NotOurs] + this[Count.Full];
        return
        [
            new("received", "Requests received.", answered + this[Count.Dropped]),
            new("answered", "Requests answered, whatever the answer.", answered),
            new("taken", "NOTIFYs that made a zone be looked at.", this[Count.Taken]),
            new("merged", "NOTIFYs for a zone that waited to be looked at already.", this[Count.Merged]),
            new("unchanged", "NOTIFYs with the serial that was known.", this[Count.Unchanged]),
            new("refused", "Requests from an address or with a key that is not allowed.", this[Count.Forbidden]),
            new("bad_signature", "Requests whose TSIG is wrong, late or by an unknown key.", this[Count.BadSignature]),
            new("malformed", "Requests that were malformed.", this[Count.Malformed]),
            new("other_requests", "Requests that are no NOTIFY, or of another class or type.", this[Count.NotNotify]),
            new("not_ours", "NOTIFYs for zones that are not followed.", this[Count.NotOurs]),
            new("shed", "NOTIFYs for new names under a wildcard while too many waited: SERVFAIL.", this[Count.Full]),
            new("dropped", "Datagrams without an answer: responses, and what is shorter than a header.", this[Count.Dropped]),
            new("checks", "SOA checks that were answered with an SOA.", this[Count.Checked]),
            new("checks_failed", "SOA checks that failed.", this[Count.Failed]),
            new("older_serials", "Answers with an older serial, which are ignored.", this[Count.Older]),
            new("names_forgotten", "Names under a wildcard that nobody serves.", this[Count.Unproved]),
            new("zones", "Zones that are followed now.", zones, SourceCountKind.Level),
        ];
    }
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
