using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;

namespace Oops.Core;

/// <summary>A set of Extended DNS Error codes (INFO-CODE), by value.</summary>
public sealed record ErrorCodes(ImmutableArray<int> Codes)
{
    /// <summary>The registry of INFO-CODEs (RFC 8914, 5.2, and what IANA added until 2025), each by its name in lower case with dashes.</summary>
    static readonly string[] Registry =
    [
        "other", "unsupported-dnskey-algorithm", "unsupported-ds-digest-type", "stale-answer", "forged-answer", "dnssec-indeterminate", "dnssec-bogus", "signature-expired",
        "signature-not-yet-valid", "dnskey-missing", "rrsigs-missing", "no-zone-key-bit-set", "nsec-missing", "cached-error", "not-ready", "blocked", "censored", "filtered", "prohibited",
        "stale-nxdomain-answer", "not-authoritative", "not-supported", "no-reachable-authority", "network-error", "invalid-data", "signature-expired-before-valid", "too-early",
        "unsupported-nsec3-iterations-value", "unable-to-conform-to-policy", "synthesized", "invalid-query-type",
    ];

    static readonly FrozenDictionary<string, int> ByName = Registry.Select((name, code) => (name, code)).ToFrozenDictionary(r => r.name, r => r.code, StringComparer.Ordinal);

    public static ErrorCodes None { get; } = new(ImmutableArray<int>.Empty);

    /// <summary>The names of the registry, by rising code.</summary>
    public static IReadOnlyList<string> Names => Registry;

    /// <summary>The code of a name of the registry; null: there is none.</summary>
    public static int? Find(string name) => ByName.TryGetValue(name, out var code) ? code : null;

    /// <summary>`6 (dnssec-bogus)`, `4711`.</summary>
    public static string Of(int code) => (uint)code < (uint)Registry.Length ? string.Create(CultureInfo.InvariantCulture, $"{code} ({Registry[code]})") : code.ToString(CultureInfo.InvariantCulture);

    public bool Contains(int code) => Codes.Contains(code);

    public bool Equals(ErrorCodes? other) => other is not null && Codes.AsSpan().SequenceEqual(other.Codes.AsSpan());

    public override int GetHashCode() => Codes.Aggregate(0, HashCode.Combine);
}
