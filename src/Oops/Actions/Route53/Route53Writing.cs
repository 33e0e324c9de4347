using System.Globalization;
using Oops.Config;
using Oops.Sync;

namespace Oops.Actions.Route53;

/// <summary>The changes of one plan on their way to a hosted zone: request by request, what is refused left out and named, and at the end waited for until all servers have the rest.</summary>
internal sealed class Route53Writing(Route53Api api, Route53Zone zone, SyncPlan plan, TimeProvider time)
{
    /// <summary>Names that may be refused: to find each takes some requests.</summary>
    public const int MostRefused = 16;

    // Each time it is asked is a request of the account.
    static readonly TimeSpan FirstPoll = TimeSpan.FromSeconds(2), LongestPoll = TimeSpan.FromSeconds(16);

    // What is told of a change that somebody else's stands in the way of.
    static readonly string[] Others = ["but it was not found", "do not match the current values", "but it already exists", "conflicting RRSet", "conflicts with other records"];

    readonly string comment = string.Create(CultureInfo.InvariantCulture, $"oops: serial {plan.Zone.Soa?.Serial}");

    // Changes that not all servers have yet.
    readonly List<string> open = [];
    int refused, left;
    string first = "";

    /// <summary>Names what fits into no request.</summary>
    public void Leave(Route53Part part) => Leave(part, "the change does not fit into a request");

    /// <summary>Null: it is written, but for what was refused. One that is not taken takes all with it: so each half is tried by itself, until it is alone.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<TargetWriting?> PutAsync(IReadOnlyList<Route53Part> parts, CancellationToken stop)
    {
        var batch = Route53Part.Of(parts);
        var reply = await api.PostAsync($"hostedzone/{zone.Id}/rrset/", Route53Xml.Changes(comment, batch.Ordered), batch.Records, stop).ConfigureAwait(false);
        if (reply.Root is { } root)
            return Take(root);
        if (reply.Code != Route53Api.Refused)
            return new($"{Route53Target.Service}: {reply.Why}", reply.ForGood);
        if (Array.Exists(Others, o => reply.Said.Contains(o, StringComparison.OrdinalIgnoreCase)))
            return new($"{Route53Target.Service}: somebody else has changed the zone in the meantime ({reply.Why})");
        if (parts.Count > 1)
        {
            var half = parts.Count / 2;
            return await PutAsync([.. parts.Take(half)], stop).ConfigureAwait(false) ?? await PutAsync([.. parts.Skip(half)], stop).ConfigureAwait(false);
        }

        Leave(batch, reply.Why);
        return ++refused > MostRefused ? new($"{Route53Target.Service} did not take what changes at more than {MostRefused} names, and the rest was not tried; the first: {first}", ForGood: true) : null;
    }

    /// <summary>How it ended.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<TargetWriting> SettleAsync(CancellationToken stop)
    {
        // The last first: when that is everywhere, the others mostly are.
        var began = time.GetTimestamp();
        foreach (var change in Enumerable.Reverse(open))
        {
            if (await SettleAsync(change, began, stop).ConfigureAwait(false) is { } unsettled)
                return new($"{Route53Target.Service}: {unsettled}");
        }

        return left == 0 ? new(null)
            : new(string.Create(CultureInfo.InvariantCulture, $"{Route53Target.Service} has all but what changes at {left} name{(left == 1 ? "" : "s")}, which it does not take: {first}{(left == 1 ? "" : ", and others")}"), ForGood: true);
    }

    TargetWriting? Take(Route53Element root)
    {
        var id = Route53Target.IdOf(root.Get("ChangeInfo"));
        if (!Route53Api.IsId(id))
            return new($"{Route53Target.Service} took a change and did not say which");
        if (!IsInSync(root))
            open.Add(id);
        return null;
    }

    void Leave(Route53Part part, string why)
    {
        if (left++ == 0)
            first = $"{part.Words} ({why})";
    }

    /// <summary>Null: all servers have the change. Else why that is not known.</summary>
    async Task<string?> SettleAsync(string change, long began, CancellationToken stop)
    {
        for (var pause = FirstPoll; ;)
        {
            var left = api.InSyncTimeout - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
                return $"written, and not all servers have it after {Duration.Format(api.InSyncTimeout)}";
            await Task.Delay(pause < left ? pause : left, time, stop).ConfigureAwait(false);
            pause = 2 * pause > LongestPoll ? LongestPoll : 2 * pause;
            var reply = await api.GetAsync($"change/{change}", [], stop).ConfigureAwait(false);
            if (reply.Root is not { } root)
                return $"written, and whether all servers have it is not known: {reply.Why}";
            if (IsInSync(root))
                return null;
        }
    }

    static bool IsInSync(Route53Element root) => root.Get("ChangeInfo")?.TextOf("Status") == "INSYNC";
}
