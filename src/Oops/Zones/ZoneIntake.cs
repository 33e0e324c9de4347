using System.Globalization;
using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Zones;

/// <summary>What came of taking a zone in.</summary>
/// <param name="Version">The new version; the one that was had, if no primary has a newer one; null: it could not be had, and <see cref="TransferRound.Why"/> says why.</param>
/// <param name="Faults">What was wrong with records that came.</param>
/// <param name="Round">Who was asked.</param>
internal sealed record ZoneTaken(ZoneVersion? Version, IntakeFaults Faults, TransferRound Round);

/// <summary>
/// Takes versions of zones in from their primaries: what has changed since the one that is had where a primary tells it, else all of it. Records go from the message into the version, so the zone is never in memory a second time.
/// </summary>
internal sealed class ZoneIntake(Primaries primaries, TransferLimits limits)
{
    /// <param name="had">The version that is had; <see cref="ZoneVersion.Nothing"/>: none, and any serial is taken.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<ZoneTaken> RunAsync(ZoneVersion had, CancellationToken stop)
    {
        // A version takes somewhat more than its messages, if nothing in them is compressed.
        var edit = new ZoneEdit(had) { Most = limits.Bytes + (limits.Bytes / 2) };
        ZoneVersion? version = null;
        var round = await primaries.RunAsync(new TransferWish(had.Apex, had.Soa?.Serial, limits), edit, Take, stop).ConfigureAwait(false);
        return new(round.Result.Outcome == TransferOutcome.UpToDate ? had : round.Ok ? version : null, edit.Faults, round);

        string? Take(TransferResult result)
        {
            version = null;
            if (edit.Misfits)
                return "the differences do not fit the version that is had";
            var sealedVersion = edit.Seal();
            if (sealedVersion.ApexNode is not { IsNone: false } apex || apex.Get(DnsType.Soa).Count != 1 || sealedVersion.Soa is not { } soa || soa.Serial != result.Soa!.Value.Serial)
                return string.Create(CultureInfo.InvariantCulture, $"what came is not the version of serial {result.Soa!.Value.Serial} that was told");
            version = sealedVersion;
            return null;
        }
    }
}
