namespace Oops.Core;

/// <summary>A level of zones (zone-updated, keys-changed, cds-wants-change): the value that rules saw last. Fires on each new value; the first ever does not fire.</summary>
internal sealed class ZoneLevel(KindSpec spec, uint channels)
{
    readonly Column<uint> seen = new();
    readonly Column<bool> has = new();

    public KindSpec Spec => spec;

    public Measure Measure => ZoneCondition.MeasureOf(spec.Kind);

    /// <summary>References speak of somebody else's zone.</summary>
    public bool Hears(int channel) => (channels >> channel & 1) != 0;

    public uint? Seen(int zone) => has[zone] ? seen[zone] : null;

    public void Restore(int zone, uint value)
    {
        seen.Set(zone, value);
        has.Set(zone, true);
    }

    /// <summary>
    /// Only a channel's own change is news. A slow read that repeats what its channel said before must not undo what a faster channel
    /// told meanwhile (a probe's answer that was under way while the bus announced the next serial).
    /// </summary>
    public void Take(int zone, uint? before, uint now, List<ZoneNews> news)
    {
        if (before == now && has[zone]) return;
        if (has[zone] && seen[zone] == now) return;
        if (Measure == Measure.CdsWanted && now == 0)
        {
            // Nothing is wanted any more. The same may be wanted again, and is news then.
            Restore(zone, now);
            return;
        }

        // A serial was there before we came; a NOTIFY(CDS) is an event, and the first one is as good as any; what is wanted now nobody has done yet.
        var first = !has[zone] && Measure is not (Measure.CdsNotified or Measure.CsyncNotified or Measure.CdsWanted);
        news.Add(new(zone, null, State.Unknown, State.Met, this, seen[zone], now, first));
        Restore(zone, now);
    }
}
