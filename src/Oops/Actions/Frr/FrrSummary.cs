using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Oops.Actions.Frr;

/// <summary>`show bgp summary json`: the default instance's AS (null while it has no neighbour), and which families a session carries. It lists peers and walks no table.</summary>
internal sealed record FrrSummary(uint? Asn, bool Up4, bool Up6)
{
    public const string Command = "show bgp summary json";

    /// <summary>A session that is up for so long has had our routes; before, "advertised to nobody" only means "not yet" (bgpd waits a second or more before it first fills one).</summary>
    const uint SettledMilliseconds = 5000;

    /// <summary>Whether there is a session that should have the prefixes of this family.</summary>
    public bool IsUp(IPNetwork prefix) => prefix.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? Up4 : Up6;

    /// <summary>Null: that is none.</summary>
    public static FrrSummary? Parse(string text) => FrrJson.Read(text, root => new FrrSummary(
        root.EnumerateObject().Select(f => f.Value.Number("as")).FirstOrDefault(a => a is not null), IsUp(root, "ipv4Unicast"), IsUp(root, "ipv6Unicast")));

    static bool IsUp(JsonElement root, string family) =>
        root.Child(family) is { } of && of.Members("peers").Any(p => p.Value.Text("state") == "Established" && p.Value.Number("peerUptimeMsec") is null or >= SettledMilliseconds);
}
