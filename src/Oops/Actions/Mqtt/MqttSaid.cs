using Oops.Bus;
using Oops.Core;
using Oops.Wire.Bus;

namespace Oops.Actions.Mqtt;

/// <summary>What the broker was told over one connection: only what differs is said.</summary>
internal sealed class MqttSaid
{
    sealed record Last(string Kind, State State, DateTimeOffset? Since, ZoneCounts? Counts);

    readonly Dictionary<string, Last> last = new(StringComparer.Ordinal);

    /// <summary>The zones of which something was said that has not ended well yet.</summary>
    public IReadOnlyCollection<string> Zones => [.. last.Keys.Where(IsOfZone)];

    /// <summary>So many zones are followed, whoever has said them first.</summary>
    const int MostZones = 1000;

    /// <summary>A zone was said beside the looks: it is followed until it is well, too.</summary>
    public void Note(ConditionReport zone)
    {
        if (zone.State == Well(zone.Kind)) last.Remove(zone.Id);
        else if (last.ContainsKey(zone.Id) || last.Count < MostZones) last[zone.Id] = new(zone.Kind, zone.State, null, zone.Counts);
    }

    /// <summary>All of it is said again.</summary>
    public void Forget()
    {
        // Those of zones stay: who does not ask for them any more would never hear that they are well.
        foreach (var (id, known) in last) last[id] = known with { State = (State)byte.MaxValue };
    }

    /// <summary>What is new in it; and that what is missing in it is not watched any more.</summary>
    public IEnumerable<BusSignal> News(IReadOnlyList<ConditionReport> believed, BusVoice voice)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var report in believed)
        {
            if (!seen.Add(report.Id)) continue;
            // Since when is reckoned anew for each look where zones are concerned, and differs by some milliseconds.
            var now = new Last(report.Kind, report.State, IsOfZone(report.Id) ? null : report.Since, report.Counts);
            if (last.TryGetValue(report.Id, out var known) && known == now) continue;
            // A zone that is well has said so, and is one of many again.
            if (IsOfZone(report.Id) && report.State == Well(report.Kind)) last.Remove(report.Id);
            else last[report.Id] = now;
            yield return voice.Of(report);
        }

        foreach (var (id, known) in last.Where(l => !seen.Contains(l.Key)).ToList())
        {
            last.Remove(id);
            yield return voice.Over(id, known.Kind);
        }
    }

    static bool IsOfZone(string id) => id.AsSpan().Count('/') > 2;

    static State Well(string kind) => Kinds.Find(kind)?.Polarity == Polarity.Good ? State.Met : State.NotMet;
}
