using System.Text.Json.Serialization;

namespace Oops.Reports.Setup;

/// <summary>What to put into one software.</summary>
/// <param name="Server">Which: `nsd`, `knot`, `bind`, `powerdns`.</param>
/// <param name="Since">Which versions know it, in words.</param>
/// <param name="Lines">Of its configuration; none: it cannot.</param>
internal sealed record SetupLines(string Server, string Since, IReadOnlyList<string> Lines);

/// <summary>One check.</summary>
/// <param name="Of">Whom it is about: a server, the delegation, an address of the agent.</param>
/// <param name="State">`ok`, `wrong`, `unasked`.</param>
/// <param name="Found">What is so.</param>
/// <param name="Do">What to do; null: nothing.</param>
internal sealed record SetupFinding(string Of, string State, string Found, string? Do = null)
{
    public const string Ok = "ok", Wrong = "wrong", Unasked = "unasked";
}

/// <summary>All that is to be set up so that errors of a zone are reported here, and what of it is wrong.</summary>
/// <param name="V">Version of this format.</param>
/// <param name="Source">The server that the source error-reports names.</param>
/// <param name="Delegation">Lines for the zone above the agent domain.</param>
/// <param name="Rules">What has to be kept to.</param>
internal sealed record SetupReport(int V, string Zone, string Agent, string Source, IReadOnlyList<SetupLines> Servers, IReadOnlyList<string> Delegation, IReadOnlyList<string> Rules, IReadOnlyList<SetupFinding> Checks)
{
    [JsonIgnore]
    public bool Good => Checks.All(c => c.State == SetupFinding.Ok);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SetupReport))]
internal sealed partial class SetupJson : JsonSerializerContext;
