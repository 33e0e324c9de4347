using System.Text.Json;
using Oops.Core;
using Oops.Engine;

namespace Oops.Journal;

/// <summary>Reactions of the every kind, in the journal until they are done.</summary>
internal sealed class Outbox(Journal journal, IReadOnlyList<(long Id, ReactionIntent Intent)> left, long lastId) : IOutbox
{
    long last = lastId;

    public long Add(ReactionIntent intent)
    {
        var id = Interlocked.Increment(ref last);
        journal.Queue(new OutboxAddItem(id, intent));
        return id;
    }

    public void Remove(long id) => journal.Queue(new OutboxRemoveItem(id));

    public IReadOnlyList<(long Id, ReactionIntent Intent)> Load(string action) => [.. left.Where(l => l.Intent.Action == action)];

    internal static byte[] Write(ReactionIntent i) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new RecordedReaction(i.Sequence, i.Because, i.Rule, i.Condition, i.Server, i.Zone, Words.Of(i.State), i.Serial, i.PreviousSerial, i.Source),
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
                Source = r.Source,
                Each = Each.Every,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
