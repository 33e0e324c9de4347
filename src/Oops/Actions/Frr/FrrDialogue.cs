using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Oops.Routers;

namespace Oops.Actions.Frr;

/// <summary>What a refusal of a command means.</summary>
internal enum FrrWeight
{
    /// <summary>Nothing that follows would go where it should.</summary>
    Frame,

    /// <summary>This prefix is not as wanted; the others may be.</summary>
    Prefix,

    /// <summary>As <see cref="Prefix"/>; but one that was not there is as good as withdrawn.</summary>
    Withdraw,
}

/// <param name="Text">One line.</param>
/// <param name="Weight">What its refusal means.</param>
internal readonly record struct FrrCommand(string Text, FrrWeight Weight);

/// <summary>What is said to bgpd to make changes: all of them in one dialogue, withdraws first. It is never told to `write`: what it is told lives as long as its memory.</summary>
internal static class FrrDialogue
{
    /// <summary>May be given twice.</summary>
    public const string First = "enable";

    /// <param name="changes">Each prefix once.</param>
    /// <param name="asn">The AS of the default instance; null: it has not told, and is the only one.</param>
    /// <param name="prepend">What is prepended.</param>
    public static IEnumerable<FrrCommand> Commands(IReadOnlyList<PrefixChange> changes, uint? asn, uint? prepend)
    {
        yield return Frame("configure terminal");
        foreach (var command in Networks([.. changes.Where(c => c.Look is null).Select(c => (c.Prefix, Map: ""))], asn)) yield return command;
        List<(IPNetwork Prefix, FrrRouteMap Map)> announced = [.. changes.Where(c => c.Look is not null).Select(c => (c.Prefix, FrrRouteMap.Of(c.Look!.Value, prepend)))];
        // Said again each time, which changes nothing where it is so already: one that somebody took away would keep its prefixes from being announced.
        foreach (var map in announced.Select(a => a.Map).DistinctBy(m => m.Name))
        {
            yield return Frame($"route-map {map.Name} permit 10");
            foreach (var set in map.Sets) yield return Frame(set);
            yield return Frame("exit");
        }

        foreach (var command in Networks([.. announced.Select(a => (a.Prefix, a.Map.Name))], asn)) yield return command;
        yield return Frame("end");
    }

    public static string Family(IPNetwork prefix) => prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? "ipv6" : "ipv4";

    static IEnumerable<FrrCommand> Networks(IReadOnlyList<(IPNetwork Prefix, string Map)> networks, uint? asn)
    {
        if (networks.Count == 0) yield break;
        // Without a number it is the only instance's, and none is made where there is none.
        yield return Frame(asn is { } number ? string.Create(CultureInfo.InvariantCulture, $"router bgp {number}") : "router bgp");
        foreach (var family in networks.GroupBy(n => Family(n.Prefix)))
        {
            yield return Frame($"address-family {family.Key} unicast");
            foreach (var (prefix, map) in family)
                yield return map.Length == 0 ? new($"no network {prefix}", FrrWeight.Withdraw) : new($"network {prefix} route-map {map}", FrrWeight.Prefix);
            yield return Frame("exit-address-family");
        }

        yield return Frame("exit");
    }

    static FrrCommand Frame(string text) => new(text, FrrWeight.Frame);
}
