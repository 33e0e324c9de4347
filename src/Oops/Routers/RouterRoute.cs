using System.Collections.Immutable;
using System.Net;
using Oops.Config;
using Oops.Core;

namespace Oops.Routers;

/// <summary>A configured route of one router.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Prefixes">Its prefixes, of both families.</param>
/// <param name="Observed">It is in mode observe: read, and never written.</param>
internal sealed record RouterRoute(string Name, ImmutableArray<IPNetwork> Prefixes, bool Observed = false)
{
    /// <summary>How the degraded form looks; the read-back tells forms apart by it.</summary>
    public Degradation Degrade { get; init; } = new(Prepend: 3);

    /// <summary>Those that go via an action.</summary>
    public static IReadOnlyList<RouterRoute> Via(string action, OopsConfig config) =>
        [.. config.Routes.Where(r => r.Value.Via == action).Select(r => new RouterRoute(r.Key, [.. r.Value.Prefixes], config.Mode == Mode.Observe || r.Value.Mode == Mode.Observe) { Degrade = r.Value.Degrade.Degradation })];
}
