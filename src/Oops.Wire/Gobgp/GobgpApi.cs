namespace Oops.Wire.Gobgp;

/// <summary>Which of GoBGP's two APIs: they have the same calls under other names, and other numbers and shapes for tables, prefixes and attributes (api/gobgp.proto of v3, proto/api/gobgp.proto of v4).</summary>
public enum GobgpApi
{
    /// <summary>Package apipb; prefixes and attributes are google.protobuf.Any.</summary>
    V3,

    /// <summary>Package api; they are one of a oneof.</summary>
    V4,
}

/// <summary>The calls that we make.</summary>
public enum GobgpCall
{
    GetBgp,
    ListPeer,
    ListPath,

    /// <summary>Takes withdraws, too, and all paths of one message at once. DeletePath is not used: one that names no path deletes those of everybody.</summary>
    AddPathStream,
}

/// <summary>Their names on the wire.</summary>
public static class GobgpCalls
{
    /// <summary>The path of an HTTP/2 request.</summary>
    public static string Path(GobgpApi api, GobgpCall call) => $"{(api == GobgpApi.V3 ? "/apipb.GobgpApi/" : "/api.GoBgpService/")}{call}";
}
