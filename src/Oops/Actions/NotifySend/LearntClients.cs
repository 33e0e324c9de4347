using System.Globalization;
using System.Net;
using System.Text;
using Oops.Engine;
using Oops.Wire.Dns;

namespace Oops.Actions.NotifySend;

/// <summary>
/// Who transfers which zone: so many at most, each for so long after its last transfer. What is too much takes the place of who was seen longest ago; but while there is no room only who has not been refused for a moment: else anybody who asks
/// from many addresses drives out those who may. Thread-safe.
/// </summary>
internal sealed class LearntClients(TimeSpan keep, int most, TimeProvider time)
{
    /// <summary>Of a zone: the last that were seen.</summary>
    public const int MostPerZone = 1000;

    /// <summary>A file of the most there can be has fewer octets.</summary>
    const long LargestFile = 64 * 1024 * 1024;

    /// <summary>Those who are new and for whom there is no room.</summary>
    const int MostWaiting = 1000;

    /// <summary>A refusal comes right after its query.</summary>
    static readonly TimeSpan Trial = TimeSpan.FromSeconds(10);

    readonly Lock gate = new();

    // All of these in the order in which they were seen last.
    readonly LinkedList<Seen> order = new();
    readonly Dictionary<string, LinkedList<Seen>> zones = new(StringComparer.Ordinal);
    readonly LinkedList<Seen> waiting = new();

    readonly Dictionary<(string Zone, IPAddress Client), Known> all = [];
    readonly Dictionary<(string Zone, IPAddress Client), LinkedListNode<Seen>> trials = [];
    bool changed;

    readonly record struct Seen(string Zone, IPAddress Client, DateTimeOffset At)
    {
        public (string, IPAddress) Key => (Zone, Client);
    }

    readonly record struct Known(LinkedListNode<Seen> InOrder, LinkedListNode<Seen> InZone);

    public int Count
    {
        get
        {
            lock (gate)
            {
                Tidy();
                return all.Count;
            }
        }
    }

    /// <summary>Something would be lost if it were not written now. Asked for once, it is not so until the next change.</summary>
    public bool TakeChanged()
    {
        lock (gate)
        {
            Tidy();
            var was = changed;
            changed = false;
            return was;
        }
    }

    /// <summary>What <see cref="TakeChanged"/> told could not be written.</summary>
    public void NotWritten()
    {
        lock (gate)
            changed = true;
    }

    public void Take(TransferSeen seen)
    {
        var client = seen.Client.IsIPv4MappedToIPv6 ? seen.Client.MapToIPv4() : seen.Client;
        var now = new Seen(seen.Zone, client, time.GetUtcNow());
        lock (gate)
        {
            Tidy();
            // Nobody is in both: who waits and comes again while there is no room goes on waiting.
            if ((seen.Refused || all.Count < most) && trials.Remove(now.Key, out var trial))
                waiting.Remove(trial);
            if (all.TryGetValue(now.Key, out var known))
            {
                Drop(known.InOrder);
                // A transfer each hour changes nothing that a restart could lose, but a new face does.
                changed |= seen.Refused || now.At - known.InOrder.Value.At > keep / 16;
                if (!seen.Refused)
                    Add(now);
            }
            else if (seen.Refused)
            {
                return;
            }
            else if (all.Count < most)
            {
                Add(now);
                changed = true;
            }
            else if (!trials.ContainsKey(now.Key))
            {
                trials.Add(now.Key, waiting.AddLast(now));
                if (waiting.Count > MostWaiting)
                    EndTrial();
            }
        }
    }

    /// <summary>Who transferred the zone.</summary>
    public IReadOnlyList<IPAddress> Of(string zone)
    {
        lock (gate)
        {
            Tidy();
            var clients = new List<IPAddress>();
            for (var node = zones.GetValueOrDefault(zone)?.Last; node is not null && clients.Count < MostPerZone; node = node.Previous)
                clients.Add(node.Value.Client);
            clients.Reverse();
            return clients;
        }
    }

    /// <summary>A line for each: zone, address, seconds since 1970; the one seen longest ago first.</summary>
    public byte[] Write()
    {
        Seen[] now;
        lock (gate)
        {
            Tidy();
            now = [.. order];
        }

        var text = new StringBuilder();
        foreach (var (zone, client, at) in now)
            text.Append(CultureInfo.InvariantCulture, $"{zone} {client} {at.ToUnixTimeSeconds()}\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Takes what was written, before anything that is seen. What is not such a line is passed over: the worst is that somebody is learnt again.</summary>
    public void Read(Stream file)
    {
        if (file.Length > LargestFile) return;
        using var reader = new StreamReader(file);
        var now = time.GetUtcNow();
        lock (gate)
        {
            while (reader.ReadLine() is { } line)
            {
                if (line.Split(' ') is not [var word, var address, var seconds] || !DnsName.TryParse(word, out var zone) || !IPAddress.TryParse(address, out var client) ||
                    !long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var at) || at > now.ToUnixTimeSeconds() || all.ContainsKey((zone.ToString(), client)))
                    continue;
                Add(new(zone.ToString(), client, DateTimeOffset.FromUnixTimeSeconds(at)));
            }

            Tidy();
        }
    }

    void Add(Seen seen)
    {
        if (!zones.TryGetValue(seen.Zone, out var zone))
            zones.Add(seen.Zone, zone = new());
        all.Add(seen.Key, new(order.AddLast(seen), zone.AddLast(seen)));
        if (all.Count > most)
            Drop(order.First!);
    }

    /// <summary>Takes in who has waited long enough, and forgets who was not seen for long.</summary>
    void Tidy()
    {
        var now = time.GetUtcNow();
        while (waiting.First is { } first && first.Value.At <= now - Trial)
        {
            var seen = first.Value;
            EndTrial();
            Add(seen);
            changed = true;
        }

        while (order.First is { } first && first.Value.At < now - keep)
            Drop(first);
    }

    void EndTrial()
    {
        trials.Remove(waiting.First!.Value.Key);
        waiting.RemoveFirst();
    }

    void Drop(LinkedListNode<Seen> inOrder)
    {
        var seen = inOrder.Value;
        order.Remove(inOrder);
        all.Remove(seen.Key, out var known);
        var zone = zones[seen.Zone];
        zone.Remove(known.InZone);
        if (zone.Count == 0)
            zones.Remove(seen.Zone);
    }
}
