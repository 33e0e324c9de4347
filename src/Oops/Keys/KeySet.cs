using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Oops.Keys;

/// <summary>Who signs the DNSKEY RRset, by its RRSIG.</summary>
/// <param name="Algorithm">Of the key.</param>
/// <param name="Tag">Of the key.</param>
/// <param name="Until">When the signature ends.</param>
/// <param name="From">When it begins; without it, long ago.</param>
internal sealed record KeySigner(byte Algorithm, ushort Tag, DateTimeOffset Until, DateTimeOffset From = default)
{
    public bool IsOf(KeyData key) => Algorithm == key.Algorithm && Tag == key.Tag;
}

/// <summary>What one server serves of a zone: DNSKEY with its signatures, CDS and CDNSKEY.</summary>
internal sealed record KeySet
{
    /// <summary>Most records of a kind; a set with more is not taken (a validator that took it would be KeyTrap's victim).</summary>
    public const int Most = 64;

    /// <summary>Of the DNSKEY RRset, seconds.</summary>
    public uint Ttl { get; init; }

    /// <summary>Sorted; empty: the zone is not signed.</summary>
    public ImmutableArray<KeyData> Keys { get; init; } = [];

    public ImmutableArray<KeySigner> Signers { get; init; } = [];

    /// <summary>Sorted.</summary>
    public ImmutableArray<DsData> Cds { get; init; } = [];

    /// <summary>Sorted.</summary>
    public ImmutableArray<KeyData> Cdnskey { get; init; } = [];

    /// <summary>The last of the signatures ends then; null: there is none.</summary>
    public DateTimeOffset? SignedUntil => Signers.IsEmpty ? null : Signers.Max(s => s.Until);

    [JsonIgnore]
    public bool IsWhole => !Keys.IsDefault && Keys.All(k => k is not null) && !Signers.IsDefault && Signers.All(s => s is not null) && !Cds.IsDefault && Cds.All(d => d is not null) && !Cdnskey.IsDefault && Cdnskey.All(k => k is not null);

    public bool HasSameKeys(KeySet other) => Keys.AsSpan().SequenceEqual(other.Keys.AsSpan());

    /// <summary>It asks the parent for the same, by the same records.</summary>
    public bool AsksAs(KeySet other) => Cds.AsSpan().SequenceEqual(other.Cds.AsSpan()) && Cdnskey.AsSpan().SequenceEqual(other.Cdnskey.AsSpan());

    /// <summary>The set is signed with the key, as far as its RRSIGs say so: nothing is verified.</summary>
    public bool IsSignedBy(KeyData key) => Signers.Any(s => s.IsOf(key));

    /// <summary>The same, and the signature has begun and not ended.</summary>
    public bool IsSignedBy(KeyData key, DateTimeOffset now) => Signers.Any(s => s.IsOf(key) && s.From <= now && s.Until > now);
}

/// <summary>The DS RRset of a zone, as a server of its parent has it.</summary>
internal sealed record DsSet
{
    /// <summary>Seconds; 0 where there is none.</summary>
    public uint Ttl { get; init; }

    /// <summary>Sorted; empty: there is none.</summary>
    public ImmutableArray<DsData> Records { get; init; } = [];

    [JsonIgnore]
    public bool IsWhole => !Records.IsDefault && Records.All(d => d is not null);

    public bool IsSame(DsSet other) => Records.AsSpan().SequenceEqual(other.Records.AsSpan());

    /// <summary>`1234 8, 4321 13`.</summary>
    public static string Words(IEnumerable<DsData> records) => string.Join(", ", records.Select(d => $"{d.Tag} {d.Algorithm}").Distinct());
}
