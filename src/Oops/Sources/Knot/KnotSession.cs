using Oops.Engine;
using Oops.Servers;
using Oops.Wire.Knot;

namespace Oops.Sources.Knot;

/// <summary>A look at knotd's control socket, in the words that all servers share.</summary>
internal sealed class KnotSession(KnotControl control, int mostZones) : IServerSession
{
    public int? PeerPid => control.PeerPid;

    public static Witness Witness(KnotOptions options, IEngine engine, Look look, KnotWords words) => new(
        new(options.Server, options.ControlChannel, options.Interval) { ListsZones = options.ListsZones, ByName = true, Answered = words.Answered, Refreshed = words.Refreshed },
        async stop =>
        {
            var opened = await KnotControl.OpenAsync(options.Control, options.Timeout, engine.Time, stop);
            return new(opened.Control is { } control ? new KnotSession(control, options.MostZones) : null, opened.Why, opened.Nobody);
        },
        engine,
        look);

    public async ValueTask<(string? Software, string Why)> GreetAsync(CancellationToken stop)
    {
        var (version, why) = await control.VersionAsync(stop);
        return (version is null ? null : $"knotd {version}", why);
    }

    public ValueTask<string?> ReadAsync(IReadOnlyList<string>? some, IReading into, CancellationToken stop) =>
        control.ZoneStatusAsync(some ?? [], status => into.Zone(Facts(status)), stop, mostZones);

    public ValueTask DisposeAsync() => control.DisposeAsync();

    /// <summary>What zone-status says, in the shared words.</summary>
    internal static ZoneFacts Facts(KnotZoneStatus status) => new()
    {
        Zone = status.Zone,
        Denied = status.Error,
        Secondary = status.Role == KnotRole.Slave,
        Loaded = status.Loaded,
        Serial = status.Serial,
        Refresh = Plan(status.Refresh),
        Expiry = Plan(status.Expiration),
    };

    static Servers.Plan Plan(KnotEvent planned) => planned.Kind switch
    {
        KnotEventKind.Relative => Servers.Plan.In(planned.In),
        KnotEventKind.None => Servers.Plan.None,
        _ => default,
    };
}
