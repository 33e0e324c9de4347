using System.Net;

namespace Oops.Reports.Verify;

/// <summary>A server that may be asked for the zones that it has: its addresses as the config names them, and its peers'.</summary>
internal sealed record VerifyServer(string Name, IReadOnlyList<IPEndPoint> Addresses);

/// <summary>How a source checks reports.</summary>
internal sealed record VerifyPlan
{
    /// <summary>Whom the resolver asks; none: it begins at the root.</summary>
    public IReadOnlyList<IPEndPoint> Resolvers { get; init; } = [];

    /// <summary>A file; null: the one of the machine.</summary>
    public string? TrustAnchor { get; init; }

    /// <summary>Between the beginnings of two checks.</summary>
    public TimeSpan Spacing { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For one check.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Of the whole config.</summary>
    public IReadOnlyList<VerifyServer> Servers { get; init; } = [];

    /// <summary>The program that checks, and its first arguments.</summary>
    public IReadOnlyList<string> Program { get; init; } = [Environment.ProcessPath ?? "oops"];
}
