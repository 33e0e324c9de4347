namespace Oops.Sources.Notify;

/// <summary>Zones by the time they are due; each is in it at most once, so however often a zone is put off nothing is left behind.</summary>
internal sealed class DueHeap
{
    private NotifyZone[] _zones = new NotifyZone[16];

    public int Count { get; private set; }

    public NotifyZone? First => Count > 0 ? _zones[0] : null;

    public void Set(NotifyZone zone, TimeSpan due)
    {
        zone.Due = due;
        if (zone.Place < 0)
        {
            if (Count == _zones.Length)
                Array.Resize(ref _zones, Count * 2);
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
        var last = _zones[--Count];
        _zones[Count] = null!;
        if (last == zone)
            return;
        Put(last, place);
        Settle(last);
    }

    private void Settle(NotifyZone zone)
    {
        while (zone.Place > 0 && _zones[(zone.Place - 1) / 2] is var parent && zone.Due < parent.Due)
            Swap(zone, parent);
        while (Smaller(2 * zone.Place + 1) is { } child && child.Due < zone.Due)
            Swap(zone, child);
    }

    private NotifyZone? Smaller(int left)
    {
        if (left >= Count)
            return null;
        return left + 1 < Count && _zones[left + 1].Due < _zones[left].Due ? _zones[left + 1] : _zones[left];
    }

    private void Swap(NotifyZone a, NotifyZone b)
    {
        var place = a.Place;
        Put(a, b.Place);
        Put(b, place);
    }

    private void Put(NotifyZone zone, int place)
    {
        _zones[place] = zone;
        zone.Place = place;
    }
}
