using Oops.Lab.Matrix.Plans;

namespace Oops.Lab.Matrix.Nodes;

internal static class KresdColumn
{
    public static Column Column { get; } = new("kresd", "Knot Resolver", o => new KresdNode(o),
        [Life.Crash, Unit.Stop, Life.Hang, Traffic.Flood, Traffic.Errors],
        new Dictionary<string, string>(Rows.WithoutZones) { [Rows.Backends] = "it asks whom a zone's delegation names, and tells of none of them" },
        "kresd")
    { Package = "knot-resolver", Settings = "control socket read each 2 s; dnstap window 2 s, slope window 4 s; shutting down: systemd" };
}
