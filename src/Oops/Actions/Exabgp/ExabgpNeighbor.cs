using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Oops.Actions.Exabgp;

/// <summary>One neighbor of ExaBGP's, as `show neighbor extensive` has it.</summary>
/// <param name="Address">The peer's.</param>
internal sealed record ExabgpNeighbor(IPAddress Address)
{
    public uint LocalAs { get; private set; }

    public bool IsUp { get; private set; }

    /// <summary>The families that ExaBGP's configuration has for it: of these only it keeps routes.</summary>
    public bool Four { get; private set; }

    public bool Six { get; private set; }

    /// <summary>Those that the neighbor has refused, or not yet agreed to.</summary>
    public bool LacksFour { get; private set; }

    public bool LacksSix { get; private set; }

    public bool Has(AddressFamily family) => family == AddressFamily.InterNetwork ? Four : Six;

    /// <summary>Whether what is in its table was sent.</summary>
    public bool Gets(AddressFamily family) => IsUp && Has(family) && !(family == AddressFamily.InterNetwork ? LacksFour : LacksSix);

    /// <summary>The lines of `show neighbor extensive`, one after the other. The first column ends with a colon or two spaces.</summary>
    public static void Take(List<ExabgpNeighbor> neighbors, string line)
    {
        if (line.StartsWith("Neighbor ", StringComparison.Ordinal))
        {
            if (IPAddress.TryParse(line["Neighbor ".Length..].Trim(), out var address)) neighbors.Add(new(address));
            return;
        }

        if (neighbors.Count == 0) return;
        var last = neighbors[^1];
        switch (line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            case ["state", var state]:
                last.IsUp = state == "ESTABLISHED";
                break;
            case ["AS", var local, ..] when uint.TryParse(local, NumberStyles.None, CultureInfo.InvariantCulture, out var asn):
                last.LocalAs = asn;
                break;
            case ["ipv4", "unicast:", "enabled", var remote, ..]:
                (last.Four, last.LacksFour) = (true, remote == "disabled");
                break;
            case ["ipv6", "unicast:", "enabled", var remote, ..]:
                (last.Six, last.LacksSix) = (true, remote == "disabled");
                break;
        }
    }
}
