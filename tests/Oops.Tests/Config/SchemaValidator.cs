using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Oops.Tests.Config;

/// <summary>As much of JSON Schema 2020-12 as our schema uses; a keyword that it does not know fails.</summary>
internal sealed class SchemaValidator(JsonObject root)
{
    public List<string> Errors { get; } = [];

    public static List<string> Validate(JsonObject schema, JsonNode? value)
    {
        var validator = new SchemaValidator(schema);
        validator.Check(schema, value, "");
        return validator.Errors;
    }

    void Check(JsonObject schema, JsonNode? value, string path)
    {
        foreach (var (keyword, argument) in schema)
        {
            var ok = keyword switch
            {
                "$schema" or "title" or "$defs" or "description" or "default" => true,
                "$ref" => Passes((JsonObject)root["$defs"]![((string)argument!).Split('/')[^1]]!, value, path),
                "type" => argument is JsonArray types ? types.Any(t => Is((string)t!, value)) : Is((string)argument!, value),
                "enum" => argument!.AsArray().Any(a => JsonNode.DeepEquals(a, value)),
                "const" => JsonNode.DeepEquals(argument, value),
                "pattern" => !Is("string", value) || Matches((string)value!, (string)argument!),
                "minLength" => !Is("string", value) || ((string)value!).Length >= (int)argument!,
                "maxLength" => !Is("string", value) || ((string)value!).Length <= (int)argument!,
                "minimum" => !Is("number", value) || Number(value) >= Number(argument),
                "maximum" => !Is("number", value) || Number(value) <= Number(argument),
                "minItems" => value is not JsonArray list || list.Count >= (int)argument!,
                "minProperties" => value is not JsonObject map || map.Count >= (int)argument!,
                "required" => value is not JsonObject map || argument!.AsArray().All(k => map.ContainsKey((string)k!)),
                "properties" => Properties((JsonObject)argument!, value, path),
                "patternProperties" => Patterns((JsonObject)argument!, value, path),
                "additionalProperties" => Additional(schema, argument!, value, path),
                "propertyNames" => value is not JsonObject map || map.All(p => Passes((JsonObject)argument!, p.Key, path)),
                "items" => value is not JsonArray list || list.Select((item, i) => Passes((JsonObject)argument!, item, $"{path}[{i}]")).All(x => x),
                "anyOf" => argument!.AsArray().Any(s => Silently((JsonObject)s!, value)),
                "oneOf" => argument!.AsArray().Count(s => Silently((JsonObject)s!, value)) == 1,
                _ => throw new InvalidOperationException($"the schema uses '{keyword}'"),
            };
            if (!ok)
                Errors.Add($"{path}: {keyword}");
        }
    }

    // The inner findings are the message.
    bool Passes(JsonObject schema, JsonNode? value, string path)
    {
        Check(schema, value, path);
        return true;
    }

    bool Silently(JsonObject schema, JsonNode? value)
    {
        var inner = new SchemaValidator(root);
        inner.Check(schema, value, "");
        return inner.Errors.Count == 0;
    }

    bool Properties(JsonObject properties, JsonNode? value, string path)
    {
        foreach (var (key, inner) in value as JsonObject ?? [])
        {
            if (properties[key] is JsonObject schema)
                Check(schema, inner, $"{path}.{key}");
        }

        return true;
    }

    bool Patterns(JsonObject patterns, JsonNode? value, string path)
    {
        foreach (var (key, inner) in value as JsonObject ?? [])
        {
            foreach (var (pattern, schema) in patterns)
            {
                if (Matches(key, pattern))
                    Check((JsonObject)schema!, inner, $"{path}.{key}");
            }
        }

        return true;
    }

    static bool Matches(string text, string pattern) => Regex.IsMatch(text, pattern, RegexOptions.ECMAScript, TimeSpan.FromSeconds(1));

    bool Additional(JsonObject schema, JsonNode argument, JsonNode? value, string path)
    {
        var known = schema["properties"] as JsonObject ?? [];
        foreach (var (key, inner) in value as JsonObject ?? [])
        {
            if (known.ContainsKey(key) || (schema["patternProperties"] as JsonObject ?? []).Any(p => Matches(key, p.Key)))
                continue;
            if (argument is JsonObject each)
                Check(each, inner, $"{path}.{key}");
            else
                return false;
        }

        return true;
    }

    static bool Is(string type, JsonNode? value) => (type, value?.GetValueKind()) switch
    {
        ("object", System.Text.Json.JsonValueKind.Object) => true,
        ("array", System.Text.Json.JsonValueKind.Array) => true,
        ("string", System.Text.Json.JsonValueKind.String) => true,
        ("null", null or System.Text.Json.JsonValueKind.Null) => true,
        ("boolean", System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False) => true,
        ("number", System.Text.Json.JsonValueKind.Number) => true,
        ("integer", System.Text.Json.JsonValueKind.Number) => Number(value) % 1 == 0,
        _ => false,
    };

    static double Number(JsonNode? value) => double.Parse(value!.ToJsonString(), CultureInfo.InvariantCulture);
}
