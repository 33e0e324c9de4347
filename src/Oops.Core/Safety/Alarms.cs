namespace Oops.Core;

/// <summary>What a person should look at: raised once, repeated daily, cleared when it is over.</summary>
internal sealed class Alarms
{
    static readonly TimeSpan Again = TimeSpan.FromDays(1);

    readonly SortedDictionary<string, (Alarm Alarm, At Last)> standing = new(StringComparer.Ordinal);

    public IEnumerable<Alarm> All => standing.Values.Select(a => a.Alarm);

    public bool Has(string id) => standing.ContainsKey(id);

    public At NextDeadline() => standing.Count == 0 ? At.Never : standing.Values.Min(a => a.Last) + Again;

    public void Raise(string id, string text, At now, List<Effect> effects)
    {
        if (standing.TryGetValue(id, out var known))
        {
            if (known.Alarm.Text != text) standing[id] = (known.Alarm with { Text = text }, known.Last);
            return;
        }
        standing[id] = (new(id, now, text), now);
        effects.Add(new AlarmChanged(id, AlarmPhase.Raised, text));
    }

    public void Clear(string id, List<Effect> effects)
    {
        if (standing.Remove(id, out var known)) effects.Add(new AlarmChanged(id, AlarmPhase.Cleared, known.Alarm.Text));
    }

    public void Set(bool on, string id, string text, At now, List<Effect> effects)
    {
        if (on) Raise(id, text, now, effects);
        else Clear(id, effects);
    }

    public void Wake(At now, List<Effect> effects)
    {
        foreach (var (id, (alarm, last)) in standing.ToList())
        {
            if (now - last < Again) continue;
            standing[id] = (alarm, now);
            effects.Add(new AlarmChanged(id, AlarmPhase.Repeated, alarm.Text));
        }
    }
}
