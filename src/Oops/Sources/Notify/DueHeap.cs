namespace Oops.Sources.Notify;

/// <summary>Zones by the time they are due; each is in it at most once, so however often a zone is put off nothing is left behind.</summary>
internal sealed class DueHeap
{
    NotifyZone[] zones = new NotifyZone[16];

    public int Count { get; private set; }

    public NotifyZone? First => Count > 0 ? zones[0] : null;

    public void Set(NotifyZone zone, TimeSpan due)
    {
        zone.Due = due;
        if (zone.Place < 0)
        {
            if (Count == zones.Length)
                Array.Resize(ref zones, Count * 2);
            Put(zone, Count++);
        }

        Settle(zone);
    }

    public void Remove(NotifyZone zone)
    {
        if (zone.Place < 0)
            return;
        var place = zone.Place;
        zone.Place = -1;
        var last = zones[--Count];
        zones[Count] = null!;
        if (last == zone)
            return;
        Put(last, place);
        Settle(last);
    }

    void Settle(NotifyZone zone)
    {
        while (zone.Place > 0 && zones[(zone.Place - 1) / 2] is var parent && zone.Due < parent.Due)
            Swap(zone, parent);
        while (Smaller(2 * zone.Place + 1) is { } child && child.Due < zone.Due)
            Swap(zone, child);
    }

    NotifyZone? Smaller(int left)
    {
        if (left >= Count)
            return null;
        return left + 1 < Count && zones[left + 1].Due < zones[left].Due ? zones[left + 1] : zones[left];
    }

    void Swap(NotifyZone a, NotifyZone b)
    {
        var place = a.Place;
        Put(a, b.Place);
        Put(b, place);
    }

    void Put(NotifyZone zone, int place)
    {
        zones[place] = zone;
        zone.Place = place;
    }
}
