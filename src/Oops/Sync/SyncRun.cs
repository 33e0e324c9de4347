using System.Globalization;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;

namespace Oops.Sync;

/// <summary>How a sync ended.</summary>
internal enum SyncEnd
{
    /// <summary>The target has the zone, and has had it.</summary>
    Same,

    /// <summary>The target is not as the zone, and only a plan was asked for.</summary>
    Differs,

    /// <summary>The target has the zone now.</summary>
    Written,

    /// <summary>The brake; a person can say that it is meant.</summary>
    Braked,

    /// <summary>It could not be done, and may be done later.</summary>
    Later,

    /// <summary>It cannot be done until somebody changes something.</summary>
    Failed,
}

/// <summary>What came of a sync.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Plan">What was to change; null: it did not come so far.</param>
/// <param name="Why">In words; terminal-safe. Empty: there is nothing to say.</param>
internal sealed record SyncResult(SyncEnd End, SyncPlan? Plan, string Why = "");

/// <summary>What a sync is asked for.</summary>
/// <param name="Zone">Which zone.</param>
/// <param name="Serial">An older version is not carried on; null: any is.</param>
/// <param name="Writes">False: only the plan.</param>
/// <param name="Forced">A person says that the brake does not count.</param>
internal sealed record SyncWish(DnsName Zone, uint? Serial = null, bool Writes = true, bool Forced = false);

/// <summary>Makes a target equal to a zone: the zone is transferred whole, the target is read whole, what differs is written unless the brake says no, and the target is read again.</summary>
internal sealed class SyncRun(Primaries from, TransferLimits limits, ISyncTarget target, SyncBrake brake)
{
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<SyncResult> RunAsync(SyncWish wish, CancellationToken stop)
    {
        var (zone, unusable) = await TakeAsync(from, limits, wish.Zone, wish.Serial, stop).ConfigureAwait(false);
        if (zone is null)
            return unusable!;
        var (plan, ended) = await PlanAsync(zone, stop).ConfigureAwait(false);
        if (plan is null)
            return ended!;
        if (plan.IsSame)
            return new(SyncEnd.Same, plan);
        var braked = brake.Complaint(plan);
        if (!wish.Writes)
            return new(SyncEnd.Differs, plan, braked ?? "");
        if (braked is not null && !wish.Forced)
            return new(SyncEnd.Braked, plan, braked);
        return await WriteAsync(plan, wish.Forced, stop).ConfigureAwait(false);
    }

    /// <summary>The zone, whole, of that serial or a newer one; or null, and what ended it.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    internal static async Task<(ZoneVersion? Zone, SyncResult? Ended)> TakeAsync(Primaries from, TransferLimits limits, DnsName zone, uint? serial, CancellationToken stop)
    {
        var taken = await new ZoneIntake(from, limits).RunAsync(ZoneVersion.Nothing(zone), stop).ConfigureAwait(false);
        if (taken.Version is not { } version)
            return (null, new(SyncEnd.Later, null, $"the zone cannot be had: {taken.Round.Why}"));
        return Unusable(version, taken.Faults, serial) is { } unusable ? (null, unusable) : (version, null);
    }

    /// <summary>Writes, and reads again; what is left is written, too, while it gets less: Knot (3.2) takes no CNAME in the message that deletes what was there before.</summary>
    async Task<SyncResult> WriteAsync(SyncPlan all, bool forced, CancellationToken stop)
    {
        for (var plan = all; ;)
        {
            var written = await target.WriteAsync(plan, stop).ConfigureAwait(false);
            if (written.Why is { } why)
                return new(written.ForGood ? SyncEnd.Failed : SyncEnd.Later, all, why);
            var (after, unread) = await PlanAsync(all.Zone, stop).ConfigureAwait(false);
            if (after is null)
                return unread! with { Plan = all, Why = $"written, and then it could not be read again: {unread.Why}" };
            if (after.IsSame)
                return new(SyncEnd.Written, all);
            if (after.Changes.Count >= plan.Changes.Count || (!forced && brake.Complaint(after) is not null))
                return new(SyncEnd.Later, all, $"{target.Where} took it all, and is still not as the zone: {after.Words}");
            plan = after;
        }
    }

    /// <summary>What is missing in a zone would be deleted at the target: so none may be.</summary>
    static SyncResult? Unusable(ZoneVersion zone, IntakeFaults faults, uint? serial)
    {
        foreach (var (fault, (count, first)) in faults.All)
        {
            if (fault is IntakeFault.Malformed or IntakeFault.TooLarge)
                return new(SyncEnd.Failed, null, string.Create(CultureInfo.InvariantCulture, $"{count} records of the zone could not be taken, the first at {first[0].Owner} {TypeNames.Of(first[0].Type)}: it is not whole, so it is not carried on"));
        }

        if (serial is { } wanted && zone.Soa is { } soa && Serial.IsNewer(wanted, soa.Serial))
            return new(SyncEnd.Later, null, string.Create(CultureInfo.InvariantCulture, $"the zone came with serial {soa.Serial}, older than {wanted}, which was told of"));
        return null;
    }

    async Task<(SyncPlan? Plan, SyncResult? Ended)> PlanAsync(ZoneVersion zone, CancellationToken stop)
    {
        var read = await target.ReadAsync(zone.Apex, stop).ConfigureAwait(false);
        return read.Zone is { } there ? (SyncPlan.Of(zone, there, target), null) : (null, new(read.ForGood ? SyncEnd.Failed : SyncEnd.Later, null, read.Why));
    }
}
