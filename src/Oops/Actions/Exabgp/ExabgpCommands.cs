using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Oops.Routers;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Actions.Exabgp;

/// <param name="Text">One line.</param>
/// <param name="Changes">Those that it makes.</param>
internal readonly record struct ExabgpCommand(string Text, IReadOnlyList<PrefixChange> Changes)
{
    /// <summary>Of ExaBGP's: one for each prefix, and one to answer.</summary>
    public int Steps => Changes.Count + 1;
}

/// <summary>What is said to ExaBGP.</summary>
internal sealed class ExabgpCommands(ExabgpConfig config)
{
    /// <summary>Octets of one command, but for its verb: together they are below 4096, which the kernel writes into a pipe as a whole.</summary>
    const int Longest = 4000;

    /// <summary>Prefixes of one command: ExaBGP takes 50 steps in a turn of its loop, of which each prefix is one.</summary>
    const int Most = 40;

    readonly string to = config.Neighbors.Count == 0 ? "" : string.Join(" , ", config.Neighbors.Select(n => "neighbor " + n)) + " ";

    /// <summary>`self`, or the address as ExaBGP prints it.</summary>
    public string NextHop(AddressFamily family) => (family == AddressFamily.InterNetwork ? config.NextHop4 : config.NextHop6) is var text && Endpoint.TryAddress(text, out var address) ? address.ToString() : text;

    /// <summary>
    /// The commands of these changes, in their order. Prefixes of one family that shall look alike are one: it costs ExaBGP a third of a command for each.
    /// </summary>
    public IEnumerable<ExabgpCommand> Of(IEnumerable<PrefixChange> changes, uint asn)
    {
        foreach (var alike in changes.GroupBy(c => (Family: c.Prefix.BaseAddress.AddressFamily, c.Look)))
        {
            var words = Attributes(alike.Key.Family, alike.Key.Look, asn);
            List<PrefixChange> some = [];
            var length = to.Length + words.Length;
            foreach (var change in alike)
            {
                var more = change.Prefix.ToString().Length + 1;
                if (some.Count == Most || (some.Count > 0 && length + more > Longest))
                {
                    yield return Of(some, words);
                    (some, length) = ([], to.Length + words.Length);
                }

                some.Add(change);
                length += more;
            }

            yield return Of(some, words);
        }
    }

    /// <summary>The same for each by itself.</summary>
    public IEnumerable<ExabgpCommand> OfEach(IEnumerable<PrefixChange> changes, uint asn) => changes.SelectMany(c => Of([c], asn));

    ExabgpCommand Of(List<PrefixChange> changes, string words)
    {
        var verb = changes[0].Look is null ? "withdraw" : "announce";
        return new(changes is [var one] ? $"{to}{verb} route {one.Prefix} {words}" : $"{to}{verb} attributes {words} nlri {string.Join(' ', changes.Select(c => c.Prefix))}", changes);
    }

    /// <summary>An announcement, or another one in its place. The path is sent as it is given: with the own AS, which would be there anyway. The next hop of a withdraw says nothing, but one has to be there.</summary>
    string Attributes(AddressFamily family, Look? wanted, uint asn)
    {
        if (wanted is not { } look) return "next-hop self";
        var words = $"next-hop {NextHop(family)}";
        if (look.Prepend > 0) words += $" as-path [ {string.Join(' ', Enumerable.Repeat(asn.ToString(CultureInfo.InvariantCulture), look.Prepend + 1))} ]";
        if (look.Med is { } med) words += string.Create(CultureInfo.InvariantCulture, $" med {med}");
        if (look.Communities is { Count: > 0 } communities) words += $" community [ {string.Join(' ', communities.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Asn}:{c.Value}")))} ]";
        if (look.Large is { } l) words += string.Create(CultureInfo.InvariantCulture, $" large-community [ {l.Asn}:{l.Data1}:{l.Data2} ]");
        // RFC 8326; only peers of the same AS get it.
        return look.IsDraining ? words + " local-preference 0" : words;
    }

    /// <summary>
    /// Why this prefix cannot be announced to these neighbors; null: it can. `self` at a session of the other family is sent as 0.0.0.0, which the neighbor treats as a withdraw; and 4.2.21 then spoils the next hop of
    /// all other routes with the same attributes when it sends its table again, at a reload or a new session.
    /// </summary>
    public string? Refuses(IPNetwork prefix, IReadOnlyList<ExabgpNeighbor> neighbors)
    {
        var family = prefix.BaseAddress.AddressFamily;
        if (!neighbors.Any(n => n.Has(family))) return $"exabgp: {prefix} cannot be announced: no neighbor has `{(family == AddressFamily.InterNetwork ? "ipv4" : "ipv6")} unicast` in its `family`";
        if (NextHop(family) != "self" || neighbors.FirstOrDefault(n => n.Has(family) && n.Address.AddressFamily != family) is not { } odd) return null;
        var (what, key) = family == AddressFamily.InterNetwork ? ("IPv6", "next-hop4") : ("IPv4", "next-hop6");
        return $"exabgp: {prefix} cannot be announced to {odd.Address} with next hop `self`: its session is {what}; write `{key}:` with an address";
    }
}
