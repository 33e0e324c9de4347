using Oops.Bus;
using Oops.Core;
using Oops.Wire.Bus;

namespace Oops.Actions.Mqtt;

/// <summary>What the broker was told: only what differs is said. It outlives connections, so that what ended while there was none is told over the next. Thread-safe.</summary>
/// <param name="most">So many zones of each condition and server are followed.</param>
internal sealed class MqttSaid(int most)
{
    /// <summary>One word about one subject.</summary>
    internal sealed record Word(string Kind, State State, DateTimeOffset? Since, ZoneCounts? Counts)
    {
        /// <summary>With it the subject ends: what is well is one of many again.</summary>
        public bool Last { get; init; }

        /// <summary>The subject is not asked for any more.</summary>
        public bool Dropped { get; init; }

        public bool Refused { get; init; }
    }

    internal readonly record struct Said(string Id, Word Word, BusSignal Signal);

    /// <summary>So many zones are followed because a rule ran for them.</summary>
    const int MostNoted = 1000;

    const State Unsaid = (State)byte.MaxValue;

    readonly Dictionary<string, Word> words = new(StringComparer.Ordinal);
    readonly Lock gate = new();

    /// <summary>The zones of which something was said that has not ended well yet.</summary>
    public IReadOnlyCollection<string> Zones
    {
        get
        {
            lock (gate) return [.. words.Where(w => IsOfZone(w.Key) && !w.Value.Dropped).Select(w => w.Key)];
        }
    }

    /// <summary>A zone was said beside the looks: it is followed until it is well, too.</summary>
    public void Note(ConditionReport zone)
    {
        lock (gate)
            if (zone.State == Well(zone.Kind)) words.Remove(zone.Id);
            else if (words.ContainsKey(zone.Id) || words.Count < MostNoted) words[zone.Id] = new(zone.Kind, zone.State, null, zone.Counts);
    }

    /// <summary>All of it is said again.</summary>
    public void Forget()
    {
        // Those of zones stay: who does not ask for them any more would never hear that they are well.
        lock (gate)
            foreach (var (id, word) in words.ToList()) words[id] = word with { State = Unsaid };
    }

    /// <summary>What the broker could not take then is said again; false: there is nothing.</summary>
    public bool Retry()
    {
        lock (gate)
        {
            var refused = words.Where(static w => w.Value.Refused).ToList();
            foreach (var (id, word) in refused) words[id] = word with { State = Unsaid, Refused = false };
            return refused.Count > 0;
        }
    }

    /// <summary>The broker has it, or takes it never; else it is said again, by <see cref="Retry"/>.</summary>
    public void End(Said said, bool settled)
    {
        lock (gate)
        {
            // Something newer was said of it.
            if (!words.TryGetValue(said.Id, out var word) || !ReferenceEquals(word, said.Word)) return;
            if (!settled) words[said.Id] = word with { Refused = true };
            else if (word.Last) words.Remove(said.Id);
        }
    }

    /// <summary>What is new in it; and that what is missing in it is not watched any more.</summary>
    public IReadOnlyList<Said> News(IReadOnlyList<ConditionReport> believed, BusVoice voice)
    {
        List<Said> news = [];
        lock (gate)
        {
            HashSet<string> seen = new(StringComparer.Ordinal), again = new(StringComparer.Ordinal);
            foreach (var report in believed)
            {
                if (!seen.Add(report.Id))
                {
                    again.Add(report.Id);
                    continue;
                }

                // Since when is reckoned anew for each look where zones are concerned, and differs by some milliseconds.
                var zone = IsOfZone(report.Id);
                var now = new Word(report.Kind, report.State, zone ? null : report.Since, report.Counts) { Last = zone && report.State == Well(report.Kind) };
                if (!words.TryGetValue(report.Id, out var known)) again.Add(report.Id);
                else if (known with { Refused = false } == now) continue;
                Add(report.Id, now, voice.Of(report));
            }

            foreach (var (id, known) in words.Where(w => !seen.Contains(w.Key) && !(w.Value.Last && w.Value.State != Unsaid)).ToList())
                Add(id, new(known.Kind, State.Unknown, null, null) { Last = true, Dropped = known.Dropped }, voice.Over(id, known.Kind));
            // Those that are found without being asked for, twice or as new, are no more than may be named.
            foreach (var many in words.Where(static w => IsOfZone(w.Key) && !w.Value.Last).GroupBy(static w => w.Key[..w.Key.IndexOf('/', w.Key.IndexOf('/', w.Key.IndexOf('/') + 1) + 1)]).Where(g => g.Count() > most).Select(static g => g.ToList()).ToList())
                foreach (var (id, known) in many.Where(w => !again.Contains(w.Key)).Take(many.Count - most))
                    Add(id, new(known.Kind, State.Unknown, null, null) { Last = true, Dropped = true }, voice.Over(id, known.Kind, "it is one of many, which the sum counts"));
        }

        return news;

        void Add(string id, Word word, BusSignal signal)
        {
            words[id] = word;
            news.Add(new(id, word, signal));
        }
    }

    static bool IsOfZone(string id) => id.AsSpan().Count('/') > 2;

    static State Well(string kind) => Kinds.Find(kind)?.Polarity == Polarity.Good ? State.Met : State.NotMet;
}
