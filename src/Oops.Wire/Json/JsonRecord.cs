using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Oops.Wire.Json;

/// <summary>Some scalar fields of one JSON object. It is used again for the next one.</summary>
public sealed class JsonRecord
{
    const int MostBytes = 1 << 20;

    readonly (JsonTokenType Kind, int At, int Length)[] fields;
    byte[] bytes = new byte[512];
    int used;

    internal JsonRecord(int count) => fields = new (JsonTokenType, int, int)[count];

    /// <summary>The field is there, and not null.</summary>
    public bool Has(int field) => fields[field].Kind is not (JsonTokenType.None or JsonTokenType.Null);

    /// <summary>A string without its escapes, or a number or truth value as it is written; empty when it is not there.</summary>
    public ReadOnlySpan<byte> Bytes(int field) => bytes.AsSpan(fields[field].At, fields[field].Length);

    /// <summary>The same as text; what is no UTF-8 is replaced.</summary>
    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    /// <summary>A whole number, also one in quotes (PowerDNS writes its statistics so); null when it is none.</summary>
    public long? Number(int field) =>
        fields[field].Kind is JsonTokenType.Number or JsonTokenType.String && Utf8Parser.TryParse(Bytes(field), out long number, out var length) && length == fields[field].Length ? number : null;

    /// <summary>A truth value; null when it is none.</summary>
    public bool? Truth(int field) => fields[field].Kind switch { JsonTokenType.True => true, JsonTokenType.False => false, _ => null };

    internal void Clear()
    {
        Array.Clear(fields);
        used = 0;
    }

    internal void Set(int field, ref Utf8JsonReader reader)
    {
        var most = reader.ValueSpan.Length;
        // The same fields again and again are no record.
        if (used + most > MostBytes) return;
        if (bytes.Length - used < most) Array.Resize(ref bytes, Math.Max(bytes.Length * 2, used + most));
        var length = most;
        if (reader.TokenType != JsonTokenType.String) reader.ValueSpan.CopyTo(bytes.AsSpan(used));
        else if (!TryCopy(ref reader, bytes.AsSpan(used), out length)) return;
        fields[field] = (reader.TokenType, used, length);
        used += length;
    }

    // A string whose escapes are half a surrogate pair is no text: the field is as good as not there.
    static bool TryCopy(ref Utf8JsonReader reader, Span<byte> to, out int length)
    {
        length = 0;
        try
        {
            length = reader.CopyString(to);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
