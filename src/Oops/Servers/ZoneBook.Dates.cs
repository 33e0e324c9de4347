using System.Globalization;
using Oops.Core;
using Oops.Wire.Dns;

namespace Oops.Servers;

/// <summary>
/// Zones of a server that tells when it last found them to be up to date, and no more. It may serve them for ever; the SOA says until when it should. So the expiry is that time and the SOA's
/// expire value, and each whole retry interval by which a refresh is overdue is one that failed: there was time for it, and it did not succeed.
/// </summary>
internal sealed partial class ZoneBook
{
    readonly Dictionary<string, Date> dates = new(StringComparer.Ordinal);
    readonly Dictionary<string, long> editions = new(StringComparer.Ordinal);
    List<string> changed = [];

    struct Date
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

    /// <summary>The zones whose edition changed since this was asked for.</summary>
    public List<string> TakeChanged()
    {
        var taken = changed;
        changed = [];
        return taken;
    }

    void TakeEdition(string name, long edition)
    {
        if (editions.TryGetValue(name, out var before) && before != edition) changed.Add(name);
        editions[name] = edition;
    }

    void TakeDate(string name, ref Zone zone, in LastRefresh told, At now)
    {
        ref var date = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(dates, name, out var known);
        var at = told.Ago >= TimeSpan.Zero ? now - told.Ago : At.Never;
        // 0 is no date: PowerDNS sets it so when a check that a NOTIFY asked for fails. What was known of the last good refresh stays true.
        var mark = told.Mark == 0 ? date.Mark : told.Mark;
        if (told.Mark != 0 && known && told.Mark > date.Mark)
            // It was refreshed between two looks, whatever the clocks say.
            date.Good = at >= date.Seen && at <= now ? at : now;
        else if (told.Trusted && at != At.Never && told.Mark != 0 && (told.Mark != date.Mark || date.Good == At.Zero))
            date.Good = at;
        (date.Mark, date.Seen, date.CheckedEvery) = (mark, now, told.CheckedEvery);
        Derive(name, ref zone, date, now);
    }

    void TakeTimers(string name, ref Zone zone, in Soa soa, At now)
    {
        if (!dates.ContainsKey(name)) return;
        ref var date = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(dates, name, out _);
        (date.Refresh, date.Retry, date.Expire) = (soa.Refresh, soa.Retry, soa.Expire);
        Derive(name, ref zone, date, now);
    }

    void Derive(string name, ref Zone zone, in Date date, At now)
    {
        if (date.Good == At.Zero || date.Expire == 0)
        {
            // Nothing to count from, and nothing was said yet.
            zone.Look = At.Zero;
            return;
        }

        zone.Expires = date.Good + TimeSpan.FromSeconds(date.Expire);
        var due = date.Good + TimeSpan.FromSeconds(date.Refresh) + date.CheckedEvery;
        var again = Longest(TimeSpan.FromSeconds(date.Retry), date.CheckedEvery, Soonest);
        var failures = due < now ? (int)Math.Min((now - due) / again, int.MaxValue) : 0;
        if (zone.Expires <= now) failures = Math.Max(1, failures);
        if (failures == 0 && zone.Failures > 0) refreshed(name);
        zone.Failures = failures;
        SayFailures(name, ref zone);
        var expired = zone.Expires <= now;
        SayExpiry(name, ref zone, expired ? At.Zero : zone.Expires, expired ? Words(date) : null, now);
        zone.Look = zone.Look > now ? zone.Look : At.Zero;
        // As for other zones: what could run out before the next complete read is looked at when its refresh should have been seen.
        if (zone.Expires - now > interval * 3) return;
        var look = due > now ? due + Settle : now + again;
        // And once more before it does: it may have been refreshed since, and would be called expired until that is seen.
        var last = zone.Expires - Jitter - Settle;
        PlanLook(name, ref zone, expired ? look : At.Min(look, last > now ? last : zone.Expires + Jitter), now);
    }

    static string Words(in Date date) =>
        string.Create(CultureInfo.InvariantCulture, $"not refreshed for more than its SOA's expire value of {date.Expire} s; the server serves it all the same");

    static TimeSpan Longest(TimeSpan a, TimeSpan b, TimeSpan c) => TimeSpan.FromTicks(Math.Max(a.Ticks, Math.Max(b.Ticks, c.Ticks)));
}
