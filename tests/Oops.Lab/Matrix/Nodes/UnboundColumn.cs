using Oops.Lab.Matrix.Plans;

namespace Oops.Lab.Matrix.Nodes;

/// <summary>What of Unbound is provoked, and what it cannot tell.</summary>
internal static class UnboundColumn
{
    public static Column Column { get; } = new("unbound", "Unbound", o => new UnboundNode(o),
        [Life.Crash, Life.Stop, Life.Hang, Secondary.ExpireUntold, Secondary.Thousand, Secondary.Ixfr, Secondary.Axfr, Secondary.Behind, Signatures.Lapse, Traffic.Flood, Traffic.Errors],
        new Dictionary<string, string>
        {
            [Rows.NotRefreshed] = "Unbound 1.17.1 tells nobody that an auth zone could not be refreshed: its control has only `serial` and `expired`, and it does not answer EDNS EXPIRE (RFC 7314)",
            [Rows.Expiring] = "Unbound 1.17.1 tells neither when an auth zone expires nor when it was last refreshed, on its control or by EDNS EXPIRE (RFC 7314); that it has expired, it does tell",
            [Rows.Invalid] = "Unbound 1.17.1 does not validate its auth zones as a whole, and that a zone failed `zonemd-check` is only in its log",
            [Rows.Keys] = "Unbound 1.17.1 makes no keys",
            [Rows.Backends] = "it has none",
        }, "unbound", "unbound-control")
    {
        Package = "unbound",
        Settings = "control socket read each 10 s, its counters each 2 s; zones probed each second; dnstap window 2 s, slope window 4 s",
    };
}
