namespace Oops.Core;

/// <summary>From claim to state: the only place where parameters are applied.</summary>
internal sealed partial class ZoneTable
{
    /// <summary>By condition, slot and zone: the earliest time in the queue, in tenths of a second; 0: none.</summary>
    readonly Column<uint>[][] scheduled;
    readonly Dictionary<(int Condition, int Zone), uint> behind = [];

    /// <summary>By channel: it asks one address; the others speak of the server as a whole.</summary>
    readonly bool[] ofAnAddress;

    /// <summary>References are compared by the same measure where they cover it, else by whether they serve the zone at all.</summary>
    Measure MeasureFor(ZoneCondition condition, int slot)
    {
        var (channel, standing) = condition.Slots[slot];
        return standing == Standing.Reference && !rows[channel].Covers(condition.Measure) ? Measure.Serial : condition.Measure;
    }

    bool Concerns(ZoneCondition condition, int slot, Measure measure) =>
        MeasureFor(condition, slot) == measure || (measure == Measure.Serial && condition.Slots[slot].Standing == Standing.Reference);

    /// <summary>Judges the claim of one slot anew and counts the zone accordingly.</summary>
    bool Judge(int index, int slot, int zone, uint at, List<ZoneNews> news)
    {
        var condition = conditions[index];
        if (condition.Spec.Kind == Kind.ZoneStale) return JudgeStale(index, zone, at, news);
        var (state, flip) = Verdict(condition, slot, zone, at);
        if (flip is { } when) Schedule(index, slot, zone, when);
        var old = Effective(condition, zone);
        return Recount(condition, zone, old, ZoneCondition.With(old, slot, state), at, news);
    }

    /// <summary>What the claim says of the condition, and when time alone will change that.</summary>
    (State State, uint? Flip) Verdict(ZoneCondition condition, int slot, int zone, uint at)
    {
        var (channel, standing) = condition.Slots[slot];
        var row = rows[channel];
        // A reference that does not serve the zone is no better than we are, whatever else it says.
        if (standing == Standing.Reference && row.Has(zone, Measure.Serial) == ZoneRows.Absent) return (Kleene.Not(Kleene.Well(condition.Spec.Polarity)), null);
        var measure = MeasureFor(condition, slot);
        if (row.Has(zone, measure) == ZoneRows.None && standing == Standing.Reference) measure = Measure.Serial;
        var has = row.Has(zone, measure);
        if (has == ZoneRows.None) return (State.Unknown, null);
        if (measure == Measure.Serial) return ((has == ZoneRows.Value) == (condition.Spec.Polarity == Polarity.Good) ? State.Met : State.NotMet, null);
        if (has == ZoneRows.Absent) return (State.NotMet, null);
        var value = row.Get(zone, measure);
        if (measure is not (Measure.Expiry or Measure.SignatureExpiry)) return (value >= condition.Spec.Number ? State.Met : State.NotMet, null);
        var flip = value - Math.Min(value, Tenths(condition.Spec.Span));
        return flip <= at ? (State.Met, null) : (State.NotMet, flip);
    }

    /// <summary>
    /// Stale: behind the newest serial of the references for `behind`. A reference's digit is NotMet (well) while it has a serial.
    /// Who reads the server now and then still has the old serial when another channel has seen the new one since, and is not behind for it; what it reads afterwards counts, and so does one address of several that serves the old one.
    /// </summary>
    bool JudgeStale(int index, int zone, uint at, List<ZoneNews> news)
    {
        var condition = conditions[index];
        uint? there = null;
        var old = Effective(condition, zone);
        var now = old;
        for (var slot = 0; slot < condition.Slots.Length; slot++)
        {
            if (condition.Slots[slot].Standing != Standing.Reference) continue;
            var row = rows[condition.Slots[slot].Channel];
            var has = row.Has(zone, Measure.Serial) == ZoneRows.Value;
            now = ZoneCondition.With(now, slot, has ? State.NotMet : State.Unknown);
            if (has && (there is null || SerialNumber.IsLess(there.Value, row.Get(zone, Measure.Serial)))) there = row.Get(zone, Measure.Serial);
        }
        var lags = false;
        for (var slot = 0; slot < condition.Slots.Length; slot++)
        {
            var (channel, standing) = condition.Slots[slot];
            if (standing == Standing.Reference) continue;
            var has = rows[channel].Has(zone, Measure.Serial);
            var behindHere = there is not null && IsBehind(channel, zone, there.Value) && (ofAnAddress[channel] || !IsOvertaken(condition, channel, zone, there.Value));
            lags |= behindHere;
            var state = has == ZoneRows.None || there is null ? State.Unknown : behindHere && Overdue(index, zone, at) ? State.Met : State.NotMet;
            now = ZoneCondition.With(now, slot, state);
        }
        if (!lags) behind.Remove((index, zone));
        return Recount(condition, zone, old, now, at, news);
    }

