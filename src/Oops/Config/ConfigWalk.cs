using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Oops.Config;

/// <summary>
/// One walk over the tree and the type metadata together: each unknown, missing and mistyped key is reported, and what is right is written as the JSON
/// that the source-generated reader takes. A section in which anything is wrong is written as a placeholder and noted as <see cref="ConfigErrors.Unbound"/>, so that
/// the others can be judged further.
/// </summary>
internal sealed class ConfigWalk(ConfigErrors errors, ConfigNames names, Utf8JsonWriter json)
{
    readonly Dictionary<JsonPropertyInfo, PropertyRules> rules = [];

    /// <summary>True while a section is walked: then the JSON of the whole section is dropped if anything is wrong.</summary>
    bool within;

    /// <summary>False while a file could not be read: a key that is missing may stand there.</summary>
    public bool Complete { get; init; } = true;

    public void Root(MapNode root, JsonTypeInfo info)
    {
        errors.Written("", root.At);
        Record(root, info, "");
    }

    // Attributes are slow to ask for, and a list of zones asks 100,000 times.
    PropertyRules RulesOf(JsonPropertyInfo property) =>
        this.rules.TryGetValue(property, out var rules) ? rules : this.rules[property] = PropertyRules.Of(property);

    /// <summary>The value of a key, or an item, outside of sections.</summary>
    void Section(Node node, Type type, JsonTypeInfo parent, PropertyRules rules, string path)
    {
        var (outer, before, declared) = (json, errors.Count, names.Declarations);
        using var buffer = new MemoryStream();
        within = true;
        using (json = new Utf8JsonWriter(buffer))
            Value(node, type, parent, rules, path);
        (json, within) = (outer, false);
        if (errors.Count == before)
        {
            json.WriteRawValue(buffer.ToArray(), skipInputValidation: true);
            return;
        }

        var info = Shape.Of(parent, type);
        if (Shape.HoldsSections(info) || (names.Declarations == declared && info.Kind == JsonTypeInfoKind.Object && Shape.Keys(info).Any(p => RulesOf(p).Declares is not null)))
            errors.Unbound.Hole(path);
        Placeholder(info, path);
    }

    void Placeholder(JsonTypeInfo info, string path)
    {
        errors.Unbound.Section(path);
        Minimal.Write(json, info);
    }

    /// <summary>For its errors only.</summary>
    void Discard(Node node, Type type, JsonTypeInfo parent, string path)
    {
        var outer = json;
        using (json = new Utf8JsonWriter(Stream.Null))
            Section(node, type, parent, PropertyRules.None, path);
        json = outer;
    }

    void Property(Node node, Type type, JsonTypeInfo parent, PropertyRules rules, string path)
    {
        var info = Scalars.For(type) is null ? Shape.Of(parent, type) : null;
        if (info is not null && Shape.HoldsSections(info) && (info.Kind == JsonTypeInfoKind.Enumerable ? node is ListNode : node is MapNode))
            Value(node, type, parent, rules, path);
        else
            Item(node, type, parent, rules, path);
    }

    void Item(Node node, Type type, JsonTypeInfo parent, PropertyRules rules, string path)
    {
        if (within)
            Value(node, type, parent, rules, path);
        else
            Section(node, type, parent, rules, path);
    }

    void Value(Node node, Type type, JsonTypeInfo parent, PropertyRules rules, string path)
    {
        if (node is TextNode { IsEmpty: true })
            Wrong(errors.PositionOf(path), path, "has no value; give it one or remove the key");
        else if (Scalars.For(type) is { } scalar)
            Text(node, scalar, rules, path);
        else if (Shape.Of(parent, type) is { Kind: JsonTypeInfoKind.Enumerable } list)
            List(node, list, rules, path);
        else if (Shape.Of(parent, type) is { Kind: JsonTypeInfoKind.Dictionary } map)
            Map(node, map, rules, path);
        else
            Record(node, Shape.Of(parent, type), path);
    }

    void Wrong(Position at, string path, string text)
    {
        errors.Add(at, path, text);
        json.WriteNullValue();
    }

    void Text(Node node, Scalar scalar, PropertyRules rules, string path)
    {
        if (node is not TextNode text)
        {
            Wrong(node.At, path, $"must be {scalar.What}; found {node.What}");
            return;
        }

        var (value, problem) = scalar.Parse(text.Text);
        problem = value is null ? problem : Rule(text.Text, value, scalar, rules, path);
        if (value is null || problem is { Length: > 0 })
            Wrong(node.At, path, problem ?? $"must be {scalar.What}");
        else
            scalar.Write(json, value);
    }

    /// <summary>What the property's attributes ask of a value of the right type; null if it is as they ask.</summary>
    string? Rule(string text, object value, Scalar scalar, PropertyRules rules, string path)
    {
        if (value is string && text.Length == 0)
            return "is an empty text; give it a value or remove the key";
        if (rules.Bounds is { } bounds && value is IComparable number)
        {
            if (bounds.Least.Length > 0 && number.CompareTo(scalar.Parse(bounds.Least).Value) < 0)
                return $"{text} is too small; the least is {bounds.Least}";
            if (bounds.Most.Length > 0 && number.CompareTo(scalar.Parse(bounds.Most).Value) > 0)
                return $"{text} is too large; the most is {bounds.Most}";
        }

        if (rules.IsPath && (!text.StartsWith('/') || text.Length > 4095))
            return $"{ConfigErrors.Show(text)} is not an absolute path; begin it with '/'";
        if (rules.Declares is { } declares)
        {
            if (ConfigNames.Problem(text) is { } problem)
                return problem;
            names.Declare(declares, text, path, errors);
        }

        if (rules.Reference is { } reference)
            names.Use(reference, value is NameOrNot condition ? condition.Name : text, path);
        return null;
    }

