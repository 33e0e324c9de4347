using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Oops.Config;

/// <summary>
/// The JSON Schema (2020-12) of a config, from the metadata that loads it, with descriptions and defaults: what `oops schema` prints and editors use. The loader
/// is stricter where a schema cannot be: references, addresses, and rules over several keys.
/// </summary>
internal sealed class SchemaWriter
{
    static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly JsonObject definitions = [];

    SchemaWriter()
    {
    }

    /// <summary>The schema as text.</summary>
    public static string Text(JsonTypeInfo info)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Indented))
            Write(info).WriteTo(json);
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    public static JsonObject Write(JsonTypeInfo info)
    {
        var writer = new SchemaWriter();
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "DNS OOPS configuration",
        };
        foreach (var (key, value) in writer.Record(info).ToArray())
            schema[key] = value?.DeepClone();
        schema["$defs"] = writer.definitions;
        return schema;
    }

    JsonObject Record(JsonTypeInfo info)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        var instance = Minimal.Of(info);
        foreach (var property in Shape.Keys(info))
        {
            var schema = Property(info, property);
            if (property.IsRequired)
                required.Add((JsonNode)property.Name);
            else if (Default(property.Get?.Invoke(instance), Shape.Of(info, property.PropertyType)) is { } value)
                schema["default"] = value;
            properties[property.Name] = schema;
        }

        var record = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        if (required.Count > 0)
            record["required"] = required;
        if (Shape.Attribute<OneOfAttribute>(info.Type) is { } one)
            record["oneOf"] = new JsonArray([.. one.Keys.Select(k => new JsonObject { ["required"] = new JsonArray((JsonNode)k) })]);
        return record;
    }

    JsonObject Property(JsonTypeInfo parent, JsonPropertyInfo property)
    {
        var schema = Value(Shape.Of(parent, property.PropertyType), property);
        var description = Shape.Description(property);
        if (Shape.Attribute<BoundsAttribute>(property) is { } bounds)
        {
            var range = (bounds.Least, bounds.Most) switch
            {
                (var least, "") => $"At least {least}.",
                ("", var most) => $"At most {most}.",
                var (least, most) => $"From {least} to {most}.",
            };
            description = $"{description} {range}";
        }

        schema["description"] = description;
        return schema;
    }

    JsonObject Value(JsonTypeInfo info, JsonPropertyInfo? property)
    {
        if (Scalars.For(info.Type) is { } scalar)
            return Text(scalar, property);
        var notEmpty = Shape.Attribute<NotEmptyAttribute>(property) is not null;
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Enumerable:
                var list = new JsonObject { ["type"] = "array", ["items"] = Value(Shape.Of(info, info.ElementType!), property) };
                if (notEmpty)
                    list["minItems"] = 1;
                return Shape.Attribute<MayBeOneAttribute>(property) is null ? list : new JsonObject { ["anyOf"] = new JsonArray(Value(Shape.Of(info, info.ElementType!), property), list) };
            case JsonTypeInfoKind.Dictionary:
                var map = new JsonObject
                {
                    ["type"] = "object",
                    ["propertyNames"] = new JsonObject { ["pattern"] = "^[a-z0-9][a-z0-9-]{0,62}$" },
                    ["additionalProperties"] = Value(Shape.Of(info, info.ElementType!), null),
                };
                if (notEmpty)
                    map["minProperties"] = 1;
                return map;
            default:
                return new JsonObject { ["$ref"] = $"#/$defs/{Definition(info)}" };
        }
    }

    static JsonObject Text(Scalar scalar, JsonPropertyInfo? property)
    {
        var schema = scalar.Schema();
        if (Shape.Attribute<PathAttribute>(property) is not null)
            schema["pattern"] = "^/";
        else if (Shape.Attribute<DeclaresAttribute>(property) is not null && schema["pattern"] is null)
            schema["pattern"] = "^[a-z0-9][a-z0-9-]{0,62}$";
        if (Shape.Attribute<BoundsAttribute>(property) is { } bounds && schema["type"] is JsonValue type && (string?)type is "integer" or "number")
        {
            if (bounds.Least.Length > 0)
                schema["minimum"] = JsonNode.Parse(bounds.Least);
            if (bounds.Most.Length > 0)
                schema["maximum"] = JsonNode.Parse(bounds.Most);
        }

        return schema;
    }

    string Definition(JsonTypeInfo info)
    {
        var name = JsonNamingPolicy.KebabCaseLower.ConvertName(info.Type.Name);
        name = name.EndsWith("-config", StringComparison.Ordinal) ? name[..^"-config".Length] : name;
        if (definitions.ContainsKey(name))
            return name;
        // The place is taken first: a record may hold itself.
        definitions[name] = new JsonObject();
        var record = Record(info);
        if (Shape.Attribute<ShortFormAttribute>(info.Type) is { } form)
        {
            JsonNode text = form.Text is { } word
                ? new JsonObject { ["const"] = word }
                : Value(Shape.Of(info, Shape.Key(info, form.Key)!.PropertyType), Shape.Key(info, form.Key));
            record = new JsonObject { ["anyOf"] = new JsonArray(text, record) };
        }

        definitions[name] = record;
        return name;
    }

    /// <summary>A default as a config writes it; null for what has none, and for records, whose keys have their own.</summary>
    public static JsonNode? Default(object? value, JsonTypeInfo info)
    {
        if (value is null)
            return null;
        if (Scalars.For(info.Type) is { } scalar)
        {
            return value switch
            {
                bool flag => JsonValue.Create(flag),
                int number => JsonValue.Create(number),
                double number => JsonValue.Create(number),
                _ => JsonValue.Create(scalar.Format(value)),
            };
        }

        if (info.Kind != JsonTypeInfoKind.Enumerable)
            return null;
        var list = new JsonArray();
        foreach (var item in (IEnumerable)value)
            list.Add(Item(item, Shape.Of(info, info.ElementType!)));
        return list;
    }

    // A record in a default list stands in its short form, or key by key.
    static JsonNode? Item(object? value, JsonTypeInfo info)
    {
        if (value is null || Scalars.For(info.Type) is not null || info.Kind != JsonTypeInfoKind.Object)
            return Default(value, info);
        if (Shape.Attribute<ShortFormAttribute>(info.Type) is { Text: null } form)
            return Default(Shape.Key(info, form.Key)!.Get!(value), Shape.Of(info, Shape.Key(info, form.Key)!.PropertyType));
        var record = new JsonObject();
        foreach (var property in Shape.Keys(info))
        {
            if (Default(property.Get?.Invoke(value), Shape.Of(info, property.PropertyType)) is { } written)
                record[property.Name] = written;
        }

        return record;
    }
}
