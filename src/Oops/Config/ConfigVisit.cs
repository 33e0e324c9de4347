using System.Collections;
using System.Text.Json.Serialization.Metadata;

namespace Oops.Config;

/// <summary>Every record of a loaded config with its path, by the same metadata that loaded it.</summary>
internal static class ConfigVisit
{
    public static IEnumerable<(string Path, object Record)> Records(object root, JsonTypeInfo info) => Visit(root, info, "");

    static IEnumerable<(string, object)> Visit(object? value, JsonTypeInfo info, string path)
    {
        if (value is null || Scalars.For(info.Type) is not null)
            yield break;
        if (info.Kind == JsonTypeInfoKind.Enumerable)
        {
            // Lists of plain values may have 100,000 items and hold no records.
            if (Scalars.For(info.ElementType!) is not null)
                yield break;
            var i = 0;
            foreach (var item in (IEnumerable)value)
            {
                foreach (var found in Visit(item, Shape.Of(info, info.ElementType!), $"{path}[{i}]"))
                    yield return found;
                i++;
            }
        }
        else if (info.Kind == JsonTypeInfoKind.Dictionary)
        {
            foreach (DictionaryEntry entry in (IDictionary)value)
            {
                foreach (var found in Visit(entry.Value, Shape.Of(info, info.ElementType!), Shape.Join(path, (string)entry.Key)))
                    yield return found;
            }
        }
        else
        {
            yield return (path, value);
            foreach (var property in Shape.Keys(info))
            {
                foreach (var found in Visit(property.Get?.Invoke(value), Shape.Of(info, property.PropertyType), Shape.Join(path, property.Name)))
                    yield return found;
            }
        }
    }
}
