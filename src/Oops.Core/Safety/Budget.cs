namespace Oops.Core;

/// <summary>
/// Announcements of one route per window; beyond it the route stays withdrawn and an alarm says so. It is tried again after the listed
/// waits, once a place in the window is free; after the last of them it waits for a person. `rise` doubles with each withdraw, and is reset by a long time announced.
/// </summary>
internal sealed class Budget(BudgetSpec? spec, TimeSpan rise, TimeSpan ceiling)
{
    readonly List<Announcement> announced = [];
    int doublings, exhaustions;
    At? exhaustedAt;

    /// <summary>The last announcement is one of them, and no router has been told of it yet.</summary>
    bool untold;

    /// <param name="At">When.</param>
    /// <param name="Sequence">Of the intent that told it; 0: not known.</param>
    internal readonly record struct Announcement(At At, long Sequence);

    public int Doublings => doublings;

    public int Exhaustions => exhaustions;

    public At? ExhaustedAt => exhaustedAt;

    public IReadOnlyList<Announcement> Announced => announced;

    public TimeSpan Rise => spec is null || doublings == 0 || rise >= ceiling ? rise : TimeSpan.FromTicks((long)Math.Min(ceiling.Ticks, rise.Ticks * Math.Pow(2, Math.Min(doublings, 30))));

    public int? Left(At now)
    {
        return spec is null ? null : Math.Max(0, spec.Announcements - InWindow(now));
    }

    /// <summary>An admission is being waited for: from here the retries are counted, if the budget is used up.</summary>
    public void Ask(At now)
    {
        if (spec is not null && exhaustedAt is null && InWindow(now) >= spec.Announcements) exhaustedAt = now;
    }

    /// <summary>When the next announcement is allowed; now or earlier: it is.</summary>
    public At Allowed(At now)
    {
        if (spec is null || (exhaustedAt is null && InWindow(now) < spec.Announcements)) return now;
        // All retries are used up: a person must look (`oops confirm`).
        if (exhaustions >= spec.Retries.Length) return At.Never;
        var wait = spec.Retries[exhaustions];
        return At.Max(PlaceAt(now), (exhaustedAt ?? now) + wait);
    }

    public void Announce(At now, bool free)
    {
        if (spec is null) return;
        if (exhaustedAt is not null) exhaustions++;
        exhaustedAt = null;
        announced.RemoveAll(a => a.At + spec.Per <= now);
        if (!free) announced.Add(new(now, 0));
        untold = !free;
    }

    /// <summary>The intent of that number announces it.</summary>
    public void Tell(long sequence)
    {
        if (untold) announced[^1] = announced[^1] with { Sequence = sequence };
        untold = false;
    }

    /// <summary>Nobody has heard what intents announced from one number to another: no place is spent on it, and none was when the budget was found used up.</summary>
    public void GiveBack(long from, long to)
    {
        // What was spent before a reload took the budget away is kept for one that brings it back.
        if (announced.RemoveAll(a => a.Sequence > 0 && a.Sequence >= from && a.Sequence <= to) == 0 || spec is null) return;
        if (exhaustedAt is { } at && InWindow(at) < spec.Announcements) exhaustedAt = null;
    }

    public void Withdrew() => doublings = spec is null ? 0 : doublings + 1;

    /// <summary>Announced for long: all is well again.</summary>
    public void Reset() => (doublings, exhaustions, exhaustedAt) = (0, 0, null);

    /// <summary>A person has looked: nothing that was announced before counts any more.</summary>
    public void Renew()
    {
        Reset();
        announced.Clear();
        untold = false;
    }

    public void Restore(RouteSnapshot saved)
    {
        (doublings, exhaustions, exhaustedAt) = (saved.Doublings, saved.Exhaustions, saved.ExhaustedAt is { } at ? new At(at) : null);
        // An older version does not know which intent it was: those stay spent.
        for (var i = 0; i < saved.Announced.Length; i++) announced.Add(new(new(saved.Announced[i]), saved.AnnouncedBy.IsDefault || i >= saved.AnnouncedBy.Length ? 0 : saved.AnnouncedBy[i]));
    }

    int InWindow(At now)
    {
        var n = 0;
        foreach (var (at, _) in announced)
            if (at + spec!.Per > now) n++;
        return n;
    }

    /// <summary>When there are fewer announcements in the window than are allowed.</summary>
    At PlaceAt(At now)
    {
        var over = InWindow(now) - spec!.Announcements;
        if (over < 0) return now;
        foreach (var (at, _) in announced)
            if (at + spec.Per > now && over-- == 0) return at + spec.Per;
        return now;
    }
}
