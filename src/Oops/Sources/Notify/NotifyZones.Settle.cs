using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Sources.Notify;

/// <summary>What of a check is news to the machine; null: nothing.</summary>
/// <param name="Serial">A serial that is newer than the last one, or the first.</param>
/// <param name="Absent">The server says, and did not say before, that it does not have the zone.</param>
/// <param name="Failures">Failed checks in a row.</param>
/// <param name="Older">The answer's serial is older than the one known, or 2^31 away from it.</param>
/// <param name="Forgotten">The name was learnt through a wildcard and nobody has such a zone.</param>
internal readonly record struct News(uint? Serial = null, bool Absent = false, int? Failures = null, bool Older = false, bool Forgotten = false);

/// <summary>What a failed check says.</summary>
internal enum Failure
{
    /// <summary>Nothing of the zone.</summary>
    Unread,

    /// <summary>The server does not answer for the zone now: it may have lost it, so whatever it serves next counts. No claim.</summary>
    Declined,

    /// <summary>The server says with authority that there is no such zone.</summary>
    Denied,
}

/// <summary>How a check ends.</summary>
internal sealed partial class NotifyZones
{
    /// <summary>The zone's SOA was read.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="soa">What was read.</param>
    /// <param name="wanted">What it was looked at for.</param>
    /// <param name="random">0 to 1, for the jitter.</param>
    public News Answered(NotifyZone zone, in Soa soa, Notified wanted, double random)
    {
        lock (gate)
        {
            if (zone.Unproved && !zone.Gone)
                unproved--;
            // A server that had lost the zone begins anew: what it serves now counts, also an older copy.
            var takes = zone.Serial is not { } known || zone.Declined || zone.Absent || Serial.IsNewer(soa.Serial, known);
            var news = new News(
                Serial: takes ? soa.Serial : null,
                Failures: zone.Serial is null || zone.Failures > 0 ? 0 : null,
                Older: !takes && soa.Serial != zone.Serial);
            if (takes)
                zone.Serial = soa.Serial;
            zone.Absent = zone.Declined = false;
            zone.Failures = 0;
            zone.Retry = soa.Retry;
            zone.PollAt = zone.Named ? Now + target.Refresh.Next(soa.Refresh, random) : TimeSpan.MaxValue;
            if (zone.Told is { } told && Serial.IsNewer(told, soa.Serial))
                _ = LooksAgain(zone, wanted);
            End(zone);
            return news;
        }
    }

    /// <summary>The zone's SOA could not be read.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="why">What that says.</param>
    /// <param name="wanted">What it was looked at for.</param>
    /// <param name="random">0 to 1, for the jitter.</param>
    public News Failed(NotifyZone zone, Failure why, Notified wanted, double random)
    {
        lock (gate)
        {
            if (zone.Unproved && zone.Wants == Notified.None)
            {
                Remove(zone);
                return new News(Forgotten: true);
            }

            zone.PollAt = Now + target.Retry.Next(zone.Retry, random);
            zone.Declined |= why == Failure.Declined;
            if (why == Failure.Declined && !zone.Unproved && LooksAgain(zone, wanted))
            {
                End(zone);
                return default;
            }

            zone.Failures = Math.Min(zone.Failures, int.MaxValue - 1) + 1;
            var news = zone.Unproved ? default : new News(Absent: why == Failure.Denied && !zone.Absent, Failures: zone.Failures);
            zone.Absent |= why == Failure.Denied;
            End(zone);
            return news;
        }
    }

    /// <summary>
    /// What was notified may be served a moment later: NSD notifies while its old processes still answer, with the old serial or, after an expiry, SERVFAIL. So it is asked for again, sooner than the spacing, for a second.
    /// </summary>
    bool LooksAgain(NotifyZone zone, Notified wanted)
    {
        if ((wanted & Notified.Soa) == 0 || zone.Again >= MostAgain)
            return false;
        zone.NotBefore = Together(Now + (Soon * (1 << zone.Again)), Soon);
        zone.Again++;
        zone.Wants |= Notified.Soa;
        return true;
    }
}
