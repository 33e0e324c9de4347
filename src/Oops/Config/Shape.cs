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

    public static JsonPropertyInfo? Property(JsonTypeInfo info, string name)
    {
        foreach (var property in info.Properties)
        {
            if (property.Name == name)
                return property;
        }

        return null;
    }

    /// <summary>`a.b`, or `b` at the top.</summary>
    public static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
