using System.Globalization;
using Oops.Core;
using Oops.Wire.Dns;

namespace Oops.Servers;

/// <summary>
/// Zones of a server that tells when it last found them to be up to date, and no more. It may serve them for ever; the SOA says until when it should. So the expiry is that time and the SOA's
/// expire value, and each whole retry interval by which a refresh is overdue is one that failed: there was time for it, and it did not succeed.
/// </summary>
/// <param name="voice">Says what follows.</param>
/// <param name="looks">When to look again.</param>
/// <param name="interval">Between two complete reads.</param>
internal sealed class ZoneDates(ZoneVoice voice, ZoneLooks looks, TimeSpan interval)
{
    Column<Date> dates = new();

    record struct Date
    {
        public long Mark;

        /// <summary>The last good refresh, by our own clock; Zero: not known.</summary>
        public At Good;

        /// <summary>The look before this one.</summary>
        public At Seen;

        /// <summary>Of the SOA that it serves, in seconds; an expire value of 0: not known.</summary>
        public uint Refresh;
        public uint Retry;
        public uint Expire;
        public TimeSpan CheckedEvery;
    }

    /// <summary>Takes what the server tells. True: the zone was seen to be refreshed.</summary>
    public bool Take(int number, ref ZoneEntry zone, in LastRefresh told, At now)
    {
        ref var date = ref dates.At(number);
        var known = zone.Has(ZoneMarks.Dated);
        zone.Mark(ZoneMarks.Dated, true);
        var at = told.Ago >= TimeSpan.Zero ? now - told.Ago : At.Never;
        // 0 is no date: PowerDNS sets it so when a check that a NOTIFY asked for fails. What was known of the last good refresh stays true.
        var mark = told.Mark == 0 ? date.Mark : told.Mark;
        if (told.Mark != 0 && known && told.Mark > date.Mark)
            // It was refreshed between two looks, whatever the clocks say.
            date.Good = at >= date.Seen && at <= now ? at : now;
        else if (told.Trusted && at != At.Never && told.Mark != 0 && (told.Mark != date.Mark || date.Good == At.Zero))
            date.Good = at;
        (date.Mark, date.Seen, date.CheckedEvery) = (mark, now, told.CheckedEvery);
        return Derive(number, ref zone, date, now);
    }

    /// <summary>Takes the SOA that is served. True: the zone was seen to be refreshed.</summary>
    public bool Take(int number, ref ZoneEntry zone, in Soa soa, At now)
    {
        if (!zone.Has(ZoneMarks.Dated)) return false;
        ref var date = ref dates.At(number);
        (date.Refresh, date.Retry, date.Expire) = (soa.Refresh, soa.Retry, soa.Expire);
        return Derive(number, ref zone, date, now);
    }

    public void Forget(int number, ref ZoneEntry zone)
    {
        if (!zone.Has(ZoneMarks.Dated)) return;
        zone.Mark(ZoneMarks.Dated, false);
        dates.Set(number, default);
    }

    public void Clear() => dates = new();

    /// <summary>Zones have other numbers from now on.</summary>
    /// <param name="before">By number, the one before.</param>
    public void Renumber(IReadOnlyList<int> before) => dates = dates.Pick(before);

    bool Derive(int number, ref ZoneEntry zone, in Date date, At now)
    {
        if (date.Good == At.Zero || date.Expire == 0)
        {
            // Nothing to count from, and nothing was said yet.
            looks.Cancel(number);
            return false;
        }

        zone.Expires = date.Good + TimeSpan.FromSeconds(date.Expire);
        var due = date.Good + TimeSpan.FromSeconds(date.Refresh) + date.CheckedEvery;
        var again = Longest(TimeSpan.FromSeconds(date.Retry), date.CheckedEvery, ZoneLooks.Soonest);
        var failures = due < now ? (int)Math.Min((now - due) / again, int.MaxValue) : 0;
        var expired = zone.Expires <= now;
        if (expired) failures = Math.Max(1, failures);
        var refreshed = failures == 0 && zone.Failures > 0;
        zone.Failures = failures;
        voice.Failures(number, ref zone);
        voice.Expiry(number, ref zone, expired ? At.Zero : zone.Expires, expired ? Words(date) : null, now);
        looks.Looked(number, now);
        // As for other zones: what could run out before the next complete read is looked at when its refresh should have been seen.
        if (zone.Expires - now > interval * 3) return refreshed;
        var look = due > now ? due + ZoneLooks.Settle : now + again;
        // And once more before it does: it may have been refreshed since, and would be called expired until that is seen.
        var last = zone.Expires - ZoneBook.Jitter - ZoneLooks.Settle;
        looks.Plan(number, expired ? look : At.Min(look, last > now ? last : zone.Expires + ZoneBook.Jitter), now);
        return refreshed;
    }

    static string Words(in Date date) =>
        string.Create(CultureInfo.InvariantCulture, $"not refreshed for more than its SOA's expire value of {date.Expire} s; the server serves it all the same");

    static TimeSpan Longest(TimeSpan a, TimeSpan b, TimeSpan c) => TimeSpan.FromTicks(Math.Max(a.Ticks, Math.Max(b.Ticks, c.Ticks)));
}
