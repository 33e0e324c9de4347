using System.Runtime.InteropServices;

namespace Oops.Core;

/// <summary>
/// What one channel claims of the zones of its server. All claims of a channel on a zone share one age. Rows stand in the order of
/// their last claim, so the oldest is found, and expires, in O(1). Ending the channel is one increment: rows of an older epoch do not count.
/// </summary>
internal sealed class ZoneRows
{
    public const byte None = 0, Value = 1, Absent = 2;

    [StructLayout(LayoutKind.Sequential)]
    struct Row
    {
        public uint At;
        public int Prev, Next;
        public ushort Epoch;
    }

    readonly uint[]?[] values = new uint[]?[(int)Measure.CsyncNotified + 1];
    readonly byte[]?[] has = new byte[]?[(int)Measure.CsyncNotified + 1];
    Row[] rows = [];
    ushort epoch = 1;
    int head = -1, tail = -1;

    public ZoneRows(IEnumerable<Measure> measures)
    {
        foreach (var measure in measures.Where(Measures.IsOfZone))
        {
            values[(int)measure] = [];
            has[(int)measure] = [];
        }
    }

    public bool Covers(Measure measure) => values[(int)measure] is not null;

    /// <summary>The zone whose claims are the oldest; -1: none.</summary>
    public int Oldest => head;

    /// <summary>The zone that was claimed last; -1: none.</summary>
    public int Newest => tail;

    public bool Lives(int zone) => zone < rows.Length && rows[zone].Epoch == epoch;

    /// <summary>When the zone was last claimed, in tenths of a second since boot.</summary>
    public uint At(int zone) => rows[zone].At;

    public byte Has(int zone, Measure measure) => Lives(zone) && has[(int)measure] is { } h && zone < h.Length ? h[zone] : None;

    public uint Get(int zone, Measure measure) => values[(int)measure]![zone];

    /// <summary>Puts a claim and moves the zone to the end of the order. True if the zone's row was not alive before.</summary>
    public bool Set(int zone, Measure measure, byte kind, uint value, uint at)
    {
        Reserve(zone);
        var fresh = !Lives(zone);
        if (fresh)
        {
            foreach (var column in has)
                if (column is not null) column[zone] = None;
        }
        else
            Unlink(zone);
        ref var row = ref rows[zone];
        row.At = at;
        row.Epoch = epoch;
        row.Prev = tail;
        row.Next = -1;
        if (tail >= 0) rows[tail].Next = zone;
        else head = zone;
        tail = zone;
        values[(int)measure]![zone] = value;
        has[(int)measure]![zone] = kind;
        return fresh;
    }

    /// <summary>Ends the claims on one zone.</summary>
    public void End(int zone)
    {
        Unlink(zone);
        rows[zone].Epoch = 0;
    }

    /// <summary>Ends the claims on all zones.</summary>
    public void EndAll()
    {
        head = tail = -1;
        if (++epoch != 0) return;
        // The count of epochs is used up: none of the old rows may look alive again.
        Array.Clear(rows);
        epoch = 1;
    }

    void Unlink(int zone)
    {
        var (prev, next) = (rows[zone].Prev, rows[zone].Next);
        if (prev >= 0) rows[prev].Next = next;
        else head = next;
        if (next >= 0) rows[next].Prev = prev;
        else tail = prev;
    }

    void Reserve(int zone)
    {
        if (zone < rows.Length) return;
        var size = ZoneTable.Grown(rows.Length, zone);
        Array.Resize(ref rows, size);
        for (var m = 0; m < values.Length; m++)
        {
            if (values[m] is null) continue;
            Array.Resize(ref values[m], size);
            Array.Resize(ref has[m], size);
        }
    }
}
