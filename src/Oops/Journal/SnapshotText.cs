using System.Buffers;
using System.Text.Json;
using Oops.Core;

namespace Oops.Journal;

/// <summary>A snapshot as the journal has it, piece by piece: that of a million zones is 40 MB, and is not held.</summary>
internal static class SnapshotText
{
    /// <summary>Its length in bytes.</summary>
    public static long Measure(Snapshot snapshot)
    {
        var length = 0L;
        Write(snapshot, piece => length += piece.Length);
        return length;
    }

    public static void Write(Snapshot snapshot, Action<ReadOnlySpan<byte>> into)
    {
        using var json = new Utf8JsonWriter(new Pieces(into));
        JsonSerializer.Serialize(json, snapshot, JournalJson.Default.Snapshot);
    }

    sealed class Pieces(Action<ReadOnlySpan<byte>> into) : IBufferWriter<byte>
    {
        byte[] buffer = new byte[64 * 1024];

        public void Advance(int count) => into(buffer.AsSpan(0, count));

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (sizeHint > buffer.Length) buffer = new byte[sizeHint];
            return buffer;
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
