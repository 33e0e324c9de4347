using System.Net;
using System.Text.Json;
using Oops.Core;

namespace Oops.Journal;

/// <summary>Reactions that are to outlive us, in the journal until they are done. A runner that is renewed by a reload takes over what its predecessor had not done, and nothing else.</summary>
internal sealed class Outbox : IOutbox
{
    readonly Journal journal;
    readonly Lock gate = new();
    readonly SortedDictionary<long, ReactionIntent> waiting = [];
    long last;

    public Outbox(Journal journal, IReadOnlyList<(long Id, ReactionIntent Intent)> left, long lastId)
    {
        (this.journal, last) = (journal, lastId);
        foreach (var (id, intent) in left) waiting[id] = intent;
    }

    public long Add(ReactionIntent intent)
    {
        lock (gate)
        {
            var id = ++last;
            waiting[id] = intent;
            journal.Queue(new OutboxAddItem(id, intent));
            return id;
        }
    }

    public void Remove(long id)
    {
        lock (gate) waiting.Remove(id);
        journal.Queue(new OutboxRemoveItem(id));
    }

    public IReadOnlyList<(long Id, ReactionIntent Intent)> Load(string action)
    {
        lock (gate) return [.. waiting.Where(w => w.Value.Action == action).Select(w => (w.Key, w.Value))];
    }

    internal static byte[] Write(ReactionIntent i) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new RecordedReaction(i.Sequence, i.Because, i.Rule, i.Condition, i.Server, i.Zone, Words.Of(i.State), i.Serial, i.PreviousSerial, i.Source?.ToString(), i.Channel, i.When, i.Each == Each.Latest),
            JournalJson.Default.RecordedReaction);

    internal static ReactionIntent? Read(string action, ReadOnlySpan<byte> data)
    {
        try
        {
            if (JsonSerializer.Deserialize(data, JournalJson.Default.RecordedReaction) is not { } r) return null;
            return new(action, r.Sequence, r.Because)
            {
                Rule = r.Rule,
                Condition = r.Condition,
                Server = r.Server,
                Zone = r.Zone,
                State = Words.TryState(r.State, out var state) ? state : State.Unknown,
                Serial = r.Serial,
                PreviousSerial = r.PreviousSerial,
                Source = IPAddress.TryParse(r.Source, out var source) ? source : null,
                Channel = r.Channel,
                When = r.When,
                Each = r.Latest ? Each.Latest : Each.Every,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
