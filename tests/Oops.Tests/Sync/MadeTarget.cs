using Oops.Actions.Update;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Tests.Sync;

/// <summary>A target in memory that takes changes as a server takes an UPDATE: record by record in their order (RFC 2136, 3.4.2), and what is not possible is passed over.</summary>
internal sealed class MadeTarget(ZoneVersion zone) : ISyncTarget
{
    public ZoneVersion Zone { get; set; } = zone;

    public string Where => "made";

    public SyncScope Scope { get; init; } = new();

    public DnsType[] Unknown { get; init; } = [];

    public Dictionary<(string, DnsType), string> Own { get; } = [];

    /// <summary>Octets of records in a message.</summary>
    public int Most { get; init; } = 60_000;

    /// <summary>What it says to a read, and to a write; null: it is done.</summary>
    public string? Unread { get; set; }

    public TimeSpan? Pause { get; set; }

    public TargetWriting? Unwritten { get; set; }

    /// <summary>It says yes and does nothing to the changes from that one on.</summary>
    public int Forgets { get; set; } = int.MaxValue;

    public List<IReadOnlyList<UpdateEdit>> Messages { get; } = [];

    public int Writes { get; private set; }

    /// <summary>What is still to be done of a write, and why it is not; null: it is done.</summary>
    public string? Due { get; set; }

    public TargetWriting Finishes { get; set; } = new(null);

    /// <summary>It is through with what is unfinished when that ends.</summary>
    public Task Through { get; set; } = Task.CompletedTask;

    /// <summary>It is cut short when it has taken all.</summary>
    public bool Hangs { get; set; }

    public List<string> Finished { get; } = [];

    public bool Takes(DnsType type) => !Unknown.Contains(type);

    public Task<TargetReading> ReadAsync(DnsName zone, CancellationToken stop) => Task.FromResult(Unread is { } why ? new TargetReading(null, why) { After = Pause } : new TargetReading(new TargetZone(Zone, Own)));

    public async Task<TargetWriting> FinishAsync(DnsName zone, List<string> unfinished, CancellationToken stop)
    {
        Finished.Add(string.Join(' ', unfinished));
        await Through.WaitAsync(stop);
        return Finishes;
    }

    public Task<TargetWriting> WriteAsync(SyncPlan plan, List<string> unfinished, CancellationToken stop)
    {
        Writes++;
        if (Due is { } due)
            unfinished.Add(due);
        if (Unwritten is { } ended)
            return Task.FromResult(ended);
        var records = MadeZone.Records(Zone);
        foreach (var message in UpdateEdits.Messages(plan, Most))
        {
            Messages.Add(message);
            foreach (var edit in message)
            {
                if (Forgets-- > 0)
                    Take(records, edit);
            }
        }

        var next = new ZoneEdit(ZoneVersion.Nothing(Zone.Apex));
        foreach (var (owner, type, ttl, data) in records)
            next.Add(owner, type, ttl, data);
        Zone = next.Seal();
        if (Hangs)
            throw new OperationCanceledException();
        return Task.FromResult(new TargetWriting(null));
    }

    void Take(List<(DnsName Owner, DnsType Type, uint Ttl, byte[] Data)> records, UpdateEdit edit)
    {
        var set = records.FindAll(r => r.Owner == edit.Owner && r.Type == edit.Type);
        var same = records.FindIndex(r => r.Owner == edit.Owner && r.Type == edit.Type && r.Data.AsSpan().SequenceEqual(edit.Data));
        if (edit.Ttl is not { } ttl)
        {
            // The last NS of the zone stays (3.4.2.4).
            if (same >= 0 && !(edit.Type == DnsType.Ns && edit.Owner == Zone.Apex && set.Count == 1))
                records.RemoveAt(same);
            return;
        }

        // A CNAME is alone (3.4.2.2).
        if (records.Exists(r => r.Owner == edit.Owner && r.Type == DnsType.Cname != (edit.Type == DnsType.Cname)))
            return;
        if (same >= 0)
            records.RemoveAt(same);
        records.Add((edit.Owner, edit.Type, ttl, edit.Data));
        for (var i = 0; i < records.Count; i++)
        {
            if (records[i].Owner == edit.Owner && records[i].Type == edit.Type)
                records[i] = records[i] with { Ttl = ttl };
        }
    }
}
