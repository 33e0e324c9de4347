using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Oops.Routers;

namespace Oops.Actions.Exabgp;

/// <summary>What is said to ExaBGP.</summary>
internal sealed class ExabgpCommands(ExabgpConfig config)
{
    readonly string to = config.Neighbors.Count == 0 ? "" : string.Join(" , ", config.Neighbors.Select(n => "neighbor " + n)) + " ";

    public string NextHop(AddressFamily family) => family == AddressFamily.InterNetwork ? config.NextHop4 : config.NextHop6;

    /// <summary>The next hop of a withdraw says nothing, but one has to be there.</summary>
    public string Withdraw(IPNetwork prefix) => $"{to}withdraw route {prefix} next-hop self";

    /// <summary>An announcement, or another one in its place. The path is sent as it is given: with the own AS, which would be there anyway.</summary>
    public string Announce(IPNetwork prefix, Look look, uint asn)
    {
        var words = $"{to}announce route {prefix} next-hop {NextHop(prefix.BaseAddress.AddressFamily)}";
        if (look.Prepend > 0) words += $" as-path [ {string.Join(' ', Enumerable.Repeat(asn.ToString(CultureInfo.InvariantCulture), look.Prepend + 1))} ]";
        if (look.Med is { } med) words += string.Create(CultureInfo.InvariantCulture, $" med {med}");
        if (look.Community is { } c) words += string.Create(CultureInfo.InvariantCulture, $" community [ {c.Asn}:{c.Value} ]");
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
