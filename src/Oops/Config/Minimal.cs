using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Oops.Config;

/// <summary>A value of which only the required keys are written, with whatever parses: its other values are the defaults.</summary>
internal static class Minimal
{
    public static object Of(JsonTypeInfo info)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, info);
        return JsonSerializer.Deserialize(buffer.ToArray(), info)!;
    }

    public static void Write(Utf8JsonWriter json, JsonTypeInfo info)
    {
        if (Scalars.For(info.Type) is { } scalar)
        {
            scalar.Write(json, scalar.Parse(scalar.Example).Value!);
            return;
        }

        if (info.Kind == JsonTypeInfoKind.Enumerable)
        {
            json.WriteStartArray();
            json.WriteEndArray();
            return;
        }

        json.WriteStartObject();
        foreach (var property in info.Kind == JsonTypeInfoKind.Object ? Shape.Keys(info).Where(p => p.IsRequired) : [])
        {
            json.WritePropertyName(property.Name);
            Write(json, Shape.Of(info, property.PropertyType));
        }

        json.WriteEndObject();
    }
}
