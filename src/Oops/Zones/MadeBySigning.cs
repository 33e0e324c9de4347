using Oops.Wire.Dns;

namespace Oops.Zones;

/// <summary>Types that signing a zone makes of it, and makes anew.</summary>
internal static class MadeBySigning
{
    /// <summary>What BIND writes about its own signing into a zone.</summary>
    const DnsType BindPrivate = (DnsType)65534;

    public static bool Is(DnsType type) => type is DnsType.Rrsig or DnsType.Nsec or DnsType.Nsec3 or DnsType.Nsec3Param or DnsType.Zonemd or BindPrivate;
}
