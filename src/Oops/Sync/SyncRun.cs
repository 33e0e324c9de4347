using System.Globalization;
using Oops.Core;
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
/// <param name="Plan">What was to change; null: it did not come so far, or has been done by an earlier try.</param>
/// <param name="Why">In words; terminal-safe. Empty: there is nothing to say.</param>
internal sealed record SyncResult(SyncEnd End, SyncPlan? Plan, string Why = "")
{
    /// <summary>Later: not before that long; null: when the runner likes.</summary>
    public TimeSpan? After { get; init; }

    /// <summary>What was done, after the name of the zone.</summary>
    public string Told => Why.Length > 0 ? Why : Plan?.Told ?? "";
}

/// <summary>What a sync is asked for.</summary>
/// <param name="Zone">Which zone.</param>
/// <param name="Serial">An older version is not carried on; null: any is.</param>
/// <param name="Writes">False: only the plan.</param>
/// <param name="Forced">A person says that the brake does not count.</param>
internal sealed record SyncWish(DnsName Zone, uint? Serial = null, bool Writes = true, bool Forced = false)
{
    /// <summary>The same again is the same wish, tried again; null: it is tried once.</summary>
    public ReactionId? Id { get; init; }
}

/// <summary>A zone that may be carried on.</summary>
/// <param name="Version">All of it.</param>
/// <param name="Serial">Its serial.</param>
/// <param name="By">Who gave it.</param>
internal sealed record TakenZone(ZoneVersion Version, uint Serial, Primary By);

/// <summary>
/// Makes a target equal to a zone: the zone is transferred whole, the target is read whole, what differs is written unless the brake says no, the target is read again, and what it is not through with is waited for. What one try leaves
/// to the next is in <paramref name="memory"/>; null: there is no next. Of several at once only so many are carried as <paramref name="turns"/> lets, and the others wait, or are waited for; null: it is alone.
/// </summary>
internal sealed class SyncRun(Primaries from, TransferLimits limits, ISyncTarget target, SyncBrake brake, SyncMemory? memory = null, SemaphoreSlim? turns = null)
{
    readonly SyncMemory memory = memory ?? new(TimeProvider.System);

    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<SyncResult> RunAsync(SyncWish wish, CancellationToken stop)
    {
        var state = memory.Of(wish.Zone);
        try
        {
            var result = state.Carried is { } had && had.Wish == wish.Id ? new SyncResult(SyncEnd.Written, null, had.Words) : await InTurnAsync(wish, state, stop).ConfigureAwait(false);
            if (result.End == SyncEnd.Later)
                return result;
            state.Misfit = null;
            state.Carried = result.End is SyncEnd.Same or SyncEnd.Written && wish.Id is { } id ? (id, result.Told) : null;
            return wish.Writes && state.Unfinished.Count > 0 ? await FinishAsync(result, wish.Zone, state, stop).ConfigureAwait(false) : result;
        }
        finally
        {
            // Also where it was cut short.
            memory.Keep(wish.Zone, state);
        }
    }

    /// <summary>The zone, whole, of that serial or a newer one, and no older one than another server gave; or null, and what ended it.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    internal static async Task<(TakenZone? Taken, SyncResult? Ended)> TakeAsync(Primaries from, TransferLimits limits, SyncWish wish, CarriedVersions? carried, CancellationToken stop)
    {
        var taken = await new ZoneIntake(from, limits).RunAsync(ZoneVersion.Nothing(wish.Zone), stop).ConfigureAwait(false);
        if (taken.Version is not { } version)
            return (null, new(SyncEnd.Later, null, $"the zone cannot be had: {taken.Round.Why}"));
        if (Unusable(version, taken.Faults, wish.Serial) is { } unusable)
            return (null, unusable);
        var zone = new TakenZone(version, version.Soa!.Value.Serial, taken.Round.By);
        return !wish.Forced && carried?.Complaint(wish.Zone, zone.Serial, zone.By) is { } late ? (null, new(carried.IsHeld(wish.Zone) ? SyncEnd.Braked : SyncEnd.Same, null, late)) : (zone, null);
    }

