namespace Oops.Wire.Dns.Master;

/// <summary>What a <see cref="MasterReader"/> takes for granted, and what a text may cost.</summary>
public sealed record MasterOptions
{
    /// <summary>Of records before which neither $TTL nor a TTL stands, seconds. Null: such a text is broken, unless it is the SOA, which then has its own minimum.</summary>
    public uint? DefaultTtl { get; init; }

    /// <summary>Octets of the longest entry, with its comments. The longest data takes 262140 of them, each octet as \DDD. A caller's buffer must hold one more than that.</summary>
    public int MaxEntry { get; init; } = 1 << 20;

    /// <summary>Octets of a record's text that $GENERATE makes, up to which it counts as one.</summary>
    internal const int GeneratedSize = 256;

    /// <summary>Records that all $GENERATE of a text may make together, with what it includes; one of more than 256 octets of text counts as several.</summary>
    public long MaxGenerated { get; init; } = 1_000_000;
}
