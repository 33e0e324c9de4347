using System.Buffers;
using System.Text.Json;

namespace Oops.Wire.Json;

/// <summary>Takes a token of a JSON text; the reader stands on it, and is valid only during the call.</summary>
public delegate void JsonTokenSink(ref Utf8JsonReader reader);

/// <summary>
/// Reads a JSON text (RFC 8259) piece by piece as it comes from a socket, without ever holding more of it than its longest token: a server with a million zones answers with some hundred MB.
/// </summary>
/// <param name="sink">Takes the tokens.</param>
/// <param name="longest">Bytes of the longest token.</param>
public sealed class JsonPieces(JsonTokenSink sink, int longest = JsonPieces.LongestToken)
{
    /// <summary>A longer token is none that a DNS server writes.</summary>
    public const int LongestToken = 64 * 1024;

    static readonly JsonReaderOptions Options = new() { MaxDepth = 16 };

    JsonReaderState state = new(Options);
    ArrayBufferWriter<byte>? rest;

    /// <summary>Why the text cannot be read; null: it can, so far.</summary>
    public string? Fault { get; private set; }

    /// <summary>Takes the next piece. False: the text is none, see <see cref="Fault"/>.</summary>
    /// <param name="piece">Bytes of the text, cut anywhere.</param>
    /// <param name="last">The text ends with this piece, which may be empty.</param>
    public bool Feed(ReadOnlySpan<byte> piece, bool last)
    {
        if (Fault is not null) return false;
        var text = piece;
        if (rest is { WrittenCount: > 0 })
        {
            rest.Write(piece);
            text = rest.WrittenSpan;
        }

        var used = 0;
        try
        {
            var reader = new Utf8JsonReader(text, last, state);
            while (reader.Read()) sink(ref reader);
            state = reader.CurrentState;
            used = (int)reader.BytesConsumed;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader of the runtime tells by an exception, and compares a name with half a surrogate pair by another; there is at most one for a text.
            Fault = last ? "the JSON text ends within itself, or is none" : "not a JSON text";
            return false;
        }

        return Keep(text[used..]);
    }

    bool Keep(ReadOnlySpan<byte> left)
    {
        if (left.Length > longest)
        {
            Fault = $"a word of more than {longest} bytes";
            return false;
        }

        if (left.IsEmpty)
        {
            rest?.ResetWrittenCount();
            return true;
        }

        // What is left may lie in the very buffer that it is to be kept in.
        var kept = new ArrayBufferWriter<byte>(Math.Max(256, left.Length * 2));
        kept.Write(left);
        rest = kept;
        return true;
    }
}
