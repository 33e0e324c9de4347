using System.Collections.Concurrent;
using Oops.Core;

namespace Oops.Engine;

/// <summary>What was said to have been shed, by where: the machine hears of it, and so does everybody who asks here. A tap of the engine.</summary>
internal sealed class ShedCounts
{
    /// <summary>Places are few and fixed; beyond it they are counted as one.</summary>
    const int MostPlaces = 100;

    readonly ConcurrentDictionary<string, long> places = new(StringComparer.Ordinal);

    public IReadOnlyList<(string Where, long Count)> All => [.. places.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, p.Value))];

    public void Record(Moment now, Input input, IReadOnlyList<Effect> effects)
    {
        // A pause is a time, and what the bulk lane merged has a count of its own.
        if (input is not Shed shed || shed.Where is Shed.OwnPause or Shed.BulkLane) return;
        var where = places.ContainsKey(shed.Where) || places.Count < MostPlaces ? shed.Where : "elsewhere";
        places.AddOrUpdate(where, shed.Count, (_, before) => before + shed.Count);
    }
}
