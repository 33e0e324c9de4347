using System.Net;
using System.Net.Sockets;
using Oops.Wire.Protobuf;

namespace Oops.Wire.Gobgp;

/// <summary>What we ask of GoBGP, as protobuf messages. Field numbers are those of the .proto files at v3.10.0 and v4.8.0.</summary>
public static class GobgpRequests
{
    const int AsSequence = 2;

    /// <summary>GetBgpRequest, and ListPeerRequest for all peers without a count of what each is sent, which GoBGP would make of its whole table.</summary>
    public static ReadOnlyMemory<byte> Nothing => default;

    /// <summary>ListPathRequest for these prefixes and no others, all of one family.</summary>
    /// <param name="api">Which API.</param>
    /// <param name="table">Which table.</param>
    /// <param name="peer">Of whom; empty with the global table.</param>
    /// <param name="prefixes">At least one: without any, GoBGP gives the whole table.</param>
    public static ReadOnlyMemory<byte> ListPath(GobgpApi api, GobgpTable table, string peer, IReadOnlyList<IPNetwork> prefixes)
    {
        if (prefixes.Count == 0) throw new ArgumentException("GoBGP would list its whole table", nameof(prefixes));
        var request = new ProtobufWriter().Number(1, Table(api, table)).Text(2, peer).Message(3, Family(prefixes[0]));
        foreach (var prefix in prefixes) request.Message(4, new ProtobufWriter().Text(1, prefix.ToString()).Number(2, api == GobgpApi.V3 ? 0u : 1u));
        return request.Written.ToArray();
    }

    /// <summary>AddPathStreamRequest: GoBGP takes all of these paths, or none.</summary>
    public static ReadOnlyMemory<byte> AddPaths(GobgpApi api, IReadOnlyList<GobgpPath> paths)
    {
        var request = new ProtobufWriter().Number(1, Table(api, GobgpTable.Global));
        foreach (var path in paths) request.Message(3, Path(api, path));
        return request.Written.ToArray();
    }

    internal static ProtobufWriter Path(GobgpApi api, GobgpPath path)
    {
        var nlri = Nlri(api, path.Prefix);
        var message = new ProtobufWriter().Message(1, nlri);
        foreach (var (kind, attribute) in Attributes(api, path, nlri))
            message.Message(2, api == GobgpApi.V3 ? Any(GobgpAttributes.Name(kind), attribute) : new ProtobufWriter().Message(GobgpAttributes.Number(kind), attribute));
        return message.Number(5, path.Withdraw ? 1u : 0u).Message(9, Family(path.Prefix));
    }

    static IEnumerable<(GobgpAttribute Kind, ProtobufWriter Message)> Attributes(GobgpApi api, GobgpPath path, ProtobufWriter nlri)
    {
        if (!path.Withdraw) yield return (GobgpAttribute.Origin, new ProtobufWriter().Number(1, path.Origin));
        if (path.AsPath.Length > 0) yield return (GobgpAttribute.AsPath, new ProtobufWriter().Message(1, new ProtobufWriter().Number(1, AsSequence).Packed(2, path.AsPath)));
        if (path.NextHop is { } hop)
            yield return Is6(path.Prefix)
                ? (GobgpAttribute.MpReach, new ProtobufWriter().Message(1, Family(path.Prefix)).Text(2, hop.ToString()).Message(3, nlri))
                : (GobgpAttribute.NextHop, new ProtobufWriter().Text(1, hop.ToString()));
        if (path.Med is { } med) yield return (GobgpAttribute.Med, new ProtobufWriter().Number(1, med));
        if (path.LocalPref is { } preference) yield return (GobgpAttribute.LocalPref, new ProtobufWriter().Number(1, preference));
        if (path.Communities.Length > 0) yield return (GobgpAttribute.Communities, new ProtobufWriter().Packed(1, path.Communities));
        if (path.Large.Length == 0) yield break;
        var large = new ProtobufWriter();
        foreach (var (admin, one, two) in path.Large) large.Message(1, new ProtobufWriter().Number(1, admin).Number(2, one).Number(3, two));
        yield return (GobgpAttribute.Large, large);
    }

    static ProtobufWriter Nlri(GobgpApi api, IPNetwork prefix)
    {
        var address = new ProtobufWriter().Number(1, (ulong)prefix.PrefixLength).Text(2, prefix.BaseAddress.ToString());
        return api == GobgpApi.V3 ? Any("IPAddressPrefix", address) : new ProtobufWriter().Message(1, address);
    }

    /// <summary>AFI 1 or 2, SAFI unicast.</summary>
    static ProtobufWriter Family(IPNetwork prefix) => new ProtobufWriter().Number(1, Is6(prefix) ? 2u : 1u).Number(2, 1);

    static ProtobufWriter Any(string name, ProtobufWriter message) => new ProtobufWriter().Text(1, "type.googleapis.com/apipb." + name).Message(2, message);

    static uint Table(GobgpApi api, GobgpTable table) => (api, table) switch
    {
        (GobgpApi.V3, GobgpTable.Global) => 0,
        (GobgpApi.V3, _) => 3,
        (_, GobgpTable.Global) => 1,
        _ => 4,
    };

    static bool Is6(IPNetwork prefix) => prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;
}
