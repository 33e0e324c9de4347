using System.Globalization;

namespace Oops.Actions.Frr;

/// <summary>Communities as bgpd's JSON lists them: "64500:90", or the name of one that is well known.</summary>
internal static class FrrCommunities
{
    const ushort WellKnown = 65535;

    public static (ushort Asn, ushort Value)? Parse(string text) => text switch
    {
        "internet" => (0, 0),
        "gracefulShutdown" => (WellKnown, 0),
        "acceptown" => (WellKnown, 1),
        "routeFilterTranslatedV4" => (WellKnown, 2),
        "routeFilterV4" => (WellKnown, 3),
        "routeFilterTranslatedV6" => (WellKnown, 4),
        "routeFilterV6" => (WellKnown, 5),
        "llgrStale" => (WellKnown, 6),
        "noLlgr" => (WellKnown, 7),
        "acceptownnexthop" => (WellKnown, 8),
        "blackhole" => (WellKnown, 666),
        "noExport" => (WellKnown, 65281),
        "noAdvertise" => (WellKnown, 65282),
        "localAs" => (WellKnown, 65283),
        "noPeer" => (WellKnown, 65284),
        _ when text.Split(':') is [var a, var b]
            && ushort.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var asn)
            && ushort.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var value) => (asn, value),
        _ => null,
    };

    public static (uint Asn, uint Data1, uint Data2)? ParseLarge(string text) => text.Split(':') is [var a, var b, var c]
        && uint.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var asn)
        && uint.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var one)
        && uint.TryParse(c, NumberStyles.None, CultureInfo.InvariantCulture, out var two) ? (asn, one, two) : null;
}
