using System.Text.Json.Serialization;
using Oops.Control;
using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>A verdict for people and scripts: one JSON object, and what `oops verify` prints. All text is terminal-safe.</summary>
internal sealed record VerifyReport
{
    public int V { get; init; } = 1;

    public required string Zone { get; init; }

    /// <summary>Null: there is no SOA record that could be read.</summary>
    public uint? Serial { get; init; }

    /// <summary>The zone may be served.</summary>
    public required bool Pass { get; init; }

    public required long Errors { get; init; }

    public required long Warnings { get; init; }

    public required ZoneNumbers Numbers { get; init; }

    /// <summary>The signature that expires first, of the whole zone; null: the zone has no good one.</summary>
    public EarliestReport? Earliest { get; init; }

    /// <summary>Errors first, each by its place in the table of faults.</summary>
    public required IReadOnlyList<FaultReport> Findings { get; init; }

    /// <summary>From the first octet to the verdict.</summary>
    public required double Seconds { get; init; }

    /// <summary>When the verdict was made, of one that was made before it was asked for; null: now.</summary>
    public DateTimeOffset? Judged { get; init; }

    /// <summary>A verdict that was made before, as of now: what is left until the first signature ends is less.</summary>
    public VerifyReport AsOf(DateTimeOffset now, DateTimeOffset judged) =>
        this with { Judged = judged, Earliest = Earliest is { } first ? first with { SecondsLeft = first.Expires.ToUnixTimeSeconds() - now.ToUnixTimeSeconds() } : null };

    public static VerifyReport Of(ZoneVerdict verdict, TimeSpan took)
    {
        var options = verdict.Options;
        string Name(byte[] key) => NameKey.Read(key, verdict.Zone.Apex).ToString();
        return new VerifyReport
        {
            Zone = verdict.Zone.Apex.ToString(),
            Serial = verdict.Zone.Soa?.Serial,
            Pass = verdict.Passes,
            Errors = verdict.Errors,
            Warnings = verdict.Warnings,
            Numbers = verdict.Numbers,
            Earliest = verdict.Earliest is { } first
                ? new EarliestReport { Owner = Name(first.Key), Type = TypeNames.Of(first.Covered), Expires = DateTimeOffset.FromUnixTimeSeconds(first.Expires), SecondsLeft = first.Expires - options.Now }
                : null,
            Findings =
            [
                .. verdict.Findings.Faults.Where(f => options.Of(f) != Severity.Ignore).OrderByDescending(options.Of).Select(f => new FaultReport
                {
                    Fault = ZoneFaults.Of(f).Name,
                    Severity = options.Of(f),
                    Count = verdict.Findings.Count(f),
                    Meaning = ZoneFaults.Of(f).Meaning,
                    First = [.. verdict.Findings.First(f).Select(p => new PlaceReport { Owner = Name(p.Key), Type = p.Type == 0 ? null : TypeNames.Of(p.Type), Why = p.Why })],
                }),
            ],
            Seconds = Math.Round(took.TotalSeconds, 3),
        };
    }
}

/// <summary>The signature that expires first.</summary>
internal sealed record EarliestReport
{
    public required string Owner { get; init; }

    /// <summary>The type that it covers.</summary>
    public required string Type { get; init; }

    public required DateTimeOffset Expires { get; init; }

    public required long SecondsLeft { get; init; }
}

/// <summary>A fault with its first places.</summary>
internal sealed record FaultReport
{
    /// <summary>`signature-bogus`.</summary>
    public required string Fault { get; init; }

    public required Severity Severity { get; init; }

    public required long Count { get; init; }

    public required string Meaning { get; init; }

    /// <summary>In canonical order; at most <see cref="Findings.Named"/>.</summary>
    public required IReadOnlyList<PlaceReport> First { get; init; }
}

/// <summary>Where a fault is.</summary>
internal sealed record PlaceReport
{
    public required string Owner { get; init; }

    /// <summary>Null: the name as a whole.</summary>
    public string? Type { get; init; }

    public required string Why { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(KebabConverter<Severity>)])]
[JsonSerializable(typeof(VerifyReport))]
internal sealed partial class VerifyJson : JsonSerializerContext;
