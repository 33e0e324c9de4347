using System.Text.Json;
using System.Text.Json.Serialization;
using Oops.Core;

namespace Oops.Journal;

/// <summary>A set of zones as an array of names, without a string for each.</summary>
internal sealed class ZoneSetConverter : JsonConverter<ZoneSet>
{
    public override ZoneSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException();
        var names = new ZoneNames();
        // Each octet may be escaped as \u00XX; what is longer is no zone.
        Span<byte> utf8 = stackalloc byte[6 * ZoneNames.Longest];
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
            if (reader.ValueSpan.Length <= utf8.Length) names.Intern(utf8[..reader.CopyString(utf8)]);

        return reader.TokenType == JsonTokenType.EndArray ? new(names) : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, ZoneSet value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var number in value.Numbers) writer.WriteStringValue(value.Names.Utf8(number));
        writer.WriteEndArray();
    }
}
