using System.Globalization;
using Oops.Core;

namespace Oops.Routers;

/// <summary>How a prefix is announced: what its path has beyond that of the plain form. <c>default</c> is plain.</summary>
/// <param name="Prepend">The local AS so many times more than needed.</param>
/// <param name="Med">MULTI_EXIT_DISC.</param>
/// <param name="Community">RFC 1997.</param>
/// <param name="Large">A large community, RFC 8092.</param>
internal readonly record struct Look(int Prepend = 0, uint? Med = null, (ushort Asn, ushort Value)? Community = null, (uint Asn, uint Data1, uint Data2)? Large = null)
{
    static readonly RouteForm[] Announced = [RouteForm.Plain, RouteForm.Draining, RouteForm.Degraded];

    /// <summary>GRACEFUL_SHUTDOWN, RFC 8326. LOCAL_PREF 0 goes with it to peers of the same AS (<see cref="IsDraining"/>).</summary>
    public static (ushort Asn, ushort Value) GracefulShutdown => (65535, 0);

    public static Look Draining => new(Community: GracefulShutdown);

    public bool IsDraining => Community == GracefulShutdown;

    /// <summary>Null: it is not announced.</summary>
    public static Look? Of(RouteForm form, Degradation degrade) => form switch
    {
        RouteForm.Withdrawn => null,
        RouteForm.Degraded => new(degrade.Prepend, degrade.Med, degrade.Community, degrade.Large),
        RouteForm.Draining => Draining,
        _ => default(Look),
    };

    /// <summary>The form that looks so; null: none of the route's does, and somebody else announces it.</summary>
    /// <param name="degrade">How the degraded form looks.</param>
    /// <param name="told">The form that it was told: of two that look the same, as where a route is degraded by the community of draining, it is that one.</param>
    public RouteForm? Form(Degradation degrade, RouteForm? told)
    {
        if (told is { } form && Of(form, degrade) == this) return form;
        foreach (var other in Announced)
            if (Of(other, degrade) == this) return other;
        return null;
    }

    public override string ToString()
    {
        var words = new List<string>();
        if (Prepend > 0) words.Add(string.Create(CultureInfo.InvariantCulture, $"prepended {Prepend} times"));
        if (Med is { } med) words.Add(string.Create(CultureInfo.InvariantCulture, $"MED {med}"));
        if (Community is { } c) words.Add(string.Create(CultureInfo.InvariantCulture, $"community {c.Asn}:{c.Value}"));
        if (Large is { } l) words.Add(string.Create(CultureInfo.InvariantCulture, $"large community {l.Asn}:{l.Data1}:{l.Data2}"));
        return words.Count == 0 ? "plain" : string.Join(", ", words);
    }
}
