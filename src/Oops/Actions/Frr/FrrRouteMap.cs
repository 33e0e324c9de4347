using System.Globalization;
using Oops.Routers;

namespace Oops.Actions.Frr;

/// <summary>
/// The route-map of a look, in the running configuration. Its name says all that is in it, so that it never has to be changed: bgpd would take up an edit only after `bgp route-map delay-timer` (5 s), but another map at a prefix at once.
/// </summary>
internal sealed record FrrRouteMap(string Name, IReadOnlyList<string> Sets)
{
    /// <param name="look">How the prefix is announced.</param>
    /// <param name="asn">What is prepended; needed when the look prepends.</param>
    public static FrrRouteMap Of(Look look, uint? asn)
    {
        var name = new List<string>();
        // `network` gives a route the metric of the kernel's route, if any. The plain form has 0 (that of `network` elsewhere), or forms could not be told apart.
        var sets = new List<string> { string.Create(CultureInfo.InvariantCulture, $"set metric {look.Med ?? 0}") };
        if (look.Prepend > 0)
        {
            var count = look.Prepend.ToString(CultureInfo.InvariantCulture);
            var number = (asn ?? throw new ArgumentNullException(nameof(asn))).ToString(CultureInfo.InvariantCulture);
            name.Add($"PREPEND-{number}-{count}");
            sets.Add($"set as-path prepend {string.Join(' ', Enumerable.Repeat(number, look.Prepend))}");
        }

        if (look.Med is { } med) name.Add(string.Create(CultureInfo.InvariantCulture, $"MED-{med}"));
        if (look.Community is { } c) name.Add(string.Create(CultureInfo.InvariantCulture, $"COMMUNITY-{c.Asn}:{c.Value}"));
        if (look.Communities is { Count: > 0 } communities) sets.Add($"set community {string.Join(' ', communities.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Asn}:{m.Value}")))} additive");
        if (look.IsDraining)
        {
            name.Add("DRAIN");
            // For peers of the same AS (RFC 8326 section 4.2). A local route is preferred by its weight before that.
            sets.Add("set local-preference 0");
        }

        if (look.Large is { } l)
        {
            var large = string.Create(CultureInfo.InvariantCulture, $"{l.Asn}:{l.Data1}:{l.Data2}");
            name.Add($"LARGE-{large}");
            sets.Add($"set large-community {large} additive");
        }

        if (name.Count == 0) name.Add("PLAIN");
        return new($"OOPS-{string.Join('-', name)}", sets);
    }
}
