using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;

namespace Oops.Core;

/// <summary>A set of Extended DNS Error codes (INFO-CODE), by value.</summary>
public sealed record ErrorCodes(ImmutableArray<int> Codes)
{
    static readonly FrozenDictionary<string, int> ByName = ErrorInfo.All.ToFrozenDictionary(i => i.Name, i => i.Code, StringComparer.Ordinal);

    public static ErrorCodes None { get; } = new(ImmutableArray<int>.Empty);

    /// <summary>The names of the registry, by rising code.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ErrorInfo.All.Select(i => i.Name)];

    /// <summary>The code of a name of the registry; null: there is none.</summary>
    public static int? Find(string name) => ByName.TryGetValue(name, out var code) ? code : null;

    /// <summary>`6 (dnssec-bogus)`, `4711`.</summary>
    public static string Of(int code) => ErrorInfo.Of(code) is { } known ? string.Create(CultureInfo.InvariantCulture, $"{code} ({known.Name})") : code.ToString(CultureInfo.InvariantCulture);

    public bool Contains(int code) => Codes.Contains(code);

    public bool Equals(ErrorCodes? other) => other is not null && Codes.AsSpan().SequenceEqual(other.Codes.AsSpan());

    public override int GetHashCode() => Codes.Aggregate(0, HashCode.Combine);
}
