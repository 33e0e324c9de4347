using System.Text.Json.Serialization;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>What a version of a zone was judged to be.</summary>
/// <param name="Zone">The version.</param>
/// <param name="Options">What was asked of it.</param>
/// <param name="Findings">What is wrong with it.</param>
/// <param name="Earliest">The signature that expires first, of the whole zone; null: none is good.</param>
/// <param name="Numbers">What there is of what.</param>
internal sealed record ZoneVerdict(ZoneVersion Zone, VerifyOptions Options, Findings Findings, Horizon? Earliest, ZoneNumbers Numbers)
{
    /// <summary>The first moment (seconds since 1970) at which it may be another one without a change of the zone: a signature begins or ends.</summary>
    public long Until { get; init; } = long.MaxValue;

    /// <summary>For the version after this one; null: it was not asked for.</summary>
    public Precedent? Precedent { get; init; }

    public long Errors { get; } = Sum(Findings, Options, Severity.Error);

    public long Warnings { get; } = Sum(Findings, Options, Severity.Warning);

    /// <summary>It may be served.</summary>
    public bool Passes => Errors == 0;

    static long Sum(Findings findings, VerifyOptions options, Severity severity) => findings.Faults.Where(f => options.Of(f) == severity).Sum(findings.Count);
}

/// <summary>What a zone has of what.</summary>
/// <param name="Records">All of them.</param>
/// <param name="Names">Owners, those of NSEC3 records not counted.</param>
/// <param name="RRsets">Signatures not counted.</param>
/// <param name="Delegations">NS RRsets below the apex.</param>
/// <param name="Checked">Signatures that were checked with a key.</param>
internal sealed record ZoneNumbers(long Records, long Names, [property: JsonPropertyName("rrsets")] long RRsets, long Delegations, long Checked);
