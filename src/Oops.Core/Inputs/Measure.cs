namespace Oops.Core;

/// <summary>What a source measured. Sources give no verdicts: the machine applies the parameters, so that replay against another config means something.</summary>
public enum Measure : byte
{
    /// <summary>Of a server. 1: it answered (a probe or a control read). 0: it refused (as proof: three in a row from an address of this host). <see cref="Signal.Absent"/>: silence, always a suspicion. <see cref="Signal.Unasked"/>: it could not be asked.</summary>
    Answering,

    /// <summary>Of a server. Tries in a row that got no answer, before they are enough to be called silence: it is time to look whether the server works (<see cref="Idle"/>).</summary>
    Unanswered,

    /// <summary>
    /// Of a server. 1: it did nothing during the span <see cref="ServerSignal.For"/> (its whole process set used no CPU and waited for none). 0: it works.
    /// Several witnesses may say it: who saw it work is believed. What was measured before the silence began says nothing.
    /// </summary>
    Idle,

    /// <summary>Of a server. 1: it was asked to stop (it says so itself, or a stop job runs). 0: it was not.</summary>
    Stopping,

    /// <summary>Of a server. Queries per second.</summary>
    QueryRate,

    /// <summary>Of a server. Change of the query rate per second, queries/s².</summary>
    QueryRateSlope,

    /// <summary>Of a server. Extended DNS Errors in its answers: said by <see cref="ErrorRates"/>, which has a rate per INFO-CODE.</summary>
    ExtendedErrors,

    /// <summary>Of a zone. SOA serial served; <see cref="Signal.Absent"/>: the server says that it does not have the zone (a fact that was read: SERVFAIL, REFUSED, `serial: -`).</summary>
    Serial,

    /// <summary>Of a zone. Seconds until the zone expires here (0: expired); <see cref="Signal.Absent"/>: never, as on a primary.</summary>
    Expiry,

    /// <summary>Of a zone. Failed refreshes in a row; 0: the last one succeeded.</summary>
    RefreshFailures,

    /// <summary>Of a zone. Seconds until the first signature expires (0 or less: one has); <see cref="Signal.Absent"/>: unsigned.</summary>
    SignatureExpiry,

    /// <summary>Of a zone. 1: verification failed; 0: it passed.</summary>
    Invalid,

    /// <summary>Of a zone. A number that changes with the key set (a hash).</summary>
    Keys,

    /// <summary>Of a zone. When a NOTIFY(CDS) of RFC 9859 came for it: seconds since 1970, and each one is more than the last. Said once per NOTIFY, so the first is news too.</summary>
    CdsNotified,

    /// <summary>Of a zone. The same for NOTIFY(CSYNC).</summary>
    CsyncNotified,

    /// <summary>
    /// Of a zone. How many reports of resolvers (RFC 9567) tell of an error that <see cref="ChannelSpec.Condition"/> is about, within its window: each weighed by how well its sender is known,
    /// the sum rounded down; 0 where they come from fewer networks than it asks for (<see cref="ErrorReports.Counted"/>). It is said again when the window lets go of one.
    /// </summary>
    ErrorReports,

    /// <summary>Of a zone. How badly the parent's DS fits the zone's keys: 0 it fits, 1 a change is wanted, 2 signed and without DS, 3 validators may fail (by what they have in their caches), 4 they fail.</summary>
    Delegation,

    /// <summary>Of a zone. A number that changes with the DS that the zone asks for by CDS and CDNSKEY and the parent does not have (a hash); 0: it asks for nothing that is not so. That it asks for nothing more is no news; what it asks for when it is first heard is.</summary>
    CdsWanted,
}

public static class Measures
{
    public const int Count = (int)Measure.CdsWanted + 1;

    public static bool IsOfZone(Measure measure) => measure >= Measure.Serial;
}
