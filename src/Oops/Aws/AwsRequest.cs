namespace Oops.Aws;

/// <summary>A request as it is signed and sent.</summary>
/// <param name="Method">GET, POST.</param>
/// <param name="Path">From the root, nothing escaped.</param>
/// <param name="Query">Names and values, nothing escaped.</param>
/// <param name="Headers">Those that are signed, each once, that of the host among them.</param>
/// <param name="Body">Empty: none.</param>
internal sealed record AwsRequest(string Method, string Path, IReadOnlyList<(string Name, string Value)> Query, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    /// <summary>Path and query as they are sent: as they are signed.</summary>
    public string Target => SigV4.Path(Path) + (Query.Count > 0 ? "?" + SigV4.Query(Query) : "");
}