    async Task<SyncResult> InTurnAsync(SyncWish wish, SyncState state, CancellationToken stop)
    {
        if (turns is null)
            return await CarryAsync(wish, state, stop).ConfigureAwait(false);
        await turns.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            var result = await CarryAsync(wish, state, stop).ConfigureAwait(false);
            // Both versions of the zone are in the plan: who only waits holds neither.
            return result with { Plan = null, Why = result.Told };
        }
        finally
        {
            turns.Release();
        }
    }

    async Task<SyncResult> CarryAsync(SyncWish wish, SyncState state, CancellationToken stop)
    {
        TargetReading? there = null;
        if (state.TargetFirst && (there = await ReadAsync(wish.Zone, state, stop).ConfigureAwait(false)).Zone is null)
            return Unread(there);
        var (zone, unusable) = await TakeAsync(from, limits, wish, memory.Carried, stop).ConfigureAwait(false);
        if (zone is null)
            return unusable!;
        there ??= await ReadAsync(wish.Zone, state, stop).ConfigureAwait(false);
        if (there.Zone is null)
            return Unread(there);
        var plan = SyncPlan.Of(zone.Version, there.Zone, target);
        var braked = plan.IsSame ? null : brake.Complaint(plan);
        if (!plan.IsSame && !wish.Writes)
            return new(SyncEnd.Differs, plan, braked ?? "");
        var held = wish.Forced ? null : braked;
        memory.Carried.Note(wish.Zone, zone.Serial, zone.By, held);
        if (held is not null)
            return new(SyncEnd.Braked, plan, held);
        return plan.IsSame ? new(SyncEnd.Same, plan) : await WriteAsync(plan, wish.Forced, state, stop).ConfigureAwait(false);
    }

    /// <summary>Writes, and reads again; what is left is written, too, while it gets less: Knot (3.2) takes no CNAME in the message that deletes what was there before.</summary>
    async Task<SyncResult> WriteAsync(SyncPlan all, bool forced, SyncState state, CancellationToken stop)
    {
        for (var plan = all; ;)
        {
            state.TargetFirst = true;
            var written = await target.WriteAsync(plan, state.Unfinished, stop).ConfigureAwait(false);
            state.TargetFirst = written is { Why: not null, ForGood: false };
            if (written.Why is { } why)
                return new(written.ForGood ? SyncEnd.Failed : SyncEnd.Later, all, why) { After = written.After };
            var read = await ReadAsync(all.Zone.Apex, state, stop).ConfigureAwait(false);
            if (read.Zone is null)
                return Unread(read) with { Plan = all, Why = $"written, and then it could not be read again: {read.Why}" };
            var after = SyncPlan.Of(all.Zone, read.Zone, target);
            if (after.IsSame)
                return new(SyncEnd.Written, all);
            if (after.Changes.Count >= plan.Changes.Count || (!forced && brake.Complaint(after) is not null))
                return Misfit(all, after, state);
            plan = after;
        }
    }

    /// <summary>A target that makes something else of what it takes does so each time: once more is enough to know.</summary>
    SyncResult Misfit(SyncPlan all, SyncPlan after, SyncState state)
    {
        var (serial, difference, again) = (all.Zone.Soa?.Serial, after.Difference, false);
        (again, state.Misfit) = (state.Misfit == (serial, difference), (serial, difference));
        var why = $"{target.Where} took it all, and is still not as the zone: {after.Words}";
        return again ? new(SyncEnd.Failed, all, $"{why}; so it was the last time, too, and it is not written once more: look at what it makes of {after.ByName.First().Owner} {TypeNames.Of(after.Changes[0].Type)}") : new(SyncEnd.Later, all, why);
    }

    async Task<SyncResult> FinishAsync(SyncResult result, DnsName zone, SyncState state, CancellationToken stop)
    {
        var finished = await target.FinishAsync(zone, state.Unfinished, stop).ConfigureAwait(false);
        if (finished.Why is null || finished.ForGood)
            state.Unfinished.Clear();
        if (finished.Why is not { } why)
            return result;
        return result.End is SyncEnd.Same or SyncEnd.Written ? result with { End = finished.ForGood ? SyncEnd.Failed : SyncEnd.Later, Why = why, After = finished.After } : result with { Why = $"{result.Why}; {why}" };
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

    async Task<TargetReading> ReadAsync(DnsName zone, SyncState state, CancellationToken stop)
    {
        state.TargetFirst = true;
        var read = await target.ReadAsync(zone, stop).ConfigureAwait(false);
        state.TargetFirst = read is { Zone: null, ForGood: false };
        return read;
    }

    static SyncResult Unread(TargetReading read) => new(read.ForGood ? SyncEnd.Failed : SyncEnd.Later, null, read.Why) { After = read.After };
}
