using Oops.Core;

namespace Oops.Servers;

/// <summary>
/// Whether a secondary's refreshes succeed, of a server that tells its plans: it follows from two answers in a row. A refresh whose time has passed while the expiry did not move has failed.
/// </summary>
/// <param name="attempt">
/// A server that plans the next attempt when one begins, and does not tell of one under way (BIND): it has failed when the plan moves again, or so long after it was seen to move. Zero: plans move when an attempt is over.
/// </param>
internal sealed class Refreshes(TimeSpan attempt)
{
    /// <summary>Takes the plans of an answer.</summary>
    /// <param name="zone">What was known.</param>
    /// <param name="facts">The answer.</param>
    /// <param name="failed">The server spoke of the zone before: it could not update it.</param>
    /// <param name="now">When it was read.</param>
    /// <returns>It was seen to be refreshed.</returns>
    public bool Take(ref ZoneEntry zone, in ZoneFacts facts, bool failed, At now)
    {
        var expires = facts.Expiry.Kind == PlanKind.In ? now + facts.Expiry.Span : At.Zero;
        // Running or pending: an attempt is under way, and its outcome is not known yet.
        var planned = facts.Refresh.Kind == PlanKind.In;
        var refresh = planned ? now + facts.Refresh.Span : At.Zero;
        var refreshed = Judge(ref zone, facts, failed, expires, planned ? refresh : null, now);
        // What is asked for by name comes by another way, with another lateness: it is believed where it shows that the zone was refreshed.
        if (expires != At.Zero && (!facts.RoleUnsaid || zone.Expires == At.Zero || expires > zone.Expires)) zone.Expires = expires;
        // While an attempt is under way the old plan is kept, so that its outcome is seen as that of this plan.
        if (planned) zone.Refresh = refresh;
        return refreshed;
    }

    bool Judge(ref ZoneEntry zone, in ZoneFacts facts, bool failed, At expires, At? refresh, At now)
    {
        if (zone.Secondary == false)
        {
            (zone.Failures, zone.Attempt) = (0, At.Zero);
            return false;
        }

        if (facts.Failures is { } told)
        {
            var before = zone.Failures;
            zone.Failures = told;
            return told == 0 && before > 0;
        }

        var empty = !facts.Loaded && refresh is not null;
        if (!zone.Known)
        {
            // Empty, and the next attempt is planned: there was one, and it failed; or it is the first one, and under way.
            if (empty && attempt == TimeSpan.Zero) zone.Failures = Math.Max(1, zone.Failures);
            else zone.Attempt = empty ? now : At.Zero;
        }
        else if ((facts.Loaded && !zone.Loaded) || (expires != At.Zero && zone.Expires != At.Zero && expires - zone.Expires >= ZoneBook.Jitter))
        {
            (zone.Failures, zone.Attempt) = (0, At.Zero);
            return true;
        }
        else if (failed || (refresh is { } planned && zone.Refresh != At.Zero && planned - zone.Refresh >= ZoneBook.Jitter))
        {
            // What is certain is that the attempt before this one has not succeeded.
            if (failed || attempt == TimeSpan.Zero || zone.Attempt != At.Zero) zone.Failures++;
            zone.Attempt = failed || attempt == TimeSpan.Zero ? At.Zero : now;
        }
        else if (zone.Loaded && !facts.Loaded)
        {
            // Expired: no attempt has succeeded since the last one that did, whether or not one was seen to fail.
            zone.Failures = Math.Max(1, zone.Failures);
        }
        else if (zone.Attempt != At.Zero && now - zone.Attempt >= attempt)
        {
            zone.Failures++;
            zone.Attempt = At.Zero;
        }

        return false;
    }
}
