using Oops.Dns;
using Oops.Engine;

namespace Oops.Sources.Notify;

/// <summary>What a notify source has seen since it was made; each a number that only rises.</summary>
internal sealed class NotifyCounts
{
    readonly long[] cells = new long[(int)Count.Last + 1];

    /// <summary>What came to the listener.</summary>
    public NotifyRequests Requests { get; } = new();

    public long this[NotifyCount count] => Requests[count];

    public long this[Count count] => Volatile.Read(ref cells[(int)count]);

    public void Add(Count count) => Interlocked.Increment(ref cells[(int)count]);

    /// <summary>What `/metrics` and `status` show. <paramref name="zones"/>: followed now.</summary>
    public IReadOnlyList<SourceCount> All(int zones)
    {
        // Every request is counted exactly once.
        var answered = this[NotifyCount.Taken] + this[NotifyCount.Merged] + this[NotifyCount.Unchanged] + this[NotifyCount.Malformed] + this[NotifyCount.NotNotify] + this[NotifyCount.Forbidden] + this[NotifyCount.BadSignature] + this[NotifyCount.NotOurs] + this[NotifyCount.Full];
        return
        [
            new("received", "Requests received.", answered + this[NotifyCount.Dropped]),
            new("answered", "Requests answered, whatever the answer.", answered),
            new("taken", "NOTIFYs that made a zone be looked at.", this[NotifyCount.Taken]),
            new("merged", "NOTIFYs for a zone that waited to be looked at already.", this[NotifyCount.Merged]),
            new("unchanged", "NOTIFYs with the serial that was known.", this[NotifyCount.Unchanged]),
            new("refused", "Requests from an address or with a key that is not allowed.", this[NotifyCount.Forbidden]),
            new("bad_signature", "Requests whose TSIG is wrong, late or by an unknown key.", this[NotifyCount.BadSignature]),
            new("malformed", "Requests that were malformed.", this[NotifyCount.Malformed]),
            new("other_requests", "Requests that are no NOTIFY, or of another class or type.", this[NotifyCount.NotNotify]),
            new("not_ours", "NOTIFYs for zones that are not followed.", this[NotifyCount.NotOurs]),
            new("shed", "NOTIFYs for new names under a wildcard while too many waited: SERVFAIL.", this[NotifyCount.Full]),
            new("dropped", "Datagrams without an answer: responses, and what is shorter than a header.", this[NotifyCount.Dropped]),
            new("checks", "SOA checks that were answered with an SOA.", this[Count.Checked]),
            new("checks_failed", "SOA checks that failed.", this[Count.Failed]),
            new("older_serials", "Answers with an older serial, which are ignored.", this[Count.Older]),
            new("names_forgotten", "Names under a wildcard that nobody serves.", this[Count.Unproved]),
            new("zones", "Zones that are followed now.", zones, SourceCountKind.Level),
        ];
    }
}

/// <summary>What is counted of checks.</summary>
internal enum Count
{
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
