using Oops.Lab.Matrix.Nodes;

namespace Oops.Lab.Matrix.Plans;

/// <summary>A server that does not say that it stops: systemd says it, of the unit that Debian ships.</summary>
internal static class Unit
{
    public static Plan Stop { get; } = new([Rows.Stopping], new() { ProbesZones = false }, Life.StopAsync)
    {
        Node = (kind, options) => new UnitNode(kind, options),
        // Else the job might come before it is listened for.
        BeforeAsync = stage => stage.BelievesAsync("server-shutting-down", "not-met"),
        Quick = true,
    };
}
