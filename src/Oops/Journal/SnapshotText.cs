using System.Buffers;
using System.Text.Json;
using Oops.Core;

namespace Oops.Journal;

/// <summary>A snapshot as the journal has it.</summary>
internal static class SnapshotText
{
    /// <summary>Of all but zones, as a rule.</summary>
    const int Usual = 16 * 1024;

    /// <summary>The most digits and a comma.</summary>
    const int Value = 11;

    /// <summary>In a buffer that is large enough from the start: one that grows leaves its halves behind, and those of a million zones are kept by the pool that they come from.</summary>
    public static ReadOnlySpan<byte> Of(Snapshot snapshot)
    {
        var text = new ArrayBufferWriter<byte>(Usual + snapshot.ZoneSets.Sum(s => Length(s.Zones)) + snapshot.Levels.Sum(l => Length(l.Zones) + (l.Values.Length * Value)));
        using var json = new Utf8JsonWriter(text);
        JsonSerializer.Serialize(json, snapshot, JournalJson.Default.Snapshot);
        return text.WrittenSpan;
    }

    // Each with its quotes and a comma.
    static int Length(ZoneSet zones) => zones.Numbers.Sum(number => zones.Names.Utf8(number).Length + 3);
}
