using System.Globalization;
using Oops.Engine;
using Oops.Servers;
using Oops.Wire.Text;
using Oops.Wire.Unbound;

namespace Oops.Sources.Unbound;

/// <summary>
/// A look at Unbound's control socket, in the words that all servers share. It answers one command per connection, and its list of zones has no mark of its end: a status before and after it, with the same pid,
/// proves that it was not cut by a death.
/// </summary>
internal sealed class UnboundSession(UnboundOptions options, LineLook control, IEngine engine) : IServerSession
{
    public int? PeerPid => control.PeerPid;

    public static Witness Witness(UnboundOptions options, IEngine engine, Look look) => new(
        new(options.Server, options.ControlChannel, options.Interval) { ListsZones = options.ListsZones },
        async stop =>
        {
            var opened = await LineControl.OpenAsync(options.Control, engine.Time, stop);
            return new(opened.Control is { } first ? new UnboundSession(options, new(options.Control, first, engine.Time), engine) : null, opened.Why, opened.Nobody);
        },
        engine,
        look);

    public async ValueTask<(string? Software, string Why)> GreetAsync(CancellationToken stop)
    {
        var (status, why) = await StatusAsync(stop);
        return (status is null ? null : $"unbound {status.Version}", why);
    }

    public async ValueTask<string?> ReadAsync(IReadOnlyList<string>? some, IReading into, CancellationToken stop)
    {
        var (before, unasked) = await StatusAsync(stop);
        if (before is null) return unasked;
        into.Started(before.Pid!.Value.ToString(CultureInfo.InvariantCulture));
        if (await ListAsync(into, stop) is { } failed) return failed;
        var (after, died) = await StatusAsync(stop);
        if (after is null) return died;
        return after.Pid == before.Pid ? null : $"unbound: started anew while it was read (pid {before.Pid}, then {after.Pid})";
    }

    public ValueTask DisposeAsync() => control.DisposeAsync();

    async ValueTask<string?> ListAsync(IReading into, CancellationToken stop)
    {
        var count = 0;
        return await control.AskListAsync("list_auth_zones", Sink, into.RoomAsync, stop);

        string? Sink(ReadOnlySpan<byte> line)
        {
            if (!UnboundAuthZone.TryRead(line, out var zone)) return $"a line that no list_auth_zones has: {PrintableText.Of(line)}";
            if (++count > options.MostZones) return $"a list of more than {options.MostZones} zones";
            if (zone.Veiled) Unveil(zone, into);
            else into.Zone(Facts(zone));
            return null;
        }
    }

    // Which of the expected zones it means is not known: of those that it may mean, nothing is claimed, and not that they are not there either.
    void Unveil(in UnboundAuthZone zone, IReading into)
    {
        foreach (var name in engine.Server(options.Server).Zones)
            if (UnboundAuthZone.Veil(name) == zone.Zone) into.Zone(new() { Zone = name, Loaded = true, Unclear = true });
    }

    /// <summary>What a line says, in the shared words.</summary>
    internal static ZoneFacts Facts(in UnboundAuthZone zone) => new()
    {
        Zone = zone.Zone,
        // Whether it has a primary is not told, nor when it expires; only that it has, or has not.
        Secondary = zone.Expired,
        Loaded = zone.Serial is not null,
        Serial = zone.Serial,
        Expired = zone.Expired,
        Failures = zone.Expired ? 1 : 0,
        Refresh = Servers.Plan.In(TimeSpan.FromSeconds(1)),
        Detail = zone.Expired ? "expired" : zone.Serial is null ? "no serial" : null,
    };

    // Whole, or null and why not.
    async ValueTask<(UnboundStatusReader? Status, string Why)> StatusAsync(CancellationToken stop)
    {
        var reader = new UnboundStatusReader();
        var failed = await control.AskAsync("status", Sink, stop);
        return failed is not null ? (null, failed) : reader is { Version: not null, Pid: not null } ? (reader, "") : (null, "unbound: no version or no pid in the answer to `status`");

        string? Sink(ReadOnlySpan<byte> line)
        {
            reader.Feed(line);
            return null;
        }
    }
}
