using Oops.Lab.Matrix.Plans;

namespace Oops.Lab.Matrix.Nodes;

/// <summary>What NSD tells, and what it cannot.</summary>
internal static class NsdColumn
{
    public static Column Column { get; } = new("nsd", "NSD", o => new NsdNode(o), [Life.Crash, Life.Stop, Life.Hang, Secondary.ExpireComputed, Secondary.Thousand, Secondary.Ixfr, Secondary.Axfr, Secondary.Behind, Signatures.Lapse, Traffic.Flood, Traffic.Errors],
        new Dictionary<string, string>
        {
            [Rows.Invalid] = "NSD 4.6 does not validate: what its `verify:` command rejects is not served, and only its log says so",
            [Rows.Keys] = "NSD 4.6 does not sign, and has no keys",
            [Rows.Backends] = "it has none",
        }, "nsd", "nsd-control")
    {
        Package = "nsd",
        Settings = "server read each 10 s, without its statistics; zones probed each second; dnstap window 2 s, slope window 4 s; a zone that expires is to be told 24 s before, as in the last 20 s NSD's own word is waited for",
    };
}
