using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>What all judges of one version share: the version, its keys, its denial, and what is asked.</summary>
internal sealed record ZonePlan(ZoneVersion Zone, ZoneKeys Keys, Denial Denial, VerifyOptions Options)
{
    /// <summary>The zone has a key: all that DNSSEC asks for is asked of it.</summary>
    public bool IsSigned => Keys.Any;

    /// <summary>A version that was found good by the same keys: what is the same there needs no look at its signatures. Null: there is none.</summary>
    public ZoneVersion? Trusted { get; init; }
}
