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
    sealed class Slot(Input input, string channel, long epoch)
    {
        public Input Input = input;
        public readonly string Channel = channel;
        public readonly long Epoch = epoch;
    }

    const int KeepCapacity = 65_536;

    readonly Queue<Slot> waiting = new();
    readonly Dictionary<(string Channel, string? Zone, Measure Measure), Slot> latest = [];
    readonly Dictionary<string, long> epochs = new(StringComparer.Ordinal);
    readonly Dictionary<string, Slot> last = new(StringComparer.Ordinal);

    /// <summary>How many wait, those that are void by now among them.</summary>
    public int Count => waiting.Count;

    /// <summary>The same, where a piece of a list counts as its zones.</summary>
    public int Weight { get; private set; }

    /// <summary>How many were replaced by a newer one before the machine saw them.</summary>
    public long Merged { get; private set; }

    public void Add(Signal signal)
    {
        var key = KeyOf(signal);
        var epoch = epochs.GetValueOrDefault(signal.Channel);
        if (key is { } k)
        {
            if (latest.TryGetValue(k, out var slot) && slot.Epoch == epoch)
            {
                slot.Input = signal;
                Merged++;
                return;
            }
        }
        else if (signal is ChannelRead && last.TryGetValue(signal.Channel, out var before) && before.Epoch == epoch && before.Input is ChannelRead)
        {
            return;
        }

        var added = new Slot(signal, signal.Channel, epoch);
        if (key is { } fresh) latest[fresh] = added;
        last[signal.Channel] = added;
        waiting.Enqueue(added);
        Weight += WeightOf(signal);
    }

    /// <summary>What waits of this channel has ended.</summary>
    public void Void(string channel) => epochs[channel] = epochs.GetValueOrDefault(channel) + 1;

    public bool TryTake(out Input? input)
    {
        while (waiting.TryDequeue(out var slot))
        {
            Weight -= WeightOf(slot.Input);
            if (KeyOf((Signal)slot.Input) is { } key && latest.TryGetValue(key, out var known) && known == slot) latest.Remove(key);
            if (last.TryGetValue(slot.Channel, out var tail) && tail == slot) last.Remove(slot.Channel);
            if (slot.Epoch != epochs.GetValueOrDefault(slot.Channel)) continue;
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

    static (string, string?, Measure)? KeyOf(Signal signal) => signal switch
    {
        ZoneSignal z => (z.Channel, z.Zone, z.Measure),
        ServerSignal s => (s.Channel, null, s.Measure),
        _ => null,
    };
}
