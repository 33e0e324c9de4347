using System.Collections.Immutable;

namespace Oops.Keys;

/// <summary>What one look at a zone has found.</summary>
/// <param name="At">When.</param>
/// <param name="Servers">Each address that is configured, in the config's order.</param>
/// <param name="Parents">Those of the parent's.</param>
internal sealed record ZoneLook(DateTimeOffset At, ImmutableArray<ServerLook> Servers, ImmutableArray<ParentLook> Parents);

/// <summary>What one address of the server has said.</summary>
/// <param name="Address">`192.0.2.53`, `::1@5353`.</param>
/// <param name="Keys">Null: nothing that can be used.</param>
/// <param name="Why">Then: terminal-safe.</param>
internal sealed record ServerLook(string Address, KeySet? Keys, string? Why);

/// <summary>What one server of the parent has said.</summary>
/// <param name="Address">As above.</param>
/// <param name="Ds">Null: nothing that can be used; it may not be an authority for this zone's parent.</param>
/// <param name="Why">Then: terminal-safe.</param>
internal sealed record ParentLook(string Address, DsSet? Ds, string? Why);
