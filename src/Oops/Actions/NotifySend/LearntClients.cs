using System.Globalization;
using System.Net;
using System.Text;
using Oops.Engine;
using Oops.Wire.Dns;

namespace Oops.Actions.NotifySend;

/// <summary>Who transfers which zone: so many at most, each for so long after its last transfer. What is too much takes the place of who was seen longest ago. Thread-safe.</summary>
internal sealed class LearntClients(TimeSpan keep, int most, TimeProvider time)
{
    /// <summary>Of a zone: the last that were seen.</summary>
    public const int MostPerZone = 1000;

    /// <summary>A file of the most there can be has fewer octets.</summary>
    const long LargestFile = 64 * 1024 * 1024;

    readonly Lock gate = new();

    // In the order in which they were seen last.
    readonly LinkedList<Seen> order = new();
    readonly Dictionary<(string Zone, IPAddress Client), LinkedListNode<Seen>> all = [];
    bool changed;

    readonly record struct Seen(string Zone, IPAddress Client, DateTimeOffset At);

    public int Count
    {
        get
        {
            lock (gate)
            {
                Forget();
                return all.Count;
            }
        }
    }

    /// <summary>Something would be lost if it were not written now. Asked for once, it is not so until the next change.</summary>
    public bool TakeChanged()
    {
        lock (gate)
        {
            var was = changed;
            changed = false;
            return was;
        }
    }

    public void Take(TransferSeen seen)
    {
        var client = seen.Client.IsIPv4MappedToIPv6 ? seen.Client.MapToIPv4() : seen.Client;
        lock (gate)
        {
            if (all.Remove((seen.Zone, client), out var known)) order.Remove(known);
            if (!seen.Refused) Add(new(seen.Zone, client, time.GetUtcNow()));
            // A transfer each hour changes nothing that a restart could lose, but a new face does.
            changed |= known is null != seen.Refused || (known is not null && time.GetUtcNow() - known.Value.At > keep / 16);
        }
    }

    /// <summary>Who transferred the zone.</summary>
    public IReadOnlyList<IPAddress> Of(string zone)
    {
        lock (gate)
        {
            Forget();
            return [.. order.Where(s => s.Zone == zone).TakeLast(MostPerZone).Select(static s => s.Client)];
        }
    }

    /// <summary>A line for each: zone, address, seconds since 1970; the one seen longest ago first.</summary>
    public byte[] Write()
    {
        var text = new StringBuilder();
        lock (gate)
        {
            Forget();
            foreach (var (zone, client, at) in order)
                text.Append(CultureInfo.InvariantCulture, $"{zone} {client} {at.ToUnixTimeSeconds()}\n");
        }

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

            Forget();
        }
    }

    void Add(Seen seen)
    {
        all[(seen.Zone, seen.Client)] = order.AddLast(seen);
        if (all.Count > most) Drop(order.First!);
    }

    void Forget()
    {
        var oldest = time.GetUtcNow() - keep;
        while (order.First is { } first && first.Value.At < oldest) Drop(first);
    }

    void Drop(LinkedListNode<Seen> node)
    {
        order.Remove(node);
        all.Remove((node.Value.Zone, node.Value.Client));
    }
}
