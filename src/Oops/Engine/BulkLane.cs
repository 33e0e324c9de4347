using Oops.Core;

namespace Oops.Engine;

/// <summary>
/// Measurements that wait for the machine, in the order of their subjects' first arrival; per (channel, zone, measure) only the latest stays, at the place of the first. Not thread-safe: <see cref="Lanes"/> holds the gate.
/// </summary>
/// <remarks>
/// A <see cref="ChannelRead"/> keeps its place behind the measurements of its read. One that follows another with nothing new between is merged into it, so that the
/// number that wait is bounded by the number of subjects. What was measured before a channel was lost or reopened, or before its server's incarnation
/// changed, is void: it is skipped by its epoch instead of being searched for.
/// </remarks>
internal sealed class BulkLane
{
    sealed class Slot(Input input, Way way)
    {
        public Input Input = input;
        public readonly Way Way = way;
        public readonly long Epoch = way.Epoch;
    }

    /// <summary>Of one channel.</summary>
    sealed class Way
    {
        /// <summary>What waits from an earlier one is void.</summary>
        public long Epoch;

        /// <summary>The one that came last, while it waits.</summary>
        public Slot? Last;
    }

    const int KeepCapacity = 65_536;

    readonly Queue<Slot> waiting = new();
    readonly Dictionary<(Way Way, string? Zone, Measure Measure), Slot> latest = [];
    readonly Dictionary<string, Way> ways = new(StringComparer.Ordinal);

    /// <summary>How many wait, those that are void by now among them.</summary>
    public int Count => waiting.Count;

    /// <summary>The same, where a piece of a list counts as its zones.</summary>
    public int Weight { get; private set; }

    /// <summary>How many were replaced by a newer one before the machine saw them.</summary>
    public long Merged { get; private set; }

    public void Add(Signal signal)
    {
        if (!ways.TryGetValue(signal.Channel, out var way)) ways.Add(signal.Channel, way = new());
        var key = KeyOf(signal, way);
        if (key is { } k)
        {
            if (latest.TryGetValue(k, out var slot) && slot.Epoch == way.Epoch)
            {
                slot.Input = signal;
                Merged++;
                return;
            }
        }
        else if (signal is ChannelRead && way.Last is { Input: ChannelRead } before && before.Epoch == way.Epoch)
        {
            return;
        }

        var added = new Slot(signal, way);
        if (key is { } fresh) latest[fresh] = added;
        way.Last = added;
        waiting.Enqueue(added);
        Weight += WeightOf(signal);
    }

    /// <summary>What waits of this channel has ended.</summary>
    public void Void(string channel)
    {
        if (ways.TryGetValue(channel, out var way)) way.Epoch++;
    }

    public bool TryTake(out Input? input)
    {
        while (waiting.TryDequeue(out var slot))
        {
            Weight -= WeightOf(slot.Input);
            if (KeyOf((Signal)slot.Input, slot.Way) is { } key && latest.TryGetValue(key, out var known) && known == slot) latest.Remove(key);
            if (slot.Way.Last == slot) slot.Way.Last = null;
            if (slot.Epoch != slot.Way.Epoch) continue;
            input = slot.Input;
            return true;
        }

        if (latest.EnsureCapacity(0) > KeepCapacity)
        {
            latest.TrimExcess();
            waiting.TrimExcess();
        }

        input = null;
        return false;
    }

    static int WeightOf(Input input) => input is ZonesListed listed ? Math.Max(1, listed.Zones.Count) : 1;

    static (Way, string?, Measure)? KeyOf(Signal signal, Way way) => signal switch
    {
        ZoneSignal z => (way, z.Zone, z.Measure),
        ServerSignal s => (way, null, s.Measure),
        _ => null,
    };
}
