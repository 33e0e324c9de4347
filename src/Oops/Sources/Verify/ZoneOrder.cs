namespace Oops.Sources.Verify;

/// <summary>
/// Zones by a number of theirs that changes, the smallest first. A zone is put in again whenever its number is another one; what it was put in by before is passed over, and taken out when there is as much of that as of zones. One
/// uses it at a time.
/// </summary>
/// <param name="number">Of a zone; <see cref="None"/>: it is not among them now.</param>
internal sealed class ZoneOrder(Func<ZoneCase, long> number)
{
    public const long None = long.MaxValue;

    /// <summary>So many may be void without a look at all.</summary>
    const int Slack = 1000;

    readonly PriorityQueue<ZoneCase, long> queue = new();
    int tidy;

    /// <summary>Entries, void ones too.</summary>
    public int Count => queue.Count;

    /// <summary>Its number is another one.</summary>
    public void Put(ZoneCase zone)
    {
        if (number(zone) is not None and var now)
            queue.Enqueue(zone, now);
        if (queue.Count > (2 * tidy) + Slack)
            Tidy();
    }

    /// <summary>The first; null: there is none.</summary>
    public ZoneCase? First
    {
        get
        {
            while (queue.TryPeek(out var zone, out var then))
            {
                if (number(zone) == then)
                    return zone;
                queue.Dequeue();
            }

            return null;
        }
    }

    void Tidy()
    {
        var present = queue.UnorderedItems.Where(e => number(e.Element) == e.Priority).DistinctBy(static e => e.Element).ToArray();
        queue.Clear();
        queue.EnqueueRange(present);
        tidy = queue.Count;
    }
}
