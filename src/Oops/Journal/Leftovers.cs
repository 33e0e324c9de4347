using Microsoft.Extensions.Logging;
using Oops.Core;
using Oops.Native;

namespace Oops.Journal;

/// <summary>What an earlier run left for this one: its snapshot, and reactions that were not done.</summary>
internal sealed partial record Leftovers(string? Boot, Snapshot? Snapshot, IReadOnlyList<(long Id, ReactionIntent Intent)> Outbox, long LastOutbox)
{
    /// <summary>A journal that is missing or cannot be read leaves nothing: the start is then a first one, which moves no route.</summary>
    public static Leftovers Read(string path, ILogger log)
    {
        if (!File.Exists(path)) return new(null, null, [], 0);
        try
        {
            using var reader = JournalReader.Open(path);
            var saved = reader.Snapshot();
            var waiting = reader.Outbox(out var last);
            return new(saved?.Boot, saved?.Snapshot, waiting, last);
        }
        catch (SqliteException e)
        {
            Unreadable(log, e.Message);
            return new(null, null, [], 0);
        }
    }

    [LoggerMessage(210, LogLevel.Warning, "the journal cannot be read, oops starts without a memory: {Why}")]
    static partial void Unreadable(ILogger log, string why);
}
