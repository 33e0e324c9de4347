using Oops.Core;
using Oops.Wire.Dns;

namespace Oops.Sources.Probe;

/// <summary>
/// Follows EDNS EXPIRE (RFC 7314) of one zone at one address. A secondary counts down from the zone's expire value since its last refresh; a primary always answers that value. From the count come how long the
/// zone is good for and, by `SOA.expire - EXPIRE`, how long ago it was refreshed.
/// </summary>
internal struct ZoneExpiry
{
    /// <summary>The count has whole seconds, and ours begin at another instant.</summary>
    static readonly TimeSpan Grain = TimeSpan.FromSeconds(2);

    bool known;
    At deadline;
    At since;
    At? fullSince;
    uint expire;
    uint? peak;

    /// <summary>Seconds left (<see cref="Signal.Absent"/>: it does not count down, so it never expires) and failed refreshes; null: nothing to say now.</summary>
    public (long? Left, long? Failures) Take(in SoaAnswer answer, At now)
    {
        if (answer is not { Soa: { } soa, Authoritative: true, Rcode: DnsRcode.NoError })
            return (Unserved(answer, now), null);
        if (answer.ExpireLeft is not { } left)
        {
            this = default;
            return (null, null);
        }

        var refreshed = false;
        if (!known || soa.Expire != expire)
            this = new ZoneExpiry { known = true, since = now, expire = soa.Expire };
        else if (now + TimeSpan.FromSeconds(left) > deadline + Grain)
            (peak, refreshed) = (left, fullSince is null); // it went up
        // Servers cut the count off: it expires up to a second later, and until then it is served.
        deadline = now + TimeSpan.FromSeconds(left + 1.0);
        fullSince = left == soa.Expire ? fullSince ?? now : null;
        // It counted down before, so that it is no primary.
        if (fullSince is { } full && !refreshed)
            return (now - full >= Grain ? Signal.Absent : null, 0);
        return (left + 1L, Failures(soa, left, now));
    }

    /// <summary>
    /// The server has the zone no longer, or not yet. If it counted down before, the count goes on: nothing has refreshed the zone since; at its end, it has expired. NSD says "Zone has expired" in words.
    /// </summary>
    readonly long? Unserved(in SoaAnswer answer, At now)
    {
        if (answer.Rcode != DnsRcode.ServFail)
            return null;
        if (answer.EdeText?.Contains("expired", StringComparison.OrdinalIgnoreCase) == true)
            return 0;
        if (!known || fullSince is not null) return null;
        return deadline - now <= Grain ? 0 : (long)Math.Ceiling((deadline - now).TotalSeconds);
    }

    /// <summary>
    /// How many whole retry intervals the refresh is overdue. The count begins at the expire value, or, where a server uses a shorter one (knotd's expire-max-interval), at what it jumped to at
    /// the last refresh that we saw. Until one was seen, or was due while we looked, a zone that seems overdue may only have such a server: then nothing is said.
    /// </summary>
    readonly long? Failures(in Soa soa, uint left, At now)
    {
        var full = peak is { } jump ? Math.Min(jump, soa.Expire) : soa.Expire;
        long age = full > left ? full - left : 0;
        var failures = age <= soa.Refresh ? 0 : (age - soa.Refresh) / Math.Max(soa.Retry, 1);
        return failures > 0 && peak is null && now - since < TimeSpan.FromSeconds((double)soa.Refresh + soa.Retry) ? null : failures;
    }
}
