using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>What all judges of one version share: the version, its keys, its denial, and what is asked.</summary>
internal sealed record ZonePlan(ZoneVersion Zone, ZoneKeys Keys, Denial Denial, VerifyOptions Options)
{
    /// <summary>The zone has a key: all that DNSSEC asks for is asked of it.</summary>
    public bool IsSigned => Keys.Any;
}
