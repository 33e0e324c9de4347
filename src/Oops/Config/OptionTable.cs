using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Oops.Config;

/// <summary>The options of one record as a Markdown table, from the metadata that loads it: what an adapter's page shows. Keys of records within it stand behind a dot.</summary>
internal static class OptionTable
{
    /// <summary>The table of the source or action of that name, or of `actions/NAME` where both have one; null: there is none.</summary>
    public static string? Of(JsonTypeInfo root, string adapter)
    {
        foreach (var kind in (string[])["sources", "actions"])
        {
            var name = adapter.StartsWith(kind + "/", StringComparison.Ordinal) ? adapter[(kind.Length + 1)..] : adapter;
            if (Shape.Key(root, kind) is { } key && Shape.Key(Shape.Of(root, key.PropertyType), name) is { } property)
            {
                var list = Shape.Of(root, property.PropertyType);
                return Text(Shape.Of(list, list.ElementType!));
            }
        }

        return null;
    }

    static string Text(JsonTypeInfo record)
    {
        var text = new StringBuilder("| key | default | meaning |\n|---|---|---|\n");
        Add(text, record, Minimal.Of(record), given: false, "");
        return text.ToString();
    }

    /// <param name="text">Where the rows are added.</param>
    /// <param name="record">The record.</param>
    /// <param name="defaults">An instance that holds its defaults.</param>
    /// <param name="given">True if the instance is itself a default: then what must be written in it has one too.</param>
    /// <param name="before">The path of the record, with its dot.</param>
    static void Add(StringBuilder text, JsonTypeInfo record, object defaults, bool given, string before)
    {
        var schema = (JsonObject)SchemaWriter.Write(record)["properties"]!;
        foreach (var property in Shape.Keys(record))
        {
            var (value, own) = (property.Get?.Invoke(defaults), Scalars.For(property.PropertyType) is null ? Shape.Of(record, property.PropertyType) : null);
            var shown = property.IsRequired && !given ? "required" : SchemaWriter.Default(value, Shape.Of(record, property.PropertyType)) is { } known ? $"`{Yaml(known)}`" : "";
            text.Append(CultureInfo.InvariantCulture, $"| `{before}{property.Name}` | {shown} | {Cell((string?)schema[property.Name]!["description"] ?? "")} |\n");
            if (own is { Kind: JsonTypeInfoKind.Object })
                Add(text, own, value ?? Minimal.Of(own), value is not null, $"{before}{property.Name}.");
            else if (own is { Kind: JsonTypeInfoKind.Enumerable } && Scalars.For(own.ElementType!) is null)
                Add(text, Shape.Of(own, own.ElementType!), Minimal.Of(Shape.Of(own, own.ElementType!)), given: false, $"{before}{property.Name}[].");
        }
    }

    static string Yaml(JsonNode value) => value is JsonArray items ? $"[{string.Join(", ", items.Select(i => Yaml(i!)))}]" : value.ToString();

    static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
