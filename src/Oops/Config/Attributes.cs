using Oops.Core;

namespace Oops.Config;

/// <summary>What the names of a config stand for.</summary>
internal enum Named
{
    Server,
    Condition,
    Route,
    Action,
}

/// <summary>The text, each text of the list, or the name in a <see cref="NameOrNot"/> must be declared as such a name.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ReferenceAttribute(Named to) : Attribute
{
    public Named To => to;
}

/// <summary>The text, or each key of the map, is a new name of this kind. Names are <c>[a-z0-9-]+</c> and unique.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DeclaresAttribute(Named what) : Attribute
{
    public Named What => what;
}

/// <summary>The text is an absolute path.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PathAttribute : Attribute;

/// <summary>Bounds of a value, both included, written as in a config ("1", "100ms"); empty: unbounded. Of a list they bound each item.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BoundsAttribute(string least, string most = "") : Attribute
{
    public string Least => least;

    public string Most => most;
}

/// <summary>What to write for a key without a default, to begin with.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BeginWithAttribute(string word) : Attribute
{
    public string Word => word;
}

/// <summary>What sources of a kind can measure of the servers themselves, not of references. `oops check` offers them for what nobody covers.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class MeasuresAttribute(params Measure[] measures) : Attribute
{
    public IReadOnlyList<Measure> Measures => measures;

    /// <summary>The software that it can learn from; empty: every DNS server.</summary>
    public ServerKind[] Of { get; set; } = [];

    /// <summary>Those that it measures only with <see cref="By"/>.</summary>
    public Measure[] Optional { get; set; } = [];

    /// <summary>Key and value that make it measure them: "signatures: true".</summary>
    public string By { get; set; } = "";
}

/// <summary>The list or map must have at least one item.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NotEmptyAttribute : Attribute;

/// <summary>An item may stand for the list of it alone.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class MayBeOneAttribute : Attribute;

/// <summary>Exactly one of these keys is written.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OneOfAttribute(params string[] keys) : Attribute
{
    public IReadOnlyList<string> Keys => keys;
}

/// <summary>A text may stand for the map: any text for <c>{key: text}</c>, or only <see cref="Text"/> for <c>{key: true}</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ShortFormAttribute(string key) : Attribute
{
    public string Key => key;

    public string? Text { get; set; }
}
