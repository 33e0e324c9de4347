namespace Oops.Core;

internal sealed partial class ZoneTable
{
    public void RestoreLevel(LevelSnapshot saved)
    {
        var level = levels.FirstOrDefault(l => l.Spec.Name == saved.Condition);
        var condition = conditions.FirstOrDefault(c => c.Watched && c.Spec.Name == saved.Condition);
        if (level is null && condition is null) return;
        foreach (var (name, value) in saved.Zones.Zip(saved.Values))
        {
            if (Intern(name) is not (>= 0 and var zone)) continue;
            level?.Restore(zone, value);
            if (value <= (uint)State.Met) condition?.Saw(zone, (State)value);
        }
    }

    /// <summary>The living claims of one channel, as the signals that made them.</summary>
    public IEnumerable<ZoneSignal> Signals(Channel channel, At now)
    {
        var row = rows[channel.Place];
        foreach (var measure in Enum.GetValues<Measure>())
        {
            if (!row.Covers(measure)) continue;
            for (var zone = 0; zone < names.Count; zone++)
            {
                var has = row.Has(zone, measure);
                if (has == ZoneRows.None) continue;
                var value = has == ZoneRows.Absent ? Signal.Absent : Measured(measure, row.Get(zone, measure), now);
                yield return new(channel.Spec.Name, names.Name(zone), measure, value, details.GetValueOrDefault((channel.Place, zone)));
            }
        }
    }

    static long Measured(Measure measure, uint stored, At now) =>
        measure is Measure.Expiry or Measure.SignatureExpiry ? (long)Math.Max(0, (At(stored) - now).TotalSeconds) : stored;
}
