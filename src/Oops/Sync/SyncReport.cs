using System.Text.Json.Serialization;
using Oops.Control;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;
using Oops.Zones.Compact;

namespace Oops.Sync;

/// <summary>What came of a sync of one zone, for people and scripts.</summary>
internal sealed record SyncReport
{
    public required string Action { get; init; }

    public required string Zone { get; init; }

    /// <summary>Of the version that is carried; null: it could not be had.</summary>
    public uint? Serial { get; init; }

    /// <summary>Where to, in words.</summary>
    public required string Target { get; init; }

    public required SyncEnd End { get; init; }

    /// <summary>Why it did not go on; null: it did.</summary>
    public string? Why { get; init; }

    /// <summary>RRsets at the target that were compared.</summary>
    public int Existing { get; init; }

    public int Creates { get; init; }

    public int Updates { get; init; }

    public int Deletes { get; init; }

    public required IReadOnlyList<ReportedChange> Changes { get; init; }

    /// <summary>The first of the RRsets that are not carried.</summary>
    public required IReadOnlyList<ReportedLeft> Left { get; init; }

    public int LeftOut { get; init; }

    public static SyncReport Of(string action, DnsName zone, ISyncTarget target, SyncResult result) => new()
    {
        Action = action,
        Zone = zone.ToString(),
        Serial = result.Plan?.Zone.Soa?.Serial,
        Target = target.Where,
        End = result.End,
        Why = result.Why.Length > 0 ? result.Why : null,
        Existing = result.Plan?.Existing ?? 0,
        Creates = result.Plan?.Creates ?? 0,
        Updates = result.Plan?.Updates ?? 0,
        Deletes = result.Plan?.Deletes ?? 0,
        Changes = result.Plan is { } plan ? [.. plan.Changes.Select(c => ReportedChange.Of(c, plan.Zone.Apex))] : [],
        Left = [.. (result.Plan?.Left ?? []).Select(static l => new ReportedLeft { Owner = l.Owner, Type = TypeNames.Of(l.Type), Why = l.Why })],
        LeftOut = result.Plan?.LeftOutCount ?? 0,
    };
}

/// <summary>One RRset that changes: its records as a zone's text has them.</summary>
internal sealed record ReportedChange
{
    public required string Owner { get; init; }

    public required string Type { get; init; }

    /// <summary>Seconds at the target; null: it is not there.</summary>
    public uint? TtlBefore { get; init; }

    /// <summary>Seconds in the zone; the same.</summary>
    public uint? Ttl { get; init; }

    public required IReadOnlyList<string> Delete { get; init; }

    public required IReadOnlyList<string> Add { get; init; }

    public static ReportedChange Of(SetChange change, in DnsName apex) => new()
    {
        Owner = NameKey.Read(change.Key, apex).ToString(),
        Type = TypeNames.Of(change.Type),
        TtlBefore = change.Before?.Ttl,
        Ttl = change.After?.Ttl,
        Delete = [.. change.Deletes.Select(d => RecordText.Write(change.Type, d))],
        Add = [.. change.Adds.Select(d => RecordText.Write(change.Type, d))],
    };
}

/// <summary>One RRset that is not carried.</summary>
internal sealed record ReportedLeft
{
    public required string Owner { get; init; }

    public required string Type { get; init; }

    public required string Why { get; init; }
}

/// <summary>All that `oops sync` was asked for.</summary>
internal sealed record SyncReports
{
    public int V { get; init; } = 1;

    public required IReadOnlyList<SyncReport> Zones { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(KebabConverter<SyncEnd>)])]
[JsonSerializable(typeof(SyncReports))]
internal sealed partial class SyncJson : JsonSerializerContext;
