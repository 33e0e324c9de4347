using System.Text.Json.Serialization;

namespace Oops.Reports.Conformance;

/// <summary>How strongly something is asked for (RFC 2119; RECOMMENDED is SHOULD).</summary>
internal enum Level
{
    Must,
    Should,

    /// <summary>Left free by the RFCs: what is found is told, and is not wrong.</summary>
    Free,
}

/// <summary>What came of a check.</summary>
internal enum State
{
    Ok,

    /// <summary>Against a MUST or a SHOULD.</summary>
    Wrong,

    /// <summary>To be known; nothing forbids it.</summary>
    Note,

    /// <summary>There was no answer to judge.</summary>
    Unasked,
}

/// <summary>One check with its result, as it is shown.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Of">RFC and section: `RFC 9567, 6.3`.</param>
/// <param name="Level">`MUST`, `SHOULD`, or `-`.</param>
/// <param name="State">`ok`, `wrong`, `note`, `unasked`.</param>
/// <param name="Asks">What it is about.</param>
/// <param name="Found">What the agent did.</param>
internal sealed record CheckResult(string Id, string Of, string Level, string State, string Asks, string Found);

/// <summary>All that was found at one address of an agent.</summary>
internal sealed record ConformanceReport(int V, string Agent, string Server, IReadOnlyList<CheckResult> Checks)
{
    /// <summary>Nothing is against a MUST or a SHOULD, and all was asked.</summary>
    [JsonIgnore]
    public bool Good => Checks.All(c => c.State is "ok" or "note");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConformanceReport))]
internal sealed partial class ConformanceJson : JsonSerializerContext;
