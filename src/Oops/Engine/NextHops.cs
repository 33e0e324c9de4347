using System.Net;
using System.Net.Sockets;
using Oops.Core;

namespace Oops.Engine;

/// <summary>Prefixes that lead elsewhere with another config: no decision of the machine's, but the same to the world.</summary>
internal static class NextHops
{
    public static IEnumerable<string> Differences(StatusReport status, Plan before, Plan after)
    {
        foreach (var action in after.Actions)
        {
            if (before.Actions.FirstOrDefault(a => a.Config.Name == action.Config.Name && a.Config.GetType() == action.Config.GetType()) is not { } was) continue;
            foreach (var family in (AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
            {
                var (from, to) = (was.Config.NextHop(family), action.Config.NextHop(family));
                if (from == to) continue;
                foreach (var route in status.Routes.Where(r => r.Action == action.Config.Name && r is { Shadow: false, Wanted: not (null or RouteForm.Withdrawn) }))
                    if (string.Join(' ', route.Prefixes.Except(route.Waiting).Where(p => IPNetwork.Parse(p).BaseAddress.AddressFamily == family)) is { Length: > 0 } prefixes)
                        yield return $"{route.Name}: the next hop of {prefixes} is {to} instead of {from}";
            }
        }
    }
}
