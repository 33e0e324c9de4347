using Oops.Lab.Matrix.Plans;

namespace Oops.Lab.Matrix.Nodes;

/// <summary>What of the PowerDNS Recursor is provoked: a resolver, without zones.</summary>
internal static class RecursorColumn
{
    public static Column Column { get; } = new("recursor", "PowerDNS Recursor", o => new RecursorNode(o),
        [Life.Crash, Unit.Stop, Life.Hang, Traffic.Flood, Traffic.Errors],
        new Dictionary<string, string>(Rows.WithoutZones)
        {
            [Rows.Backends] = "its API does not tell whether a server that it forwards to answers",
        }, "pdns_recursor")
    {
        Package = "pdns-recursor",
        Settings = "API read each 10 s, its counters each 2 s; the rise of the rate is a line through the last six of them; shutting down: systemd",
    };
}
