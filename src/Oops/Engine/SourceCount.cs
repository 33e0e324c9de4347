namespace Oops.Engine;

/// <summary>A number that a source gives of itself, for `/metrics` and `status`. It costs nothing until it is asked for.</summary>
/// <param name="Name">Words joined by `_`: the metric is `oops_KIND_NAME_total`, KIND being the source's config word; a <see cref="SourceCountKind.Level"/> has no `_total`. The same in every source of the kind.</param>
/// <param name="Help">One line.</param>
/// <param name="Value">Since the source was made, or now.</param>
/// <param name="Kind">Which of the two.</param>
internal readonly record struct SourceCount(string Name, string Help, long Value, SourceCountKind Kind = SourceCountKind.Total);

internal enum SourceCountKind
{
    /// <summary>Only rises.</summary>
    Total,

    /// <summary>Rises and falls.</summary>
    Level,
}
