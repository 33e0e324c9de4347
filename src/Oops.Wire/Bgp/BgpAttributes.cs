using System.Collections.Immutable;

namespace Oops.Wire.Bgp;

/// <summary>The path attributes of what is announced, without the next hop. The origin is IGP.</summary>
public sealed record BgpAttributes
{
    /// <summary>One AS_SEQUENCE, nearest first; empty: none, as to an internal peer.</summary>
    public ImmutableArray<uint> Path { get; init; } = [];

    public uint? Med { get; init; }

    /// <summary>For internal peers only.</summary>
    public uint? LocalPref { get; init; }

    public ImmutableArray<uint> Communities { get; init; } = [];

    public ImmutableArray<BgpLargeCommunity> LargeCommunities { get; init; } = [];

    /// <summary>The longest that each list may be, so that they and some prefixes fit in a message.</summary>
    public const int MaxPath = 100, MaxCommunities = 100, MaxLargeCommunities = 100;
}
