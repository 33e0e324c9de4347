using System.Globalization;
using Oops.Sync;
using Oops.Wire.Dns;

namespace Oops.Actions.Route53;

/// <summary>The changes of one plan on their way to a hosted zone: request by request, what is refused left out and named.</summary>
/// <param name="api">The account.</param>
/// <param name="plan">What must change.</param>
/// <param name="unfinished">Takes the changes that not all servers have yet.</param>
/// <param name="before">Names at which something was refused before.</param>
internal sealed class Route53Writing(Route53Api api, SyncPlan plan, List<string> unfinished, IReadOnlySet<DnsName> before)
{
    /// <summary>Names that may be refused: to find each takes some requests.</summary>
    public const int MostRefused = 16;

    // What is told of a change that somebody else's stands in the way of.
    static readonly string[] Others = ["but it was not found", "do not match the current values", "but it already exists", "conflicting RRSet", "conflicts with other records"];

    readonly string comment = string.Create(CultureInfo.InvariantCulture, $"oops: serial {plan.Zone.Soa?.Serial}");

    // What follows at a name of which something was refused stays as it is, too: beside what it was to replace it may not be.
    readonly HashSet<DnsName> refused = [], left = [], remembered = [.. before];
    string first = "";

    /// <summary>Names what fits into no request.</summary>
    public void Leave(Route53Part part) => Leave(part, "the change does not fit into a request");

    /// <summary>Null: it is written, but for what was refused. One that is not taken takes all with it: so each half is tried by itself, until it is alone.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<TargetWriting?> PutAsync(IReadOnlyList<Route53Part> parts, CancellationToken stop)
    {
        parts = [.. parts.Where(p => !refused.Contains(p.Owner))];
        if (parts.Count == 0)
            return null;
        var batch = Route53Part.Of(parts, parts[0].Owner);
        var reply = await api.PostAsync($"hostedzone/{((Route53Zone)plan.Target).Id}/rrset/", Route53Xml.Changes(comment, batch.Ordered), batch.Records, stop).ConfigureAwait(false);
        if (reply.Root is { } root)
            return Take(root, parts);
        if (!Route53Api.Refused.Contains(reply.Code))
            return new($"{Route53Target.Service}: {reply.Why}", reply.ForGood) { After = reply.After };
        if (Array.Exists(Others, o => reply.Said.Contains(o, StringComparison.OrdinalIgnoreCase)))
            return new($"{Route53Target.Service}: somebody else has changed the zone in the meantime ({reply.Why})");
        if (parts.Count > 1)
        {
            var half = parts.Count / 2;
            return await PutAsync([.. parts.Take(half)], stop).ConfigureAwait(false) ?? await PutAsync([.. parts.Skip(half)], stop).ConfigureAwait(false);
        }

        Leave(batch, reply.Why);
        refused.Add(batch.Owner);
        remembered.Add(batch.Owner);
        return refused.Count > MostRefused ? new($"{Route53Target.Service} did not take what changes at more than {MostRefused} names, and the rest was not tried; the first: {first}", ForGood: true) : null;
    }

    /// <summary>How it ended, where it did not end before.</summary>
    public TargetWriting Ended => left.Count == 0 ? new(null)
        : new(string.Create(CultureInfo.InvariantCulture, $"{Route53Target.Service} has all but what changes at {left.Count} name{(left.Count == 1 ? "" : "s")}: {first}{(left.Count == 1 ? "" : ", and others")}"), ForGood: true);

    /// <summary>Names at which something was refused, now or before.</summary>
    public IEnumerable<DnsName> Remembered => remembered;

    TargetWriting? Take(Route53Element root, IReadOnlyList<Route53Part> parts)
    {
        remembered.ExceptWith(parts.Select(static p => p.Owner));
        var id = Route53Target.IdOf(root.Get("ChangeInfo"));
        if (!Route53Api.IsId(id))
            return new($"{Route53Target.Service} took a change and did not say which");
        if (!Route53Target.IsInSync(root))
            unfinished.Add(id);
        return null;
    }

    void Leave(Route53Part part, string why)
    {
        if (left.Count == 0)
            first = $"{part.Words} ({why})";
        left.Add(part.Owner);
    }
}