    /// <summary>Another one of the server's channels has seen that serial since this one has read the zone.</summary>
    bool IsOvertaken(ZoneCondition condition, int lagging, int zone, uint serial)
    {
        var read = ReadAt(lagging, zone);
        foreach (var (channel, standing) in condition.Slots)
            if (standing != Standing.Reference && rows[channel].Has(zone, Measure.Serial) == ZoneRows.Value && !IsBehind(channel, zone, serial) && ReadAt(channel, zone) >= read) return true;
        return false;
    }

    uint ReadAt(int channel, int zone) => Math.Max(rows[channel].At(zone), renewed[channel]);

    bool IsBehind(int channel, int zone, uint serial) =>
        rows[channel].Has(zone, Measure.Serial) == ZoneRows.Value && SerialNumber.IsLess(rows[channel].Get(zone, Measure.Serial), serial);

    bool Overdue(int index, int zone, uint at)
    {
        if (!behind.TryGetValue((index, zone), out var since)) behind[(index, zone)] = since = at;
        var due = since + Tenths(conditions[index].Spec.Span);
        if (due <= at) return true;
        Schedule(index, 0, zone, due);
        return false;
    }

    /// <summary>The channel's claims on the zone have expired.</summary>
    bool Silence(int channel, int zone, uint at, List<ZoneNews> news)
    {
        if (details.Count > 0) details.Remove((channel, zone));
        var changed = false;
        foreach (var condition in conditions)
        {
            if (condition.SlotOf(channel) is not (>= 0 and var slot)) continue;
            // The row is dead already: what it was counted under is the stored pattern, with only the other channels' leftovers cleared.
            var now = Effective(condition, zone);
            var old = ZoneCondition.With(now, slot, ZoneCondition.Digit(condition.Pattern(zone), slot));
            changed |= Recount(condition, zone, old, now, at, news);
        }
        return changed;
    }

    bool Recount(ZoneCondition condition, int zone, uint old, uint now, uint at, List<ZoneNews> news)
    {
        // The usual case, and the only one that must be fast: nothing new.
        var changed = old != now;
        if (changed) condition.Recount(zone, old, now, Members(zone), at);
        else condition.Store(zone, now);
        if (condition.Watched)
        {
            var state = Trusted(condition, condition.Fold(now, ~0u));
            var seen = condition.Seen(zone);
            if (state != seen && state != State.Unknown)
            {
                condition.Saw(zone, state);
                news.Add(new(zone, condition, seen, state, null, 0, 0, seen == State.Unknown));
            }
        }
        return changed;
    }

    /// <summary>Lazy: one entry per (condition, slot, zone); a deadline that moved later is found when the earlier one comes.</summary>
    void Schedule(int condition, int slot, int zone, uint when)
    {
        ref var earliest = ref scheduled[condition][slot].At(zone);
        if (earliest != 0 && earliest <= when) return;
        earliest = when;
        flips.Enqueue(new(zone, (ushort)condition, (ushort)slot), when);
    }

    readonly record struct Flip(int Zone, ushort Condition, ushort Slot);
}
