using Oops.Engine;

namespace Oops.Sources.Dnstap;

/// <summary>What a dnstap source has seen since it was made: the connections that are open, and all that were. One lock, taken at the beginning and end of connections and once per bucket.</summary>
internal sealed class DnstapCounts
{
    readonly Lock gate = new();
    readonly HashSet<FrameTally> open = [];
    readonly long[] fates = new long[(int)FrameFate.Last + 1];
    readonly long[] ends = new long[(int)ConnectionEnd.Last + 1];
    long queries, withErrors, unreadable, accepted, refused;

    public void Accepted() => Interlocked.Increment(ref accepted);

    public void Refused() => Interlocked.Increment(ref refused);

    public void Began(FrameTally tally)
    {
        lock (gate) open.Add(tally);
    }

    public void Ended(FrameTally tally, ConnectionEnd how)
    {
        lock (gate)
        {
            ends[(int)how]++;
            if (!open.Remove(tally)) return;
            for (var i = 0; i < fates.Length; i++) fates[i] += tally[(FrameFate)i];
            (queries, withErrors, unreadable) = (queries + tally.Queries, withErrors + tally.WithErrors, unreadable + tally.Unreadable);
        }
    }

    public DnstapTotals Totals
    {
        get
        {
            lock (gate) return new(Sum(queries, t => t.Queries), Frames() - Fate(FrameFate.Shed), Fate(FrameFate.Shed));
        }
    }

    public long this[FrameFate fate]
    {
        get
        {
            lock (gate) return Fate(fate);
        }
    }

    public long this[ConnectionEnd end]
    {
        get
        {
            lock (gate) return ends[(int)end];
        }
    }

    public long Frame
    {
        get
        {
            lock (gate) return Frames();
        }
    }

    public long RefusedConnections => Volatile.Read(ref refused);

    public IReadOnlyList<SourceCount> All(long voided)
    {
        lock (gate)
        {
            return
            [
                new("connections", "Connections accepted.", Volatile.Read(ref accepted)),
                new("connections_refused", "Connections closed at once, since there were too many.", Volatile.Read(ref refused)),
                new("tls_failed", "Connections whose TLS handshake failed.", ends[(int)ConnectionEnd.NoTls]),
                new("handshakes_failed", "Connections without a Frame Streams handshake.", ends[(int)ConnectionEnd.NoHandshake]),
                new("wrong_content", "Connections that offered another content type than dnstap.", ends[(int)ConnectionEnd.WrongContent]),
                new("streams_broken", "Connections closed since what came was no Frame Stream any more.", ends[(int)ConnectionEnd.Broken]),
                new("frames", "Data frames received, whatever became of them.", Frames()),
                new("frames_counted", "Frames that were decoded and counted: AUTH and CLIENT messages.", Fate(FrameFate.Counted)),
                new("frames_ignored", "Frames of other messages: what a resolver asks of others, updates, tools.", Fate(FrameFate.Ignored)),
                new("frames_malformed", "Frames that are no dnstap payload.", Fate(FrameFate.Malformed)),
                new("frames_giant", "Frames longer than a DNS message can be, skipped.", Fate(FrameFate.Giant)),
                new("shed", "Frames that were not looked at, since we were behind.", Fate(FrameFate.Shed)),
                new("queries", "Queries that the server got.", Sum(queries, t => t.Queries)),
                new("responses_with_errors", "Responses with an Extended DNS Error.", Sum(withErrors, t => t.WithErrors)),
                new("responses_unreadable", "Responses that are no DNS message.", Sum(unreadable, t => t.Unreadable)),
                new("windows_voided", "Windows that began anew since oops itself was late.", voided),
                new("open", "Connections that are open and have begun.", open.Count, SourceCountKind.Level),
            ];
        }
    }

    long Fate(FrameFate fate) => Sum(fates[(int)fate], t => t[fate]);

    long Frames()
    {
        var all = 0L;
        for (var i = 0; i < fates.Length; i++) all += Fate((FrameFate)i);
        return all;
    }

    long Sum(long ended, Func<FrameTally, long> of)
    {
        foreach (var tally in open) ended += of(tally);
        return ended;
    }
}
