using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Sources.Keys;

/// <summary>What an address has as the serial of a zone.</summary>
internal readonly record struct ReadSerial(WatchedZone Zone, string Address, uint Serial);

/// <summary>Reads the serials of all zones, piece by piece. An address that has answered for none of a piece is not asked for the next one.</summary>
internal sealed class SerialSweep(KeysTarget target, TimeProvider time)
{
    readonly DnsAsker asker = new(time);
    readonly Queue<WatchedZone[]> left = [];
    readonly HashSet<string> silent = new(StringComparer.Ordinal);
    WatchedZone[] piece = [];
    Task<List<ReadSerial>>? reading;

    public bool IsRunning => reading is not null;

    /// <summary>The piece that is being read.</summary>
    public Task Reading => reading ?? Task.CompletedTask;

    public void Begin(IEnumerable<WatchedZone> zones, CancellationToken stop)
    {
        silent.Clear();
        foreach (var group in zones.Chunk(DnsAsker.MaxZones)) left.Enqueue(group);
        Next(stop);
    }

    /// <summary>The zones of the piece that was read, and what was heard of them; the next one is begun.</summary>
    public async Task<(IReadOnlyList<WatchedZone> Zones, IReadOnlyList<ReadSerial> Serials)> TakeAsync(CancellationToken stop)
    {
        var read = (piece, reading is null ? [] : await reading.ConfigureAwait(false));
        Next(stop);
        return read;
    }

    void Next(CancellationToken stop)
    {
        reading = left.TryDequeue(out var next) ? ReadAsync(piece = next, stop) : null;
    }

    async Task<List<ReadSerial>> ReadAsync(WatchedZone[] zones, CancellationToken stop)
    {
        var options = new AskOptions { Query = SoaQueryOptions.None, Timeout = target.Timeout };
        var names = zones.Select(z => z.Zone).ToArray();
        List<ReadSerial> read = [];
        foreach (var address in target.Addresses.Where(a => !silent.Contains(a.Text)))
        {
            var answers = await asker.AskAsync(address.Where, names, options, stop).ConfigureAwait(false);
            if (answers.All(a => a.Outcome != AskOutcome.Answered)) silent.Add(address.Text);
            for (var i = 0; i < zones.Length; i++)
                if (answers[i].Answer.Soa is { } soa) read.Add(new(zones[i], address.Text, soa.Serial));
        }

        return read;
    }
}
