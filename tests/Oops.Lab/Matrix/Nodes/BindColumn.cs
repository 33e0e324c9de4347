using Oops.Lab.Matrix.Plans;

namespace Oops.Lab.Matrix.Nodes;

/// <summary>What BIND tells, and what it cannot.</summary>
internal static class BindColumn
{
    public static Column Column { get; } = new("bind", "BIND", o => new BindNode(o), [Life.Crash, Life.Stop, Life.Hang, Secondary.Expire, Secondary.Thousand, Secondary.Ixfr, Secondary.Axfr, Secondary.Behind, Signatures.Lapse, Traffic.Flood, Traffic.Errors],
        new Dictionary<string, string>
        {
            [Rows.Invalid] = "BIND 9.18 does not validate the zones that it serves",
            [Rows.Keys] = "BIND 9.18 tells of its keys in its log and by `rndc dnssec -status` alone",
            [Rows.Backends] = "it has none",
        }, "named", "rndc")
    {
        Package = "bind9",
        Settings = "server read each 10 s, its counters each 2 s; zones probed each second; dnstap window 2 s, slope window 4 s",
    };
}
