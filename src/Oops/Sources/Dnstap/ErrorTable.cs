using System.Text;
using Oops.Core;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Sources.Dnstap;

/// <summary>
/// Counts Extended DNS Errors by INFO-CODE, all connections of a source together. The codes of the registry (below <see cref="Certain"/>) always have a place; as many others share the rest, and give theirs up
/// when they have not occurred for a window. Bounded: a first occurrence of a code may allocate its names, and nothing else does.
/// </summary>
internal sealed class ErrorTable
{
    /// <summary>Codes below this are always told apart.</summary>
    public const int Certain = 64;

    const int Others = 64;
    const int Places = Certain + Others;
    const int MostNames = 3;
    const int MostText = 80;

    sealed class Place
    {
        public readonly TopNames Names = new();
        public readonly byte[] Text = new byte[MostText];
        public int TextLength;
    }

    readonly Lock gate = new();
    readonly ushort[] codes = new ushort[Places];
    readonly bool[] taken = new bool[Places];
    readonly long[] totals = new long[Places + 1];
    readonly Place?[] places = new Place?[Places];
    readonly long[][] ring;
    int ticks;

    /// <param name="buckets">How many ticks a window has.</param>
    public ErrorTable(int buckets)
    {
        ring = new long[buckets][];
        for (var i = 0; i < buckets; i++) ring[i] = new long[Places + 1];
    }

    /// <summary>Any thread.</summary>
    /// <param name="code">INFO-CODE.</param>
    /// <param name="name">The name that was asked for; the default value: not known.</param>
    /// <param name="text">EXTRA-TEXT.</param>
    public void Add(ushort code, in DnsName name, ReadOnlySpan<byte> text)
    {
        lock (gate)
        {
            var at = Find(code);
            totals[at]++;
            if (at == Places) return;
            var place = places[at] ??= new();
            if (!name.Wire.IsEmpty) place.Names.Add(name);
            if (text.IsEmpty) return;
            place.TextLength = Math.Min(text.Length, MostText);
            text[..place.TextLength].CopyTo(place.Text);
        }
    }

    /// <summary>All begins anew.</summary>
    public void Reset()
    {
        lock (gate)
        {
            Array.Clear(totals);
            Array.Clear(taken);
            Array.Clear(places);
            foreach (var row in ring) Array.Clear(row);
            ticks = 0;
        }
    }

    /// <summary>
    /// Ends a bucket. What occurred within the window, per second of it; null while no whole window has passed. <paramref name="scale"/>: more than 1 where frames were shed, and those that were looked at
    /// stand for them.
    /// </summary>
    public ErrorRates? Tick(string channel, double seconds, double scale)
    {
        lock (gate)
        {
            ticks++;
            var row = ring[ticks % ring.Length];
            var whole = ticks >= ring.Length;
            if (ticks % ring.Length == 0)
                foreach (var place in places) place?.Names.Age();
            // The oldest row was taken a window ago: what has been added since is what the window has.
            List<ErrorRate> found = [];
            for (var i = 0; whole && i < Places; i++)
            {
                var count = totals[i] - row[i];
                if (count > 0) found.Add(new(codes[i], Rounded(count * scale / seconds), Words(places[i])));
                else if (i >= Certain && taken[i]) Free(i);
            }

            var rest = whole ? Rounded((totals[Places] - row[Places]) * scale / seconds) : 0;
            totals.CopyTo(row, 0);
            if (!whole) return null;
            if (found.Count > ErrorRates.Most)
            {
                found.Sort((a, b) => b.PerSecond.CompareTo(a.PerSecond));
                rest = Rounded(rest + found.Skip(ErrorRates.Most).Sum(r => r.PerSecond));
                found.RemoveRange(ErrorRates.Most, found.Count - ErrorRates.Most);
            }

            return new(channel, [.. found.OrderBy(r => r.Code)], rest);
        }
    }

    int Find(ushort code)
    {
        if (code < Certain)
        {
            codes[code] = code;
            return code;
        }

        var free = Places;
        for (var i = Certain; i < Places; i++)
        {
            if (taken[i] && codes[i] == code) return i;
            if (!taken[i] && free == Places) free = i;
        }

        if (free == Places) return free;
        (codes[free], taken[free]) = (code, true);
        return free;
    }

    void Free(int place)
    {
        (taken[place], places[place]) = (false, null);
        // Its next owner begins with nothing in any row.
        totals[place] = 0;
        foreach (var row in ring) row[place] = 0;
    }

    static double Rounded(double value) => Math.Round(value, 3);

    static string? Words(Place? place)
    {
        if (place is null) return null;
        var words = string.Join(", ", place.Names.Most(MostNames));
        if (place.TextLength > 0) words += $"{(words.Length > 0 ? " " : "")}\"{OutputTail.Printable(Encoding.UTF8.GetString(place.Text, 0, place.TextLength))}\"";
        return words.Length > 0 ? words : null;
    }
}
