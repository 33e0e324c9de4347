using System.Text.Json.Serialization;

namespace Oops.Journal;

/// <summary>An input as it stands in the journal: flat, short, and readable by later versions. What an input does not have is left out.</summary>
internal sealed record Recorded
{
    /// <summary>The type, by its name in Oops.Core.</summary>
    [JsonPropertyName("t")] public required string Type { get; set; }

    /// <summary>Channel, or who claims.</summary>
    [JsonPropertyName("c")] public string? Channel { get; set; }

    [JsonPropertyName("z")] public string? Zone { get; set; }

    [JsonPropertyName("m")] public string? Measure { get; set; }

    /// <summary>Value, pid, sequence or count.</summary>
    [JsonPropertyName("v")] public long? Value { get; set; }

    /// <summary>Start time of a process.</summary>
    [JsonPropertyName("s")] public long? Start { get; set; }

    /// <summary>Detail, why, how or reason.</summary>
    [JsonPropertyName("d")] public string? Detail { get; set; }

    /// <summary>The address that told of it.</summary>
    [JsonPropertyName("from")] public string? From { get; set; }

    /// <summary>Zones or routes.</summary>
    [JsonPropertyName("n")] public string[]? Names { get; set; }

    /// <summary>Last piece, proof, until started, or trusted.</summary>
    [JsonPropertyName("y")] public bool? Yes { get; set; }

    /// <summary>The first piece.</summary>
    [JsonPropertyName("first")] public bool? First { get; set; }

    [JsonPropertyName("force")] public bool? Force { get; set; }

    [JsonPropertyName("cond")] public string? Condition { get; set; }

    [JsonPropertyName("server")] public string? Server { get; set; }

    [JsonPropertyName("state")] public string? State { get; set; }

    /// <summary>A span in seconds; left out: none.</summary>
    [JsonPropertyName("for")] public double? Seconds { get; set; }

    [JsonPropertyName("who")] public string? Who { get; set; }

    [JsonPropertyName("action")] public string? Action { get; set; }

    [JsonPropertyName("routes")] public RecordedRoute[]? Routes { get; set; }

    [JsonPropertyName("e")] public RecordedError[]? Errors { get; set; }

    /// <summary>Errors per second that are not listed.</summary>
    [JsonPropertyName("rest")] public double? Rest { get; set; }

    [JsonPropertyName("router")] public string? Router { get; set; }

    /// <summary>Of those in <see cref="Names"/> that left the config: the ones that a route of it still takes along.</summary>
    [JsonPropertyName("followed")] public string[]? Followed { get; set; }

    [JsonPropertyName("troubles")] public RecordedTrouble[]? Troubles { get; set; }

    /// <summary>Of an outcome: the routes that nobody had, by the intents that announced them.</summary>
    [JsonPropertyName("unheard")] public Dictionary<string, long>? Unheard { get; set; }

    /// <summary>Of a group of claims: the measures that occur.</summary>
    [JsonPropertyName("ms")] public string[]? Measures { get; set; }

    /// <summary>The claims of a group, each a <see cref="RecordedClaim"/>.</summary>
    [JsonPropertyName("w")] public long[]? Claims { get; set; }
}

internal sealed record RecordedRoute(
    [property: JsonPropertyName("r")] string Route,
    [property: JsonPropertyName("f")] string? Form,
    [property: JsonPropertyName("d")] string? Detail,
    [property: JsonPropertyName("l")] string[]? Lacks = null,
    [property: JsonPropertyName("o")] string? Others = null);

internal sealed record RecordedTrouble(
    [property: JsonPropertyName("i")] string Id,
    [property: JsonPropertyName("s")] string Says,
    [property: JsonPropertyName("n")] string? Now = null);

/// <summary>One INFO-CODE of Extended DNS Errors.</summary>
internal sealed record RecordedError([property: JsonPropertyName("c")] int Code, [property: JsonPropertyName("r")] double PerSecond, [property: JsonPropertyName("n")] string? Names = null);

/// <summary>A reaction in the outbox.</summary>
internal sealed record RecordedReaction(long Sequence, string Because, int Rule, string Condition, string Server, string? Zone, string State, uint? Serial, uint? PreviousSerial, string? Source, string? Channel = null, DateTimeOffset? When = null, bool Latest = false);

/// <summary>A channel as a run had it: two runs compare only where these agree.</summary>
/// <param name="Counts">What it counts for its condition, in words: with another set of codes, window or networks the same reports are another number.</param>
internal sealed record RecordedChannel(string Name, string Server, string Standing, string[] Measures, double? Validity, int[]? Codes = null, string? Counts = null);
