using Oops.Core;

namespace Oops.Sources.Verify;

/// <summary>Which zone is looked at next: those of which somebody told a new serial, for it is what people wait for, then those whose time has come. None is looked at twice at once. Used by one task.</summary>
internal sealed class LookSchedule
{
    readonly ZoneOrder order = new(static z => z.NextLook.Ticks);
    readonly Queue<ZoneCase> news = new();

    /// <summary>When there is something to look at; never: nothing is known to come.</summary>
    public At Next => news.Count > 0 ? At.Zero : order.First?.NextLook ?? At.Never;

    /// <summary>It is looked at then. One that is being looked at is looked at again.</summary>
    public void Plan(ZoneCase zone, At when)
    {
        if (zone.IsGone)
            return;
        if (zone.IsLooked)
        {
            zone.IsAgain = true;
            return;
        }

        zone.NextLook = when;
        order.Put(zone);
    }

    /// <summary>Somebody told of a serial of it that is not the one that was judged. Of one that is being looked at it may be: that is seen afterwards. One whose time has come has its place already.</summary>
    public void Hear(ZoneCase zone, At now)
    {
        if (zone.IsLooked)
        {
            zone.IsHeard = true;
            return;
        }

        if (zone.IsNews || zone.NextLook <= now)
            return;
        zone.IsNews = true;
        news.Enqueue(zone);
    }

    /// <summary>The zone is not judged any more.</summary>
    public static void Forget(ZoneCase zone) => (zone.IsGone, zone.NextLook) = (true, At.Never);

    /// <summary>The one to look at now, which is not planned any more then; null: there is none.</summary>
    public ZoneCase? Take(At now)
    {
        while (news.TryDequeue(out var told))
        {
            told.IsNews = false;
            if (!told.IsGone)
                return Begin(told);
        }

        return order.First is { } first && first.NextLook <= now ? Begin(first) : null;
    }

    /// <summary>It was looked at; the next time is so much later, or at once if there was reason for it meanwhile.</summary>
    public void Done(ZoneCase zone, TimeSpan wait, At now)
    {
        var (again, news) = (zone.IsAgain, zone.IsHeard && zone.IsUnjudged);
        (zone.IsLooked, zone.IsAgain, zone.IsHeard) = (false, false, false);
        if (zone.IsGone)
            return;
        Plan(zone, again ? now : now + wait);
        if (news)
            Hear(zone, now);
    }

    static ZoneCase Begin(ZoneCase zone)
    {
        (zone.IsLooked, zone.NextLook) = (true, At.Never);
        return zone;
    }
}
