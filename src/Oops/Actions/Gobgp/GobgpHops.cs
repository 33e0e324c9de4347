using System.Net;
using System.Net.Sockets;

namespace Oops.Actions.Gobgp;

/// <summary>The next hops of what we announce; 0.0.0.0 and :: are gobgpd's own address of each session.</summary>
internal sealed record GobgpHops(IPAddress Four, IPAddress Six)
{
    public IPAddress Of(IPNetwork prefix) => prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? Six : Four;
}
