namespace Oops.Core;

/// <summary>
/// What one channel claims of the zones of its server. All claims of a channel on a zone share one age. Ending the channel is one increment:
/// rows of an older epoch do not count. A claim that is repeated touches one row and one value: when it expires is looked up only when it may have.
/// </summary>
internal sealed class ZoneRows
{
    public const byte None = 0, Value = 1, Absent = 2;

    /// <summary>Two bits for each of them in a row, which is eight bytes for each of a million zones.</summary>
    const int MostMeasures = 8;

    /// <summary>Kinds of the claims: two bits for each measure of zones that the channel covers, in the order in which it names them.</summary>
    struct Row
    {
        public uint At;
        public ushort Epoch;
        public ushort Kinds;
    }

    readonly Column<uint>?[] values = new Column<uint>?[Measures.Count];
    readonly int[] shifts = new int[Measures.Count];
    readonly uint validity;

    /// <summary>Each living row once, by a time at which it may expire; later claims move that time, and it is found when this one comes.</summary>
    readonly PriorityQueue<int, uint> ends = new();
    Column<Row> rows = new();
    ushort epoch = 1;
    uint latest;

    /// <param name="measures">What the channel covers.</param>
    /// <param name="validity">Tenths of a second; <see cref="uint.MaxValue"/>: for ever.</param>
    public ZoneRows(IEnumerable<Measure> measures, uint validity)
    {
        this.validity = validity;
        // What it does not cover is where no bit is ever set.
        Array.Fill(shifts, MostMeasures * 2);
        foreach (var measure in measures.Where(Measures.IsOfZone).Distinct())
        {
            shifts[(int)measure] = values.Count(v => v is not null) * 2;
            values[(int)measure] = new();
        }
        if (values.Count(v => v is not null) > MostMeasures) throw new ArgumentException($"a channel covers at most {MostMeasures} measures of zones", nameof(measures));
    }

    public bool Covers(Measure measure) => values[(int)measure] is not null;

    public bool Lives(int zone) => rows[zone].Epoch == epoch;

    /// <summary>When the zone was last claimed, in tenths of a second since boot.</summary>
    public uint At(int zone) => rows[zone].At;

    /// <summary>When the zone's claims expire; null: it has none, or they never do.</summary>
    public uint? EndOf(int zone, uint renewed) => Lives(zone) && validity != uint.MaxValue ? Math.Max(rows[zone].At, renewed) + validity : null;

    public byte Has(int zone, Measure measure) => Lives(zone) ? (byte)(rows[zone].Kinds >> shifts[(int)measure] & 3) : None;

    public uint Get(int zone, Measure measure) => values[(int)measure]?[zone] ?? 0;

    /// <summary>Puts a claim.</summary>
    public void Set(int zone, Measure measure, byte kind, uint value, uint at)
    {
        ref var row = ref rows.At(zone);
        latest = at;
        if (row.Epoch != epoch)
        {
            (row.Epoch, row.Kinds) = (epoch, 0);
            if (validity != uint.MaxValue) ends.Enqueue(zone, at + validity);
        }
        row.At = at;
        var shift = shifts[(int)measure];
        row.Kinds = (ushort)((row.Kinds & ~(3 << shift)) | kind << shift);
        // A channel that says nothing but zeros of a measure needs no memory for it.
        values[(int)measure]!.Set(zone, value);
    }

    /// <summary>When the next claim may expire; null: none will.</summary>
    public uint? NextEnd => ends.TryPeek(out _, out var when) ? when : null;

    /// <summary>Even the newest claim has expired.</summary>
    public bool AllEnded(uint renewed, uint at) => ends.Count > 0 && Math.Max(latest, renewed) + validity <= at;

    /// <summary>Ends the claims on one zone that has expired, and says which; -1: none has.</summary>
    public int EndNext(uint renewed, uint at)
    {
        while (ends.TryPeek(out var zone, out var when) && when <= at)
        {
            var due = Math.Max(rows[zone].At, renewed) + validity;
            if (due <= at)
            {
                ends.Dequeue();
                rows.At(zone).Epoch = 0;
                return zone;
            }
            ends.DequeueEnqueue(zone, due);
        }
        return -1;
    }

    /// <summary>Ends the claims on all zones.</summary>
    public void EndAll()
    {
        ends.Clear();
        if (++epoch != 0) return;
        // The count of epochs is used up: none of the old rows may look alive again.
        (rows, epoch) = (new(), 1);
    }
}
