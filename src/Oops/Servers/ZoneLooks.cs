using Oops.Core;

namespace Oops.Servers;

/// <summary>Which zones are to be looked at before the next complete read, and when.</summary>
/// <param name="interval">Between two complete reads.</param>
internal sealed class ZoneLooks(TimeSpan interval)
{
    public static readonly TimeSpan Soonest = TimeSpan.FromSeconds(1);

    /// <summary>What should have happened by a time is looked at so long after it.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(500);

    readonly PriorityQueue<int, At> queue = new();
    readonly Dictionary<int, At> planned = [];

    /// <summary>When the next one is due; Never: none is planned.</summary>
    public At Next => queue.TryPeek(out _, out var at) ? at : At.Never;

    public void Plan(int zone, At at, At now)
    {
        at = At.Max(at, now + Soonest);
        // One entry for each zone: one that is early does no harm.
        if ((planned.TryGetValue(zone, out var before) && before > now && before <= at) || at - now >= interval) return;
        planned[zone] = at;
        queue.Enqueue(zone, at);
    }

    public void Cancel(int zone)
    {
        if (planned.Count > 0) planned.Remove(zone);
    }

    public void Clear()
    {
        queue.Clear();
        planned.Clear();
    }

    /// <summary>Zones have other numbers from now on.</summary>
    /// <param name="before">By number, the one before.</param>
    public void Renumber(IReadOnlyList<int> before)
    {
        var looks = new Dictionary<int, At>(planned);
        Clear();
        for (var zone = 0; zone < before.Count; zone++)
        {
            if (!looks.TryGetValue(before[zone], out var at)) continue;
            planned[zone] = at;
            queue.Enqueue(zone, at);
        }
    }

    /// <summary>It was looked at just now: what was due is done.</summary>
    public void Looked(int zone, At now)
    {
        if (planned.TryGetValue(zone, out var at) && at <= now) planned.Remove(zone);
    }

    /// <summary>The zones whose time has come, at most so many.</summary>
    public List<int> Due(At now, int most)
    {
        List<int> due = [];
        while (due.Count < most && queue.TryPeek(out var zone, out var at) && at <= now)
        {
            queue.Dequeue();
            // An entry that was overtaken by a later answer is passed over.
            if (planned.TryGetValue(zone, out var wanted) && wanted == at && planned.Remove(zone)) due.Add(zone);
        }

        return due;
    }
}
