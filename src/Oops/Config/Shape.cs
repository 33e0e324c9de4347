using System.ComponentModel;
using System.Text.Json.Serialization.Metadata;

namespace Oops.Config;

/// <summary>The config types as the source generator describes them: what the walk, the schema and the visit read. No reflection over members.</summary>
internal static class Shape
{
    public static JsonTypeInfo Of(JsonTypeInfo parent, Type type) =>
        parent.Options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);

    /// <summary>The type's own attribute, if it has one.</summary>
    public static T? Attribute<T>(Type type)
        where T : Attribute => type.GetCustomAttributes(typeof(T), false).FirstOrDefault() as T;

    public static T? Attribute<T>(JsonPropertyInfo? property)
        where T : Attribute => property?.AttributeProvider?.GetCustomAttributes(typeof(T), true).FirstOrDefault() as T;

    public static string Description(JsonPropertyInfo property) => Attribute<DescriptionAttribute>(property)?.Description ?? "";

    /// <summary>The keys of a record. What has no setter is computed and no key.</summary>
    public static IEnumerable<JsonPropertyInfo> Keys(JsonTypeInfo info) => info.Properties.Where(p => p.Set is not null || p.IsRequired);

    public static JsonPropertyInfo? Key(JsonTypeInfo info, string name) => Keys(info).FirstOrDefault(p => p.Name == name);

    /// <summary>True for a list or map of records, and for a record with such lists or maps: what is in them is judged one by one.</summary>
    public static bool HoldsSections(JsonTypeInfo info) => info.Kind switch
    {
        JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary => Scalars.For(info.ElementType!) is null,
        JsonTypeInfoKind.Object => Keys(info).Any(p => Scalars.For(p.PropertyType) is null && Of(info, p.PropertyType) is { Kind: JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary } list && HoldsSections(list)),
        _ => false,
    };

    /// <summary>`a.b`, or `b` at the top.</summary>
    public static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}

/// <summary>What the attributes of a property ask of its value, or of each item of its list.</summary>
internal sealed record PropertyRules(BoundsAttribute? Bounds, bool IsPath, bool NotEmpty, Named? Declares, Named? Reference, bool MayBeOne = false)
{
    public static PropertyRules None { get; } = new(null, false, false, null, null);

    public static PropertyRules Of(JsonPropertyInfo property) => new(
        Shape.Attribute<BoundsAttribute>(property),
        Shape.Attribute<PathAttribute>(property) is not null,
        Shape.Attribute<NotEmptyAttribute>(property) is not null,
        Shape.Attribute<DeclaresAttribute>(property)?.What,
        Shape.Attribute<ReferenceAttribute>(property)?.To,
        Shape.Attribute<MayBeOneAttribute>(property) is not null);
}
