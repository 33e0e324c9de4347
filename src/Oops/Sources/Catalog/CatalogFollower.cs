using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Wire.Dns;
using Oops.Zones;

namespace Oops.Sources.Catalog;

/// <summary>
/// Follows the catalog: asks for what has changed (IXFR, which is its SOA query too: catalogs are often not open to queries) at the SOA's intervals and at each NOTIFY, and lists the members when they may be
/// news. What it says is what the last good version says; of one that cannot be had or is broken it says why, and the machine keeps the last set.
/// </summary>
internal sealed class CatalogFollower
{
    readonly CatalogTarget target;
    readonly CatalogBell bell;
    readonly CatalogCounts counts;
    readonly IEngine engine;
    readonly CatalogZone catalog;
    readonly Primaries primaries;
    IReadOnlyList<string>? listed;
    Soa? soa;
    string? broken;
    string? why;
    bool expired;
    bool open;
    int? pid;
    At good;
    At next;
    At notBefore;

    public CatalogFollower(CatalogTarget target, CatalogBell bell, Primaries primaries, CatalogCounts counts, IEngine engine)
    {
        (this.target, this.bell, this.primaries, this.counts, this.engine) = (target, bell, primaries, counts, engine);
        catalog = new(target.Zone);
    }

    /// <summary>Runs until <paramref name="stop"/> is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        next = notBefore = engine.Now;
        var rung = false;
        while (true)
        {
            var view = engine.Server(target.Server);
            if (view.Pid != pid)
            {
                // What was on its way to the machine when the server's process changed has not reached it.
                pid = view.Pid;
                if (open && listed is not null)
                    Say();
            }

            rung |= bell.Take();
            var due = rung ? At.Min(next, notBefore) : next;
            if (due > engine.Now)
            {
                await bell.WaitAsync(Rounded(due - engine.Now), view.Replaced, engine.Time, stop).ConfigureAwait(false);
                continue;
            }

            rung = false;
            await LookAsync(stop).ConfigureAwait(false);
            notBefore = engine.Now + target.Spacing;
        }
    }

    /// <summary>Up, so that the timer never fires a fraction early and spins.</summary>
    static TimeSpan Rounded(TimeSpan left) => TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));

    async Task LookAsync(CancellationToken stop)
    {
        counts.Look();
        var round = await primaries.RunAsync(new TransferWish(target.Zone, catalog.Serial, target.Limits), catalog, _ => catalog.TryTake(out var misfit) ? null : misfit, stop).ConfigureAwait(false);
        // While another answers, the channel has no place for why.
        counts.PrimariesFailed(round.All.Count(static a => !a.Result.Ok));
        var now = engine.Now;
        if (!round.Ok)
        {
            Fail(round.Why, now);
            return;
        }

        (good, expired) = (now, false);
        soa = round.Result.Soa;
        next = now + target.Refresh.Next(soa!.Value.Refresh, Unpredictable.Fraction());
        Good(round);
    }

    void Good(TransferRound round)
    {
        var outcome = round.Result.Outcome;
        if (outcome != TransferOutcome.UpToDate)
        {
            if (outcome == TransferOutcome.Full) counts.Whole();
            else counts.Differences();
            var members = catalog.Members(out broken);
            if (members is null)
                counts.Broken();
            else
                listed = members;
        }

        bell.Knows(broken is null ? catalog.Serial : null);
        if (broken is not null)
        {
            Lose($"from {round.By}: the catalog zone is broken in serial {catalog.Serial}: {broken}");
            return;
        }

        counts.Members(listed!.Count);
        if (!open || outcome != TransferOutcome.UpToDate)
            Say();
        else
            engine.Send(new ChannelRead(target.Channel));
    }

    /// <summary>All at once, so that nothing comes between. Said again it changes nothing.</summary>
    void Say()
    {
        var list = new ZonesListed(target.Channel, listed!, Last: true) { First = true };
        if (open)
            engine.Send([list, new ChannelRead(target.Channel)]);
        else
            engine.Send([new ChannelOpened(target.Channel), list, new ChannelRead(target.Channel)]);
        (open, why) = (true, null);
    }

    void Fail(string reason, At now)
    {
        counts.Fail();
        // A primary that comes back may say so by a NOTIFY with the serial that it had.
        bell.Knows(null);
        next = now + target.Retry.Next(soa?.Retry ?? 0, Unpredictable.Fraction());
        // As any secondary: what has expired is forgotten, and what comes next is taken whatever its serial. The set stays; whether it is to be believed is the machine's to say.
        if (soa is { } last && !expired && now - good >= TimeSpan.FromSeconds(last.Expire))
        {
            expired = true;
            catalog.Forget();
        }

        Lose($"{reason}{(expired ? "; it has expired" : "")}");
    }

    void Lose(string reason)
    {
        var text = $"catalog {target.Zone} {reason}";
        if (!open && why == text)
            return;
        (open, why) = (false, text);
        engine.Send(new ChannelLost(target.Channel, text));
    }
}
