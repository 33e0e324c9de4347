using System.Globalization;
using Oops.Core;

namespace Oops.Routers;

/// <summary>How a prefix is announced: what its path has beyond that of the plain form. <c>default</c> is plain.</summary>
/// <param name="Prepend">The local AS so many times more than needed.</param>
/// <param name="Med">MULTI_EXIT_DISC.</param>
/// <param name="Community">RFC 1997; never <see cref="GracefulShutdown"/>.</param>
/// <param name="Large">A large community, RFC 8092.</param>
/// <param name="IsDraining">With <see cref="GracefulShutdown"/>, and to peers of the same AS with LOCAL_PREF 0.</param>
internal readonly record struct Look(int Prepend = 0, uint? Med = null, (ushort Asn, ushort Value)? Community = null, (uint Asn, uint Data1, uint Data2)? Large = null, bool IsDraining = false)
{
    static readonly RouteForm[] Announced = [RouteForm.Plain, RouteForm.Draining, RouteForm.Degraded, RouteForm.DrainingDegraded];

    /// <summary>GRACEFUL_SHUTDOWN, RFC 8326.</summary>
    public static (ushort Asn, ushort Value) GracefulShutdown => (65535, 0);

    public static Look Draining => new(IsDraining: true);

    /// <summary>All that the path has.</summary>
    public IReadOnlyList<(ushort Asn, ushort Value)> Communities => (Community, IsDraining) switch
    {
        ({ } one, true) => [one, GracefulShutdown],
        ({ } one, false) => [one],
        (null, true) => [GracefulShutdown],
        _ => [],
    };

    /// <summary>Null: it is not announced.</summary>
    public static Look? Of(RouteForm form, Degradation degrade) => form switch
    {
        RouteForm.Withdrawn => null,
        RouteForm.Degraded => Degraded(degrade),
        RouteForm.Draining => Draining,
        RouteForm.DrainingDegraded => Degraded(degrade) with { IsDraining = true },
        _ => default(Look),
    };

    /// <summary>The same with the communities of a path; null: no form of ours has all of these.</summary>
    public Look? With(IEnumerable<(ushort Asn, ushort Value)> communities)
    {
        var all = communities.ToList();
        var others = all.FindAll(c => c != GracefulShutdown);
        return others.Count > 1 ? null : this with { Community = others is [var one] ? one : null, IsDraining = others.Count < all.Count };
    }

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
        foreach (var (asn, value) in Communities) words.Add(string.Create(CultureInfo.InvariantCulture, $"community {asn}:{value}"));
        if (Large is { } l) words.Add(string.Create(CultureInfo.InvariantCulture, $"large community {l.Asn}:{l.Data1}:{l.Data2}"));
        return words.Count == 0 ? "plain" : string.Join(", ", words);
    }

    static Look Degraded(Degradation degrade) =>
        degrade.Community == GracefulShutdown ? Draining : new(degrade.Prepend, degrade.Med, degrade.Community, degrade.Large);
}
