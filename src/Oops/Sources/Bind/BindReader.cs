using Oops.Core;
using Oops.Engine;
using Oops.Servers;
using Oops.Wire.Bind;
using Oops.Wire.Json;
using Oops.Wire.Text;
using Plan = Oops.Servers.Plan;

namespace Oops.Sources.Bind;

/// <summary>Reads named, look by look: all zones from its statistics channel, some of them over DNS. It keeps between looks only what tells times and costs.</summary>
internal sealed class BindReader(BindOptions options, BindChannel channel, BindCounts counts, IEngine engine)
{
    /// <summary>BIND makes one view of this name where none is configured.</summary>
    public const string DefaultView = "_default";

    const string OwnView = "_bind";

    // A list that was made in less time is made again at once when it is asked for; another one not before this many times what it took.
    const int Leisure = 20;
    static readonly TimeSpan Cheap = TimeSpan.FromMilliseconds(50);

    // A loaded zone whose time is over for longer than named takes to see it: its times are of something else.
    static readonly TimeSpan Overdue = TimeSpan.FromMinutes(1);

    readonly ServerClock clock = new();
    readonly BindNames? names = options is { Address: { } address, Views.Count: 0 } ? new(address, options, counts, engine.Time) : null;
    TimeSpan took;
    At over;

    /// <summary>When a list may be asked for before its time: then it takes a twentieth of the server's time at most.</summary>
    public At Idle => over + (took * Leisure);

    public async ValueTask<(string? Software, string Why, HttpFault Fault)> GreetAsync(CancellationToken stop)
    {
        var head = new JsonScalars(["version"], ["json-stats-version"]);
        var result = await channel.AskAsync("/json/v1/status", head.Take, last => last && !head.Found.Has(1) ? "no json-stats-version" : null, stop);
        return result.Why is { } why ? (null, why, result.Fault) : ($"named {PrintableText.Of(head.Found.Bytes(0))}", "", HttpFault.None);
    }

    /// <summary>All zones. Null, or why it failed.</summary>
    public async ValueTask<string?> ReadAsync(IReading into, CancellationToken stop)
    {
        // A zone with `zone-statistics none` is served and not in the list.
        HashSet<string> missing = names is null ? [] : [.. engine.Server(options.Server).Zones];
        var count = 0L;
        var failed = await ListAsync(
            into.Started,
            facts =>
            {
                count++;
                if (missing.Count > 0 && ZoneBook.Canonical(facts.Zone) is { } name) missing.Remove(name);
                into.Zone(facts);
            },
            into.RoomAsync,
            stop);
        if (failed is not null) return failed;
        counts.Listed(count);
        return missing.Count == 0 ? null : await MissingAsync(missing, into, stop);
    }

    /// <summary>Some zones. Only good news is taken from DNS: what is no answer with authority there is looked up in the list, if that is not too dear.</summary>
    public async ValueTask<string?> ReadAsync(IReadOnlyList<string> some, IReading into, CancellationToken stop)
    {
        if (names is null) throw new InvalidOperationException("zones are asked for by name only where the server's address is known");
        Dictionary<string, string?> doubted = new(StringComparer.Ordinal);
        foreach (var named in await names.AskAsync(some, stop))
        {
            if (named.Facts is { } facts) into.Zone(facts);
            else doubted[named.Zone] = named.Denied;
        }

        if (doubted.Count == 0 || (took > Cheap && engine.Now < Idle)) return null;
        var failed = await ListAsync(
            into.Started,
            facts =>
            {
                if (ZoneBook.Canonical(facts.Zone) is { } name && doubted.Remove(name)) into.Zone(facts);
            },
            into.RoomAsync,
            stop);
        if (failed is not null) return failed;
        foreach (var (zone, denied) in doubted)
            if (denied is not null) into.Zone(new ZoneFacts { Zone = zone, Denied = denied });
        return null;
    }

    // Zones that should be there and are not in the list. Only what named also denies over DNS is gone.
    async ValueTask<string?> MissingAsync(HashSet<string> missing, IReading into, CancellationToken stop)
    {
        var asked = await names!.AskAsync([.. missing.Take(Look.MaxZones)], stop);
        var hidden = false;
        foreach (var named in asked)
        {
            if (named.Silent) return $"bind: {named.Zone} is not in the list, and nobody at {names.Address} answered whether it is served";
            hidden |= named.Denied is null;
            into.Zone(named.Facts ?? new ZoneFacts { Zone = named.Zone, RoleUnsaid = true, Denied = named.Denied, Unexpired = true, Detail = "SERVFAIL, and not in the list" });
        }

        // Those that were not asked for may be hidden in the same way.
        return hidden && missing.Count > asked.Count
            ? $"bind: {missing.Count} zones are not in the list, though some of them are served: zone-statistics none hides them; write zone-statistics terse" : null;
    }

    async ValueTask<string?> ListAsync(Action<string> started, Action<ZoneFacts> each, Func<Task> room, CancellationToken stop)
    {
        var asked = engine.Now;
        var timed = false;
        var worst = options.Views.Count > 1 ? new BindWorst() : null;
        BindZonesReader reader = null!;
        reader = new(zone =>
        {
            Time();
            if (options.Views.Count == 0 ? zone.View != DefaultView : !options.Views.Contains(zone.View)) return;
            var facts = Facts(zone, clock, engine.Now);
            if (worst is null) each(facts);
            else worst.Take(facts);
        });
        var result = await channel.AskAsync("/json/v1/zones", reader.Take, last => reader.Fault ?? (last ? Lacks(reader) : null), stop, room);
        over = engine.Now;
        took = over - asked;
        if (result.Why is { } why) return why;
        Time();
        foreach (var facts in worst?.All ?? []) each(facts);
        return null;

        void Time()
        {
            if (timed || reader.Now is not { } now) return;
            timed = true;
            clock.Take(asked, engine.Now, now);
            started($"{reader.BootTime} {clock.Steps}");
        }
    }

    // What a whole answer must have.
    string? Lacks(BindZonesReader reader)
    {
        if (reader.Now is null) return "no current-time";
        if (reader.BootTime.Length == 0) return "no boot-time";
        var wanted = options.Views.Count == 0 ? [DefaultView] : options.Views;
        if (wanted.FirstOrDefault(v => !reader.Views.Contains(v)) is not { } lacking) return null;
        var there = string.Join(", ", reader.Views.Where(v => v != OwnView).Take(10));
        return there.Length == 0 ? "no views" : options.Views.Count == 0 ? $"its zones are in views ({there}); name those that count with 'views'" : $"no view {lacking}; there are: {there}";
    }

    /// <summary>What the list says of a zone, in the shared words.</summary>
    internal static ZoneFacts Facts(in BindZone zone, ServerClock clock, At now)
    {
        var loaded = zone.Serial is not null;
        var left = zone.Expires is { } expires ? clock.At(expires) - now : (TimeSpan?)null;
        var expired = zone.Secondary && !loaded && zone.Loaded is not null && left <= TimeSpan.Zero;
        return new()
        {
            Zone = zone.Name,
            Secondary = zone.Secondary,
            Loaded = loaded,
            Serial = zone.Serial,
            Expired = expired,
            // named writes its times itself: what it calls neither loaded nor over has not expired.
            Unexpired = !loaded && !expired,
            Detail = loaded ? null : expired ? "expired" : zone.Loaded is null ? "never loaded" : "not loaded",
            Refresh = zone.Refresh is { } refresh ? Plan.In(clock.At(refresh) - now) : default,
            Expiry = loaded && left is { } span && span > -Overdue ? Plan.In(span) : default,
        };
    }
}
