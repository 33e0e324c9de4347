namespace Oops.Core;

/// <summary>What a person should look at: raised once, repeated daily, cleared when it is over.</summary>
internal sealed class Alarms
{
    static readonly TimeSpan Again = TimeSpan.FromDays(1);

    /// <summary>What a person said for longer than twice this warns so long before it ends.</summary>
    public static readonly TimeSpan WarnBefore = TimeSpan.FromMinutes(5);

    /// <summary>So long after a reload an alarm counts as the one that stood before it.</summary>
    static readonly TimeSpan Reloading = TimeSpan.FromMinutes(1);

    readonly SortedDictionary<string, Standing> standing = new(StringComparer.Ordinal);

    /// <summary>Those of the machine before that were not raised again yet: the text that was said last, and since when they stood.</summary>
    readonly SortedDictionary<string, (At Since, string Text)> earlier = new(StringComparer.Ordinal);
    At handedAt;

    /// <param name="Alarm">With the text that was said last.</param>
    /// <param name="Last">When it was said.</param>
    /// <param name="Text">What there is to say at a time, where that changes by itself.</param>
    /// <param name="Stays">Nothing but a person ends it.</param>
    readonly record struct Standing(Alarm Alarm, At Last, Func<At, string>? Text, bool Stays = false)
    {
        public Alarm Now(At now) => Text is null ? Alarm : Alarm with { Text = Text(now) };
    }

    public IEnumerable<Alarm> All(At now) => standing.Values.Select(a => a.Now(now));

    public IEnumerable<AlarmSnapshot> Save()
    {
        foreach (var known in standing.Values) yield return new(known.Alarm.Id, known.Alarm.Since.Ticks) { Stays = known.Stays ? known.Alarm.Text : null, Text = known.Alarm.Text };
        foreach (var (id, (since, text)) in earlier)
            if (!standing.ContainsKey(id)) yield return new(id, since.Ticks) { Text = text };
    }

    /// <summary>Since when those of the machine before stood: one that is raised again while the levels are handed on was never over.</summary>
    public void HandOver(IEnumerable<AlarmSnapshot> saved, At now)
    {
        foreach (var alarm in saved) earlier[alarm.Id] = (new(alarm.Since), alarm.Text ?? "");
        handedAt = now;
    }

    /// <summary>Those that nothing but a person ends go on.</summary>
    public void Restore(IEnumerable<AlarmSnapshot> saved, At now, bool sameBoot)
    {
        foreach (var alarm in saved)
            if (alarm.Stays is { } text) standing[alarm.Id] = new(new(alarm.Id, sameBoot ? new(alarm.Since) : now, text), now, null, Stays: true);
    }

    public bool Has(string id) => standing.ContainsKey(id);

    public At NextDeadline()
    {
        var next = earlier.Count > 0 ? handedAt + Reloading : At.Never;
        foreach (var known in standing.Values) next = At.Min(next, known.Last + Again);
        return next;
    }

    /// <summary>Whether a word of a person, given for so long, is to end soon.</summary>
    public static bool EndsSoon(At ends, TimeSpan? given, At now) => ends != At.Never && given > WarnBefore * 2 && ends - now <= WarnBefore;

    public void Raise(string id, string text, At now, List<Effect> effects)
    {
        if (standing.TryGetValue(id, out var known))
        {
            if (known.Alarm.Text != text) standing[id] = known with { Alarm = known.Alarm with { Text = text } };
            return;
        }
        var goesOn = earlier.Remove(id, out var before);
        standing[id] = new(new(id, goesOn ? before.Since : now, text), now, null);
        // What stood before a reload is no news after it.
        if (!goesOn) effects.Add(new AlarmChanged(id, AlarmPhase.Raised, text));
    }

    /// <summary>Until a person has looked: nothing else ends it.</summary>
    public void RaiseForPerson(string id, string text, At now, List<Effect> effects)
    {
        Raise(id, text, now, effects);
        standing[id] = standing[id] with { Stays = true };
    }

    /// <summary>As one with a text, but the text is asked for when it is said or shown: it may stand for another reason by then.</summary>
    public void Set(bool on, string id, Func<At, string> text, At now, List<Effect> effects)
    {
        if (!on) Clear(id, effects);
        else if (!Has(id))
        {
            Raise(id, text(now), now, effects);
            standing[id] = standing[id] with { Text = text };
        }
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
        // Had any of it not ended with the reload, it would have been raised again by now.
        if (earlier.Count > 0 && now >= handedAt + Reloading)
        {
            foreach (var (id, (_, text)) in earlier)
                if (!Has(id)) effects.Add(new AlarmChanged(id, AlarmPhase.Cleared, text));
            earlier.Clear();
        }
        foreach (var (id, known) in standing.ToList())
        {
            if (now - known.Last < Again) continue;
            var alarm = known.Now(now);
            standing[id] = known with { Alarm = alarm, Last = now };
            effects.Add(new AlarmChanged(id, AlarmPhase.Repeated, alarm.Text));
        }
    }
}