    void List(Node node, JsonTypeInfo info, PropertyRules rules, string path)
    {
        if (rules.MayBeOne && node is not ListNode)
        {
            json.WriteStartArray();
            Item(node, info.ElementType!, info, rules, path);
            json.WriteEndArray();
            return;
        }

        if (node is not ListNode list)
        {
            Wrong(node.At, path, $"must be a list; found {node.What}{(node is TextNode { Text.Length: < 40 } text ? $"; write [{text.Text}]" : "; begin each item with '- '")}");
            return;
        }

        if (list.Items.Count == 0 && rules.NotEmpty)
            errors.Add(node.At, path, "is an empty list; give it at least one item");
        json.WriteStartArray();
        for (var i = 0; i < list.Items.Count; i++)
        {
            var here = $"{path}[{i}]";
            errors.Written(here, list.Items[i].At);
            Item(list.Items[i], info.ElementType!, info, rules, here);
        }

        json.WriteEndArray();
    }

    void Map(Node node, JsonTypeInfo info, PropertyRules rules, string path)
    {
        if (node is not MapNode map)
        {
            Wrong(node.At, path, $"must be a map of names; found {node.What}");
            return;
        }

        if (map.Entries.Count == 0 && rules.NotEmpty)
        {
            errors.Add(node.At, path, "is an empty map; give it at least one name");
            errors.Unbound.Hole(path);
        }

        json.WriteStartObject();
        foreach (var (key, value) in map.Entries)
        {
            if (ConfigNames.Problem(key.Text) is { } problem)
            {
                errors.Add(key.At, path, problem);
                errors.Unbound.Hole(path);
                if (!within)
                    Discard(value, info.ElementType!, info, $"{path}.{ConfigErrors.Show(key.Text)}");
                continue;
            }

            var here = Shape.Join(path, key.Text);
            errors.Written(here, key.At);
            if (rules.Declares is { } declares)
                names.Declare(declares, key.Text, here, errors);
            json.WritePropertyName(key.Text);
            Item(value, info.ElementType!, info, PropertyRules.None, here);
        }

        json.WriteEndObject();
    }

    void Record(Node node, JsonTypeInfo info, string path)
    {
        if (node is TextNode text && Shape.Attribute<ShortFormAttribute>(info.Type) is { } form && (form.Text is null || form.Text == text.Text))
            node = new MapNode(text.At, [new Entry(new TextNode(text.At, form.Key, true), form.Text is null ? text : text with { Text = "true" })]);
        if (node is not MapNode map)
        {
            var keys = string.Join(", ", Shape.Keys(info).Select(p => p.Name).Take(8));
            Wrong(node.At, path, $"must be a map with keys such as {keys}{(Shape.Attribute<ShortFormAttribute>(info.Type)?.Text is { } word ? $", or '{word}'" : "")}; found {node.What}");
            return;
        }

        json.WriteStartObject();
        foreach (var (key, value) in map.Entries)
        {
            if (Shape.Key(info, key.Text) is not { } property)
            {
                errors.Add(key.At, path, $"unknown key {ConfigErrors.Show(key.Text)}{Known(key.Text, info)}");
                if (!within)
                    errors.Unbound.Hole(Suggest.Nearest(key.Text, Shape.Keys(info).Select(p => p.Name)) is { } meant ? Shape.Join(path, meant) : path);
                continue;
            }

            var here = Shape.Join(path, key.Text);
            errors.Written(here, value is TextNode { IsEmpty: false } ? value.At : key.At);
            json.WritePropertyName(key.Text);
            Property(value, property.PropertyType, info, RulesOf(property), here);
        }

        Missing(map, info, path);
        json.WriteEndObject();
    }

    static string Known(string key, JsonTypeInfo info)
    {
        var known = Shape.Keys(info).Select(p => p.Name).ToArray();
        return Suggest.DidYouMean(key, known) is { Length: > 0 } near ? near : $"; the keys here are: {string.Join(", ", known)}";
    }

    static string WayOut(JsonPropertyInfo property) => Shape.Attribute<BeginWithAttribute>(property) is { } begin ? $"write '{property.Name}: {begin.Word}' to begin with. " : "";

    void Missing(MapNode map, JsonTypeInfo info, string path)
    {
        var judged = path.Length > 0 || Complete;
        foreach (var property in Shape.Keys(info).Where(p => p.IsRequired && map.Find(p.Name) is null))
        {
            if (judged)
                errors.Add(path, $"the key '{property.Name}' is missing: {WayOut(property)}{Shape.Description(property)}");
            if (within)
                continue;
            errors.Unbound.Hole(Shape.Join(path, property.Name));
            json.WritePropertyName(property.Name);
            Placeholder(Shape.Of(info, property.PropertyType), Shape.Join(path, property.Name));
        }

        if (!judged)
            return;
        if (Shape.Attribute<OneOfAttribute>(info.Type) is not { } one)
            return;
        var written = one.Keys.Where(k => map.Find(k) is not null).ToArray();
        if (written.Length == 0)
            errors.Add(path, $"needs one of the keys {string.Join(", ", one.Keys)}");
        else if (written.Length > 1)
            errors.Add(path, $"has {string.Join(" and ", written)}; only one of them can be written");
    }
}
