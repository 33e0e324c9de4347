using System.Text;
using System.Text.Json;

namespace Oops.Wire.Json;

/// <summary>Picks the objects of an array out of a JSON text, with some of their scalar fields; everything else is passed over.</summary>
public sealed class JsonRecords
{
    readonly byte[]? array;
    readonly byte[][] fields;
    readonly Action<JsonRecord> each;
    readonly JsonRecord record;
    bool named;
    int depth = -1;
    int field = -1;

    /// <param name="array">The name of the array, at any depth; null: the text is an array.</param>
    /// <param name="fields">The fields that are kept; their places are those of the record.</param>
    /// <param name="each">Takes a record; it is valid during the call.</param>
    public JsonRecords(string? array, IReadOnlyList<string> fields, Action<JsonRecord> each)
    {
        this.array = array is null ? null : Encoding.UTF8.GetBytes(array);
        this.fields = [.. fields.Select(Encoding.UTF8.GetBytes)];
        this.each = each;
        record = new JsonRecord(this.fields.Length);
    }

    /// <summary>Takes a token, of <see cref="JsonPieces"/>.</summary>
    public void Take(ref Utf8JsonReader reader)
    {
        if (depth >= 0) TakeWithin(ref reader);
        else if (reader.TokenType == JsonTokenType.StartArray && (array is null ? reader.CurrentDepth == 0 : named)) depth = reader.CurrentDepth;
        named = reader.TokenType == JsonTokenType.PropertyName && array is not null && reader.ValueTextEquals(array);
    }

    void TakeWithin(ref Utf8JsonReader reader)
    {
        var inside = reader.CurrentDepth - depth;
        switch (reader.TokenType)
        {
            case JsonTokenType.EndArray when inside == 0:
                depth = -1;
                break;
            case JsonTokenType.StartObject when inside == 1:
                record.Clear();
                field = -1;
                break;
            case JsonTokenType.EndObject when inside == 1:
                each(record);
                break;
            case JsonTokenType.PropertyName when inside == 2:
                field = Find(ref reader);
                break;
            case JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null when inside == 2 && field >= 0:
                record.Set(field, ref reader);
                break;
            default:
                break;
        }
    }

    int Find(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < fields.Length; i++)
            if (reader.ValueTextEquals(fields[i])) return i;
        return -1;
    }
}
