using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Sources.ErrorReports;

namespace Oops.Config;

/// <summary>What the configured sources can tell of which server.</summary>
internal sealed class Covering
{
    /// <summary>The machine keeps two bits per channel and zone: at most so many channels of one server may measure the same.</summary>
    const int MostPerMeasure = 15;

    /// <summary>And so many channels in all.</summary>
    const int MostPerServer = 32;

    readonly ILookup<string, ChannelSpec> byServer;

    public Covering(IReadOnlyList<WiredSource> sources, ConfigErrors errors)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        var channels = ImmutableArray.CreateBuilder<ChannelSpec>();
        foreach (var source in sources)
        {
            foreach (var channel in source.Source.Covers)
            {
                if (seen.TryAdd(channel.Name, source.Path))
                    channels.Add(channel);
                else
                    errors.Add(source.Path, $"asks the same as {seen[channel.Name]} at {errors.PositionOf(seen[channel.Name])} ({channel.Name}); remove one, or join them");
            }
        }

        Channels = channels.ToImmutable();
        byServer = Channels.ToLookup(c => c.Server, StringComparer.Ordinal);
        foreach (var server in byServer)
        {
            var most = server.SelectMany(c => c.Measures.Distinct().Select(m => (m, c.Condition))).GroupBy(m => m).Select(g => g.Count()).DefaultIfEmpty().Max();
            if (server.Count() > MostPerServer || most > MostPerMeasure)
                errors.Add($"servers.{server.Key}", $"is asked in {server.Count()} ways, {most} of them for the same; the most are {MostPerServer} and {MostPerMeasure}: remove some addresses or sources");
        }
    }

    public ImmutableArray<ChannelSpec> Channels { get; }

    public bool HasWitness(string server) => byServer[server].Any(c => c.Standing == Standing.Witness && !c.IsHearsay);

    /// <summary>True if something is asked at an address inside one of the prefixes.</summary>
    public bool ProbesInside(IEnumerable<string> servers, IEnumerable<IPNetwork> prefixes) =>
        servers.SelectMany(s => byServer[s]).Any(c => c.Target is { } target && prefixes.Any(p => p.Contains(target)));

    /// <summary>True if there is somebody to compare the server's zones with.</summary>
    public bool HasReference(string server, Kind kind) =>
        byServer[server].Any(c => c.Standing == Standing.Reference && (c.Measures.Contains(Measure.Serial) || (MeasureOf(kind) is { } measure && c.Measures.Contains(measure))));

    /// <summary>True if a source speaks of this condition of the server.</summary>
    public bool Covers(string server, KindSpec condition) => condition.Kind switch
    {
        // Claimed by `check` commands and by `oops signal`, which needs no source.
        Kind.External => true,
        Kind.ZoneStale => Speaks(server, Measure.Serial) && HasReference(server, condition.Kind),
        Kind.ExtendedError => byServer[server].Any(c => c.Standing != Standing.Reference && c.Measures.Contains(Measure.ExtendedErrors) && c.Counts(condition.Codes) == CodeCover.All),
        Kind.ErrorReported => byServer[server].Any(c => c.Standing != Standing.Reference && c.Tells(condition, Measure.ErrorReports)),
        Kind.ServerRunning or Kind.ServerDown or Kind.ServerCrashed => Speaks(server, Measure.Answering) || byServer[server].Any(c => c.Process),
        var kind => MeasureOf(kind) is { } measure && Speaks(server, measure),
    };

    /// <summary>True if a source tells of the serials of its zones.</summary>
    public bool HearsSerials(string server) => Speaks(server, Measure.Serial);

    /// <summary>What to do about a condition of a server that <see cref="Covers"/> denies.</summary>
    /// <param name="otherwise">What else may be done where a source can be added.</param>
    public string WayOut(string server, ServerKind software, Kind kind, string otherwise = "")
    {
        if (kind == Kind.ZoneStale && Speaks(server, Measure.Serial))
            return $"give the server primaries or peers, and add a probe under sources, which asks them{otherwise}";
        if (kind == Kind.ExtendedError && byServer[server].FirstOrDefault(c => c.Codes is not null) is { } counting)
            return $"{counting.Name} counts only {string.Join(", ", counting.Codes!.Codes.Select(ErrorCodes.Of))}; write codes of these alone{otherwise}";
        if (kind == Kind.ErrorReported && byServer[server].Any(c => c.Name == $"{ErrorReportsConfig.SourceName}/{server}"))
            return $"its source {ErrorReportsConfig.SourceName} checks nothing, and the condition is met by verified reports alone; add 'verify: {{}}' to the source, or remove 'verified'{otherwise}";
        var able = Able(kind).ToArray();
        var fit = able.Where(s => s.Of.Count == 0 || s.Of.Contains(software)).Select(s => s.Name).ToArray();
        return fit.Length > 0 ? $"add one under sources: {string.Join(" or ", fit)}{otherwise}"
            : able.Length > 0 ? $"no source of this version measures it of a server of kind {software.ToString().ToLowerInvariant()}; remove it"
            : "no source of this version measures it; remove it";
    }

    // From the table of contents of the sources.
    static IEnumerable<(string Name, IReadOnlyList<ServerKind> Of)> Able(Kind kind) =>
        from source in Shape.Keys(ConfigJson.Default.SourcesConfig)
        let can = Shape.Attribute<MeasuresAttribute>(source)
        let of = MeasureOf(kind)
        where can is not null && of is not null && can.Measures.Contains(of.Value)
        select (can.Optional.Contains(of!.Value) ? $"{source.Name} with {can.By}" : source.Name, (IReadOnlyList<ServerKind>)can.Of);

    bool Speaks(string server, Measure measure) => byServer[server].Any(c => c.Standing != Standing.Reference && c.Measures.Contains(measure));

    static Measure? MeasureOf(Kind kind) => kind switch
    {
        Kind.ServerRunning or Kind.ServerDown or Kind.ServerCrashed => Measure.Answering,
        Kind.ServerShuttingDown => Measure.Stopping,
        Kind.ZoneReady or Kind.AllZonesReady or Kind.ZoneUpdated or Kind.ZoneStale => Measure.Serial,
        Kind.ZoneNotRefreshed => Measure.RefreshFailures,
        Kind.ZoneExpiring => Measure.Expiry,
        Kind.SignaturesExpiring => Measure.SignatureExpiry,
        Kind.QueryRateHigh => Measure.QueryRate,
        Kind.QueryRateRising => Measure.QueryRateSlope,
        Kind.ExtendedError => Measure.ExtendedErrors,
        Kind.ZoneInvalid => Measure.Invalid,
        Kind.KeysChanged => Measure.Keys,
        Kind.CdsNotified => Measure.CdsNotified,
        Kind.CsyncNotified => Measure.CsyncNotified,
        Kind.ErrorReported => Measure.ErrorReports,
        Kind.DelegationMismatch => Measure.Delegation,
        Kind.CdsWantsChange => Measure.CdsWanted,
        _ => null,
    };
}
