using Oops.Wire.Dns;

namespace Oops.Zones.Verification;

/// <summary>What is asked of a zone.</summary>
internal sealed record VerifyOptions
{
    /// <summary>The moment for which signatures are judged: seconds since 1970.</summary>
    public required long Now { get; init; }

    /// <summary>An unsigned zone is an error.</summary>
    public bool RequireDnssec { get; init; }

    /// <summary>A zone without ZONEMD is an error.</summary>
    public bool RequireZonemd { get; init; }

    /// <summary>Other severities than those of <see cref="ZoneFaults"/>.</summary>
    public IReadOnlyDictionary<ZoneFault, Severity> Policy { get; init; } = new Dictionary<ZoneFault, Severity>();

    /// <summary>More iterations of NSEC3 are a fault: the least of what resolvers compute since CVE-2023-50868 (Knot Resolver 5.7.1 and PowerDNS Recursor 5.0.1: 50; Unbound and BIND 9.18: 150; RFC 9276, 3.1 wants 0). A long salt counts as more of them.</summary>
    public int MostIterations { get; init; } = 50;

    /// <summary>Empty names, which are there only because of others below them, for each name that has records: more are not hashed, since they cost who sends the zone nothing. In a reverse zone of IPv6 a name may have 31.</summary>
    public int MostEmpty { get; init; } = 32;

    /// <summary>And so many more whatever the zone's size.</summary>
    public long SomeEmpty { get; init; } = 100_000;

    /// <summary>After so many checks of signatures in vain the rest is not checked: the zone does not pass, and to go on may take hours (KeyTrap).</summary>
    public long MostFailed { get; init; } = 10_000;

    /// <summary>How much its size may change; null: as much as it will.</summary>
    public SizeBrake? Brake { get; init; }

    /// <summary>Names that it has to have.</summary>
    public IReadOnlyList<DnsName> Canaries { get; init; } = [];

    /// <summary>The verdict keeps what makes that of the next version quick.</summary>
    public bool Keep { get; init; }

    public Severity Of(ZoneFault fault) => Policy.TryGetValue(fault, out var severity) ? severity : ZoneFaults.Of(fault).Severity;
}
