using System.Net;
using System.Net.Sockets;

namespace Oops.Actions.Bird;

/// <summary>
/// Which protocol of somebody else's would give a prefix of ours to a session after a withdraw of ours. BIRD tells what it exports, and not what it would. Where ours hides the other one, the session's filter is asked, if it
/// has a name; a nameless one is believed to let out what it was seen to let out, until somebody reconfigures BIRD. What was learned from neighbours does not count: that is the way to another site.
/// </summary>
internal sealed class BirdOthers(BirdClient client)
{
    static readonly HashSet<string> Learning = ["BGP", "OSPF", "RIP", "Babel"];

    readonly HashSet<BirdRoute> exported = [];
    BirdRouter? last;

    /// <summary>The router as it is, before its prefixes are looked at.</summary>
    public void Look(BirdRouter router)
    {
        if (last is not null && !BirdRouter.SameInstant(last.Reconfigured, router.Reconfigured))
            exported.Clear();
        last = router;
    }

    /// <summary>By us, which is not done while bird.conf has changed: filters are as they were.</summary>
    public void Reconfigured(BirdRouter router) => last = router;

    /// <summary>The other protocols that have the prefix, the best first.</summary>
    public async ValueTask<IReadOnlyList<string>> OfAsync(IPNetwork prefix, CancellationToken stop) =>
        [.. (await RowsAsync($"show route {prefix}", prefix, stop)).Where(IsForeign)];

    /// <summary>The first of them that would go out, or does.</summary>
    /// <param name="prefix">Which.</param>
    /// <param name="others">Those that have it.</param>
    /// <param name="from">The protocol whose route goes out now; null: none.</param>
    /// <param name="to">The sessions that get it.</param>
    /// <param name="stop">Gives up.</param>
    public async ValueTask<string?> OutAsync(IPNetwork prefix, IReadOnlyList<string> others, string? from, IReadOnlyList<BirdProtocol> to, CancellationToken stop)
    {
        exported.RemoveWhere(r => r.Prefix.Equals(prefix) && ((from is null && to.Count > 0) || !others.Contains(r.Protocol)));
        if (from is null || others.Count == 0)
            return null;
        if (others.Contains(from))
        {
            exported.Add(new(prefix, from));
            return from;
        }
        foreach (BirdProtocol session in to)
        {
            string filter = await FilterAsync(session, prefix.BaseAddress.AddressFamily, stop);
            IReadOnlyList<string> passed = filter switch
            {
                "ACCEPT" => others,
                "(unnamed)" => [.. others.Where(o => exported.Contains(new(prefix, o)))],
                "" or "REJECT" => [],
                _ => await RowsAsync($"show route {prefix} filter {filter}", prefix, stop),
            };
            if (others.FirstOrDefault(passed.Contains) is { } other)
                return other;
        }
        return null;
    }

    bool IsForeign(string protocol) => !protocol.StartsWith(BirdNames.Ours, StringComparison.Ordinal) && last!.Protocols.TryGetValue(protocol, out BirdProtocol? row) && !Learning.Contains(row.Type);

    /// <summary>What BIRD does not answer, or refuses, is not known to be there.</summary>
    async ValueTask<IReadOnlyList<string>> RowsAsync(string command, IPNetwork prefix, CancellationToken stop)
    {
        BirdAnswer answer = await client.AskAsync(command, stop);
        return answer.Reply is { } reply ? [.. BirdTable.Rows(reply).Where(r => r.Prefix.Equals(prefix)).Select(r => r.Protocol).Distinct()] : [];
    }

    /// <summary>"Output filter:" of the family's channel, by name; empty: it is not told.</summary>
    async ValueTask<string> FilterAsync(BirdProtocol session, AddressFamily family, CancellationToken stop)
    {
        BirdAnswer answer = await client.AskAsync($"show protocols all {session.Quoted}", stop);
        string channel = family == AddressFamily.InterNetwork ? "Channel ipv4" : "Channel ipv6";
        return (answer.Reply?.Lines ?? []).Select(l => l.Text.Trim()).SkipWhile(t => t != channel).Skip(1).TakeWhile(t => !t.StartsWith("Channel ", StringComparison.Ordinal))
            .FirstOrDefault(t => t.StartsWith("Output filter:", StringComparison.Ordinal))?["Output filter:".Length..].Trim() ?? "";
    }
}
