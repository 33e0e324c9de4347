namespace Oops.Core;

/// <summary>What a person should look at: raised once, repeated daily, cleared when it is over.</summary>
internal sealed class Alarms
{
    static readonly TimeSpan Again = TimeSpan.FromDays(1);

    /// <summary>What a person said for longer than twice this warns so long before it ends.</summary>
    public static readonly TimeSpan WarnBefore = TimeSpan.FromMinutes(5);

    readonly SortedDictionary<string, (Alarm Alarm, At Last)> standing = new(StringComparer.Ordinal);

    public IEnumerable<Alarm> All => standing.Values.Select(a => a.Alarm);

    public bool Has(string id) => standing.ContainsKey(id);

    public At NextDeadline()
    {
        var next = At.Never;
        foreach (var (_, last) in standing.Values) next = At.Min(next, last + Again);
        return next;
    }

    /// <summary>Whether a word of a person, given for so long, is to end soon.</summary>
    public static bool EndsSoon(At ends, TimeSpan? given, At now) => ends != At.Never && given > WarnBefore * 2 && ends - now <= WarnBefore;

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
