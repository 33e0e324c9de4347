using Oops.Engine;
using Oops.Servers;
using Oops.Wire.Nsd;
using Oops.Wire.Text;

namespace Oops.Sources.Nsd;

/// <summary>A look at NSD's control socket, in the words that all servers share. NSD answers one command per connection, so that this is several; all of one process.</summary>
internal sealed class NsdSession(NsdOptions options, NsdZones zones, LineLook control, IEngine engine) : IServerSession
{
    // Octets of a list without a zone in it, and for each zone: more is no list.
    const long FreeOctets = 1024 * 1024;
    const int ZoneOctets = 4096;

    // Asking for a zone by name costs as much as so many in a list: a connection, and a line in NSD's log. A TLS handshake costs ten times as much.
    const int ListedForName = 50;
    const int ListedForHandshake = 500;

    public int? PeerPid => control.PeerPid;

    public static Witness Witness(NsdOptions options, ServerCounts counts, IEngine engine, Look look)
    {
        var zones = new NsdZones(engine.Time, options.Interval);
        return new(
            new(options.Server, options.ControlChannel, options.Interval) { ListsZones = options.ListsZones, ByName = true, Unended = true, Address = options.Address, Counts = counts },
            async stop =>
            {
                var opened = await LineControl.OpenAsync(options.Control, engine.Time, stop);
                return new(opened.Control is { } first ? new NsdSession(options, zones, new(options.Control, first, engine.Time), engine) : null, opened.Why, opened.Nobody);
            },
            engine,
            look);
    }

    public async ValueTask<(string? Software, string Why)> GreetAsync(CancellationToken stop)
    {
        zones.Restarted();
        var (version, why) = await NsdVersion.ReadAsync(control, stop);
        return (version is null ? null : $"nsd {version}", why);
    }

    public async ValueTask<string?> ReadAsync(IReadOnlyList<string>? some, IReading into, CancellationToken stop)
    {
        if (some is null) return await ListAsync(null, into, stop);
        IEnumerable<string> left = some;
        if (some.Count > 1 && some.Count * (long)(options.Control.Address is null ? ListedForName : ListedForHandshake) > zones.Listed)
        {
            var wanted = some.ToHashSet(StringComparer.Ordinal);
            if (await ListAsync(wanted, into, stop) is { } failed) return failed;
            left = wanted;
        }

        foreach (var name in left)
            if (await OneAsync(name, into, stop) is { } failed) return failed;
        return null;
    }

    public ValueTask DisposeAsync() => control.DisposeAsync();

    // All of them, or the wanted ones: those that were in it are no longer wanted then.
    async ValueTask<string?> ListAsync(HashSet<string>? wanted, IReading into, CancellationToken stop)
    {
        var reader = new NsdZoneStatusReader();
        var count = 0;
        string? unread = null;
        if (wanted is null) zones.BeginList();
        if (await control.AskListAsync("zonestatus", Sink, into.RoomAsync, stop) is { } failed) return failed;
        Hand(reader.End());
        if (unread is null && wanted is null) zones.EndList(count);
        return unread;

        string? Sink(ReadOnlySpan<byte> line)
        {
            if (!reader.Feed(line, out var zone)) return Garbage(line);
            Hand(zone);
            return count > options.MostZones ? $"a list of more than {options.MostZones} zones"
                : control.Got > FreeOctets + ((long)count * ZoneOctets) ? $"{control.Got} octets with {count} zones in them are no list" : null;
        }

        void Hand(NsdZoneStatus? zone)
        {
            if (zone is not { } status || ++count > options.MostZones) return;
            if (status.Cut) unread ??= Half(status);
            else if (wanted is null || (ZoneBook.Canonical(status.Zone) is { } name && wanted.Remove(name))) into.Zone(zones.Facts(status, engine.Now));
        }
    }

    async ValueTask<string?> OneAsync(string name, IReading into, CancellationToken stop)
    {
        var reader = new NsdZoneStatusReader();
        var failed = await control.AskAsync($"zonestatus {name}", Sink, stop);
        if (control.Error is { } error && error.StartsWith("zone ", StringComparison.Ordinal) && error.EndsWith(" not configured", StringComparison.Ordinal))
        {
            into.Zone(new() { Zone = name, Denied = "not configured" });
            return null;
        }

        if (failed is not null) return failed;
        if (reader.End() is not { } status || ZoneBook.Canonical(status.Zone) != name) return $"nsd: nothing about {name} in the answer";
        if (status.Cut) return Half(status);
        into.Zone(zones.Facts(status, engine.Now));
        return null;

        string? Sink(ReadOnlySpan<byte> line) => !reader.Feed(line, out var other) ? Garbage(line) : other is null ? null : "two zones in an answer about one";
    }

    static string Garbage(ReadOnlySpan<byte> line) => $"a line that no zonestatus has: {PrintableText.Of(line)}";

    static string Half(in NsdZoneStatus zone) => $"nsd: half an answer about {(zone.Zone.Length > 200 ? zone.Zone[..200] : zone.Zone)}, or one in words that are not known";
}
