using System.Runtime.CompilerServices;

namespace Oops.Reports;

/// <summary>
/// The reports that came most, in memory of a fixed size. When it is full, a new one takes the place of the rarest of a few that chance picks, and only if it came more often of late: what comes once does not drive out what comes
/// again and again, in whatever number. Rows and names lie in arrays that are made once.
/// </summary>
internal sealed class ReportTable
{
    /// <summary>A name without its final zero, and a label of types.</summary>
    const int MostOctets = 254 + 63;

    const int Sample = 8;

    const long Minute = 60_000;

    /// <summary>What did not come for more minutes than that gives way to anything.</summary>
    const int Stale = 60;

    readonly ReportRow[] rows;
    readonly Standing[] standings;
    readonly byte[] octets;
    readonly int[] index;
    readonly int mask;
    readonly FrequencySketch sketch = new();
    readonly Queue<int> changed = new();
    ulong dice = 0x9E3779B97F4A7C15;

    /// <param name="capacity">Rows, a power of two.</param>
    public ReportTable(int capacity)
    {
        (rows, standings, octets, index) = (new ReportRow[capacity], new Standing[capacity], new byte[capacity * MostOctets], new int[capacity * 2]);
        mask = index.Length - 1;
        changed.EnsureCapacity(capacity);
    }

    public int Count { get; private set; }

    /// <summary>Rows whose place was taken by others.</summary>
    public long Displaced { get; private set; }

    /// <summary>Reports of these that had not been told yet.</summary>
    public long Forgotten { get; private set; }

    /// <summary>The row's place; -1: it has none, and gets none.</summary>
    /// <param name="hash">Of all of it, by a key that nobody outside knows.</param>
    /// <param name="labels">The name, without its final zero.</param>
    /// <param name="zoneLength">Octets of its zone, at its end; <see cref="ReportRow.NoZone"/>: none is known.</param>
    /// <param name="types">As they are written.</param>
    /// <param name="code">INFO-CODE.</param>
    /// <param name="agent">The agent domain's place.</param>
    /// <param name="now">Milliseconds since 1970.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Place(ulong hash, ReadOnlySpan<byte> labels, int zoneLength, ReadOnlySpan<byte> types, ushort code, int agent, long now)
    {
        for (var at = index[(int)hash & mask]; at != 0; at = rows[at - 1].Next)
        {
            ref var row = ref rows[at - 1];
            if (row.Hash == hash && row.Code == code && row.Agent == agent && Name(at - 1).SequenceEqual(labels) && Types(at - 1).SequenceEqual(types))
            {
                sketch.Add(hash);
                standings[at - 1].Rise();
                return at - 1;
            }
        }

        var often = sketch.Add(hash);
        var place = Count < rows.Length ? Count++ : MakeRoom(often, now);
        if (place < 0) return -1;
        Fill(place, hash, labels, zoneLength, types, code, agent);
        standings[place].Rank = often;
        return place;
    }

    public ref ReportRow this[int place] => ref rows[place];

    /// <summary>Labels in wire form without the final zero.</summary>
    public ReadOnlySpan<byte> Name(int place) => octets.AsSpan(place * MostOctets, rows[place].NameLength);

    public ReadOnlySpan<byte> Types(int place) => octets.AsSpan((place * MostOctets) + rows[place].NameLength, rows[place].TypesLength);

    /// <summary>The row has news.</summary>
    /// <param name="now">Milliseconds since 1970.</param>
    public void Touch(int place, long now)
    {
        ref var row = ref rows[place];
        row.Last = now;
        standings[place].Minute = (int)(now / Minute);
        if (row.Changed) return;
        row.Changed = true;
        changed.Enqueue(place);
    }

    /// <summary>Takes a row with news off the list.</summary>
    public bool TryNext(out int place)
    {
        if (!changed.TryDequeue(out place)) return false;
        rows[place].Changed = false;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Fill(int place, ulong hash, ReadOnlySpan<byte> labels, int zoneLength, ReadOnlySpan<byte> types, ushort code, int agent)
    {
        // On the list of news under its old name it stays: who reads it finds the new one.
        var told = rows[place].Changed;
        ref var first = ref index[(int)hash & mask];
        rows[place] = new ReportRow { Hash = hash, Next = first, NameLength = (byte)labels.Length, ZoneLength = (byte)zoneLength, TypesLength = (byte)types.Length, Code = code, Agent = (byte)agent, Changed = told };
        first = place + 1;
        var to = octets.AsSpan(place * MostOctets, MostOctets);
        labels.CopyTo(to);
        types.CopyTo(to[labels.Length..]);
    }

    /// <summary>The place of the rarest of a few; -1: even that came more often.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    int MakeRoom(int often, long now)
    {
        var (rarest, least) = (-1, int.MaxValue);
        for (var i = 0; i < Sample; i++)
        {
            // xorshift64: which rows are looked at need not be secret, only spread.
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            var at = (int)(dice >> 32) & (rows.Length - 1);
            var rank = now / Minute - standings[at].Minute > Stale ? 0 : standings[at].Rank;
            if (rank < least) (rarest, least) = (at, rank);
        }
        // Of two that came as often the newer one stays.
        if (least > often) return -1;
        Displaced++;
        Forgotten += rows[rarest].Count - rows[rarest].ToldCount;
        ref var link = ref index[(int)rows[rarest].Hash & mask];
        while (link != rarest + 1) link = ref rows[link - 1].Next;
        link = rows[rarest].Next;
        return rarest;
    }

    /// <summary>Who is to stay: by itself, since eight of them are looked at for one that gives way.</summary>
    struct Standing
    {
        /// <summary>How often, by what the table knew of it before, too.</summary>
        public int Rank;

        /// <summary>When it came last, in minutes since 1970.</summary>
        public int Minute;

        public void Rise()
        {
            if (Rank < int.MaxValue) Rank++;
        }
    }
}
