using System.Collections.Immutable;
using System.Net;

namespace Oops.Wire.Gobgp;

/// <summary>One path of a prefix.</summary>
/// <param name="Prefix">IPv4 or IPv6 unicast.</param>
/// <param name="NextHop">0.0.0.0 and :: are GoBGP itself; null: it has none.</param>
public sealed record GobgpPath(IPNetwork Prefix, IPAddress? NextHop)
{
    /// <summary>0 is IGP.</summary>
    public uint Origin { get; init; }

    /// <summary>The AS numbers of its sequences. GoBGP puts its own before them when it sends the path to another AS.</summary>
    public ImmutableArray<uint> AsPath { get; init; } = [];

    public uint? Med { get; init; }

    public uint? LocalPref { get; init; }

    public ImmutableArray<uint> Communities { get; init; } = [];

    public ImmutableArray<(uint Admin, uint Data1, uint Data2)> Large { get; init; } = [];

    /// <summary>It has attributes other than these, or an AS path with sets.</summary>
    public bool HasMore { get; init; }

    /// <summary>The one that GoBGP prefers. Said of the global table only.</summary>
    public bool Best { get; init; }

    /// <summary>Whom it came from; null: it is of GoBGP's own, told through its API.</summary>
    public IPAddress? From { get; init; }

    /// <summary>To be withdrawn.</summary>
    public bool Withdraw { get; init; }

    /// <summary>What must be told of a prefix so that it is withdrawn.</summary>
    public static GobgpPath Withdrawn(IPNetwork prefix) =>
        new(prefix, prefix.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any) { Withdraw = true };
}

/// <summary>A BGP session.</summary>
/// <param name="Address">The neighbour's.</param>
/// <param name="Asn">Its AS.</param>
/// <param name="Established">It is up.</param>
/// <param name="Carries4">IPv4 unicast is configured and, where the session is up, the neighbour takes it.</param>
/// <param name="Carries6">The same of IPv6.</param>
/// <param name="Received">How many paths it has sent us, of all families.</param>
public sealed record GobgpPeer(string Address, uint Asn, bool Established, bool Carries4, bool Carries6, long Received);

/// <summary>The table that is listed.</summary>
public enum GobgpTable
{
    Global,

    /// <summary>What a neighbour is sent. GoBGP keeps no such table: it is made anew, of the whole global one, for each question.</summary>
    AdjOut,
}
