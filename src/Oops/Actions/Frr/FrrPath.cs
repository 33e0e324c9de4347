using System.Collections.Immutable;
using System.Text.Json;
using Oops.Routers;

namespace Oops.Actions.Frr;

/// <summary>One path of a prefix in bgpd's table.</summary>
/// <param name="IsOwn">It comes from `network` (in any hands), and not from redistribution or a peer.</param>
/// <param name="Look">With which attributes; null: such as no form of ours has.</param>
/// <param name="Valid">False while `bgp network import-check` finds no route for it.</param>
/// <param name="Best">bgpd has chosen it.</param>
/// <param name="Removed">It was taken away, and the queue has not come to it.</param>
/// <param name="Waiting">It was changed, and the queue has not come to it.</param>
internal sealed record FrrPath(bool IsOwn, Look? Look, bool Valid, bool Best, bool Removed, bool Waiting)
{
    /// <summary>It comes from `redistribute`, and no peer.</summary>
    public bool IsRedistributed { get; init; }

    /// <param name="path">An item of `paths`.</param>
    /// <param name="asn">What ours prepend; null: not known, any AS that stands alone.</param>
    public static FrrPath Of(JsonElement path, uint? asn) => new(
        path.Flag("sourced") && path.Flag("local"), LookOf(path, asn), path.Flag("valid"), path.Child("bestpath") is { } best && best.Flag("overall"), path.Flag("removed"), path.Flag("processScheduled"))
    {
        IsRedistributed = path.Flag("sourced") && !path.Flag("local"),
    };

    static Look? LookOf(JsonElement path, uint? asn)
    {
        if (path.Text("origin") != "IGP" || path.Child("extendedCommunity") is not null) return null;
        if (Prepended(path, asn) is not { } prepend) return null;
        List<(ushort, ushort)?> communities = [.. List(path, "community").Select(FrrCommunities.Parse)];
        var larges = List(path, "largeCommunity");
        if (communities.Contains(null) || larges.Length > 1) return null;
        (uint, uint, uint)? large = null;
        if (larges is [var l] && (large = FrrCommunities.ParseLarge(l)) is null) return null;
        if (new Look(prepend, path.Number("metric") is { } metric and > 0 ? metric : null, null, large).With(communities.OfType<(ushort, ushort)>()) is not { } look) return null;
        return path.Number("locPrf") is null || (look.IsDraining && path.Number("locPrf") == 0) ? look : null;
    }

    /// <summary>How often the AS is in the path, which has nothing else; null: it has.</summary>
    static int? Prepended(JsonElement path, uint? asn)
    {
        if (path.Child("aspath") is not { } aspath) return null;
        var count = 0;
        foreach (var segment in aspath.Items("segments"))
        {
            if (segment.Text("type") != "as-sequence") return null;
            foreach (var item in segment.Items("list"))
            {
                if (item.ValueKind != JsonValueKind.Number || !item.TryGetUInt32(out var number)) return null;
                asn ??= number;
                if (number != asn) return null;
                count++;
            }
        }

        return count;
    }

    static ImmutableArray<string> List(JsonElement path, string name) =>
        path.Child(name) is { } of ? [.. of.Items("list").Select(i => i.ValueKind == JsonValueKind.String ? i.GetString()! : "")] : [];
}
