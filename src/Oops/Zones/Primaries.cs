using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Zones;

/// <summary>What is wanted of the primaries.</summary>
/// <param name="Zone">Which zone.</param>
/// <param name="Have">The serial that is had; null: nothing is.</param>
/// <param name="Limits">What it may cost: the transfer from each, and the time of all together.</param>
internal sealed record TransferWish(DnsName Zone, uint? Have, TransferLimits Limits);

/// <summary>One that was asked, and what came of it.</summary>
internal readonly record struct Asked(Primary Primary, TransferResult Result);

/// <summary>What came of asking the primaries.</summary>
/// <param name="Result">Of the one that counts.</param>
/// <param name="By">Which one that is.</param>
/// <param name="All">All that were asked, in this order; the others behind them were not needed.</param>
internal sealed record TransferRound(TransferResult Result, Primary By, IReadOnlyList<Asked> All)
{
    public bool Ok => Result.Ok;

    /// <summary>Each that failed, and why: <c>from 192.0.2.1: connection refused; from 192.0.2.2@853: REFUSED</c>. One line, terminal-safe; empty: none failed.</summary>
    public string Why => string.Join("; ", All.Where(static a => !a.Result.Ok).Select(static a => $"from {a.Primary}: {a.Result.Why}"));
}

/// <summary>
/// The primaries of zones, asked as a secondary does: in their order, and from each that fails, has nothing newer or something older on to the next. One that could not be reached or was silent is asked last
/// for a while, as BIND does it: waiting for it each time would make every transfer late. That is so for one that took all the time, too, so that it does not keep the others from being asked. Thread-safe.
/// </summary>
internal sealed class Primaries
{
    static readonly TimeSpan Behind = TimeSpan.FromMinutes(10);

    readonly TimeProvider time;
    readonly ZoneTransfer transfer;
    readonly (Primary Primary, TsigKey? Key)[] all;
    readonly Dictionary<Primary, long> silentAt = [];

    /// <exception cref="ArgumentException">There is none, or a key is not among <paramref name="keys"/>: a fault of the caller.</exception>
    public Primaries(IReadOnlyList<Primary> all, IReadOnlyList<TsigKey> keys, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfZero(all.Count);
        this.all = [.. all.Select(p => (p, p.Key is { } name ? NotifyKeys.Find(keys, name) ?? throw new ArgumentException($"there is no key {name}", nameof(keys)) : null))];
        this.time = time;
        transfer = new(time);
    }

    /// <summary>Transfers from the first that has something newer; if none has, the result says so.</summary>
    /// <param name="wish">What.</param>
    /// <param name="sink">Takes the records; what came of one that failed is void.</param>
    /// <param name="take">Called when a transfer has ended well: null if what came is good, else what is wrong. Of differences that are not, all of it is asked for at the same primary.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<TransferRound> RunAsync(TransferWish wish, ITransferSink sink, Func<TransferResult, string?> take, CancellationToken stop)
    {
        var asked = new List<Asked>(all.Length);
        var since = time.GetTimestamp();
        // What was no good may have spoilt what is had.
        var whole = false;
        foreach (var (primary, key) in all.OrderBy(p => IsBehind(p.Primary)).ToArray())
        {
            // A timer may be a little early: what it ended has taken all nevertheless.
            if (asked.Count > 0 && (asked[^1].Result.TookAll || time.GetElapsedTime(since) >= wish.Limits.Total))
                break;
            var result = await AskAsync(primary, key, wish, whole, since, sink, stop).ConfigureAwait(false);
            if (Misfit(result) is { } misfit)
            {
                whole = true;
                result = result.Outcome == TransferOutcome.Full ? Broken(result, misfit) : await AskAsync(primary, key, wish, whole, since, sink, stop).ConfigureAwait(false) with { Fallback = misfit };
                if (result.Fallback is not null && Misfit(result) is { } again)
                    result = Broken(result, again);
            }

            asked.Add(new(primary, result));
            Note(primary, result.Outcome is TransferOutcome.Unreachable or TransferOutcome.TimedOut);
            if (result.Outcome is TransferOutcome.Full or TransferOutcome.Differences)
                return new(result, primary, asked);
        }

        var counts = Best(asked);
        return new(counts.Result, counts.Primary, asked);

        string? Misfit(TransferResult result) => result.Outcome is TransferOutcome.Full or TransferOutcome.Differences ? take(result) : null;
    }

    static TransferResult Broken(TransferResult result, string why) => result with { Outcome = TransferOutcome.Broken, Why = why };

    /// <summary>That the version is the newest has one said who has it; that there is only an older one says more than that somebody could not be asked.</summary>
    static Asked Best(List<Asked> asked)
    {
        foreach (var outcome in (TransferOutcome[])[TransferOutcome.UpToDate, TransferOutcome.Older])
        {
            if (asked.FindIndex(a => a.Result.Outcome == outcome) is >= 0 and var found)
                return asked[found];
        }

        return asked[0];
    }

    void Note(Primary primary, bool silent)
    {
        lock (silentAt)
        {
            if (silent)
                silentAt[primary] = time.GetTimestamp();
            else
                silentAt.Remove(primary);
        }
    }

    bool IsBehind(Primary primary)
    {
        lock (silentAt)
            return silentAt.TryGetValue(primary, out var at) && time.GetElapsedTime(at) < Behind;
    }

    Task<TransferResult> AskAsync(Primary primary, TsigKey? key, TransferWish wish, bool whole, long since, ITransferSink sink, CancellationToken stop) =>
        transfer.RunAsync(new TransferRequest { Server = primary.Address, Zone = wish.Zone, Have = wish.Have, Whole = whole, Key = key, Tls = primary.Tls, Limits = wish.Limits, Since = since }, sink, stop);
}
