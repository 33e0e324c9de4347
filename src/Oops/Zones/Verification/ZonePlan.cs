using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>What all judges of one version share: the version, its keys, its denial, what is asked, and an earlier verdict by the same keys and denial.</summary>
internal sealed record ZonePlan(ZoneVersion Zone, ZoneKeys Keys, Denial Denial, VerifyOptions Options, Precedent? Precedent)
{
    /// <summary>The zone has a key: all that DNSSEC asks for is asked of it.</summary>
    public bool IsSigned => Keys.Any;
}
