using Oops.Lab.Matrix.Plans;

namespace Oops.Lab.Matrix.Nodes;

/// <summary>The Authoritative Server and dnsdist.</summary>
internal static class PowerdnsColumns
{
    public static Column Authoritative { get; } = new("powerdns", "PowerDNS Authoritative Server", o => new PdnsNode(o),
        [Life.Crash, Unit.Stop, Life.Hang, Secondary.Expire, Secondary.Thousand, Secondary.Ixfr, Secondary.Axfr, Secondary.Behind, Signatures.Lapse, Traffic.Flood],
        new Dictionary<string, string>
        {
            [Rows.Errors] = "4.7.3 adds no Extended DNS Error to any answer, and has no dnstap",
            [Rows.Invalid] = "4.7.3 validates no zone that it is given: a broken signature is served, and nothing is said of it",
            [Rows.Keys] = "4.7.3 tells nobody of a new key; its API has the keys of zones that it signs itself, and is not asked for them",
            [Rows.Backends] = "it has none",
        }, "pdns_server", "sqlite3")
    { Package = "pdns-server", Settings = "API read each 10 s, each 1 s where zones expire within seconds; its counters each 2 s; zones probed each second; xfr-cycle-interval 1 s; it never says that a zone has expired, so the moment is its last check and the SOA's expire; for *no longer ready* the zone is deleted; shutting down: systemd" };

    public static Column Dnsdist { get; } = new("dnsdist", "dnsdist", o => new DnsdistNode(o),
        [Life.Crash, Unit.Stop, Life.Hang, Traffic.Flood, Traffic.Errors, Backends.Down], Rows.WithoutZones,
        "dnsdist")
    { Package = "dnsdist", Settings = "backends read each second, 1 s of grace; they are checked each second, with a timeout of 500 ms; its counters each 2 s; dnstap window 2 s, slope window 4 s; shutting down: systemd" };
}
