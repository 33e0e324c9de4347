using System.Runtime.CompilerServices;
using Oops.Core;

namespace Oops.Reports;

/// <summary>What a condition has to be told of a zone.</summary>
/// <param name="Zone">Its name.</param>
/// <param name="Condition">Which.</param>
/// <param name="Value">The weighted number of reports.</param>
/// <param name="Remark">Of which errors they tell.</param>
internal readonly record struct ZoneNews(string Zone, string Condition, long Value, string? Remark = null);

/// <summary>What is counted of each zone.</summary>
internal sealed partial class ReportTally
{
    /// <summary>Zones that make room for new ones are looked for in one go, and so many at least.</summary>
    const int LeastRoom = 64;

    readonly Dictionary<int, ZoneReports> ofZones = [];
    readonly Queue<(int Zone, ReportWindow Window)> waiting = new();
    readonly List<(int Zone, ReportWindow Window)> open = [];
    bool full;

    /// <summary>What was counted of a zone; null: nothing.</summary>
    public ZoneReports? Find(string zone)
    {
        lock (gate) return Known(zones.Place(zone));
    }

    /// <summary>What a condition was told of a zone last; 0: nothing.</summary>
    public long Told(string zone, string condition)
    {
        lock (gate)
        {
            foreach (var window in Known(zones.Place(zone))?.Windows ?? [])
                if (window?.Condition.Name == condition) return window.Told;
            return 0;
        }
    }

    /// <summary>Takes what a condition has to be told next; false: nothing now.</summary>
    public bool TryNews(out ZoneNews news)
    {
        var now = Steady;
        lock (gate)
        {
            while (waiting.TryDequeue(out var next))
            {
                next.Window.Changed = false;
                var value = next.Window.Value(now);
                if (IsSwing(next.Window, value)) continue;
                if (value == next.Window.Told && !(next.Window.HasRemark && value > 0)) continue;
                (next.Window.Told, next.Window.HasRemark) = (value, false);
                var zone = Known(next.Zone)!;
                news = new(zones.Names[next.Zone], next.Window.Condition.Name, value, value == 0 ? null : ErrorReports.Remark(zone.Codes(next.Window.Condition), zone.Check));
                return true;
            }
            news = default;
            return false;
        }
    }

    /// <summary>Something waits to be told. Called under the gate: it must only ring.</summary>
    public Action? Rung { get; set; }

    /// <summary>Something is in a window, so that time changes it.</summary>
    public bool IsOpen
    {
        get
        {
            lock (gate) return open.Count > 0;
        }
    }

    /// <summary>Lets time pass: what was told and may be less now is looked at again, and windows in which nothing is left end. To be called some times in the shortest window.</summary>
    public void Age()
    {
        var now = Steady;
        lock (gate)
        {
            full = false;
            open.RemoveAll(o => o.Window is { Told: 0, Changed: false } && o.Window.IsEmpty(now) && Close(o.Zone, o.Window));
            foreach (var (zone, window) in open)
                if (window.Told > 0) Wait(zone, window);
        }
    }

    ZoneReports? Known(int place) => ofZones.GetValueOrDefault(place);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Count(int place, scoped in HeardReport report, in Keys keys, long steady)
    {
        if ((Known(place) ?? Open(place, report.Verified)) is not { } zone)
        {
            counts.Crowded++;
            return;
        }
        zone.Add(report.Name.Code, report.Verified, steady);
        var standing = Standing(place, report, keys, steady);
        for (var i = 0; i < options.Conditions.Count; i++)
        {
            var condition = options.Conditions[i];
            if (!condition.Codes.Contains(report.Name.Code) || !CountsIn(condition, standing, steady)) continue;
            var window = WindowOf(place, zone, i);
            window.Add(report.Verified ? keys.Network : null, steady);
            Wait(place, window);
        }
    }

    ReportWindow WindowOf(int place, ZoneReports zone, int condition)
    {
        if (zone.Windows.Length == 0) zone.Windows = new ReportWindow?[options.Conditions.Count];
        if (zone.Windows[condition] is { } window) return window;
        zone.Windows[condition] = window = new(options.Conditions[condition]);
        open.Add((place, window));
        return window;
    }

    void Wait(int zone, ReportWindow window)
    {
        if (window.Changed) return;
        window.Changed = true;
        waiting.Enqueue((zone, window));
        if (waiting.Count == 1) Rung?.Invoke();
    }

    /// <summary>What was enough is less, and not yet clearly less: a condition that swings would move a route with every swing. So it is told only below <see cref="KindSpec.ClearsBelow"/>.</summary>
    static bool IsSwing(ReportWindow window, long value) =>
        window.Told >= window.Condition.Number && value < window.Told && value >= window.Condition.ClearsBelow;

    bool Close(int place, ReportWindow window)
    {
        if (Known(place) is { } zone)
            for (var i = 0; i < zone.Windows.Length; i++)
                if (zone.Windows[i] == window) zone.Windows[i] = null;
        return true;
    }

    /// <summary>Null: there is no room, and whoever may write any address does not get it from others.</summary>
    ZoneReports? Open(int place, bool verified)
    {
        if (ofZones.Count >= options.Zones && !(verified && !full && MakeRoom())) return null;
        var zone = new ZoneReports();
        ofZones.Add(place, zone);
        return zone;
    }

    /// <summary>Forgets zones of which no condition holds anything: first those that nobody spoke of whose address is proved, then those of which nobody spoke for longest.</summary>
    bool MakeRoom()
    {
        var goes = ofZones.Where(z => z.Value.Windows.All(w => w is null)).OrderBy(z => z.Value.Verified > 0).ThenBy(z => z.Value.Last)
            .Take(Math.Max(LeastRoom, options.Zones / 8)).Select(z => z.Key).ToList();
        foreach (var place in goes) ofZones.Remove(place);
        counts.ZonesForgotten += goes.Count;
        // Each has something in a window: so it is until some of these have ended.
        full = goes.Count == 0;
        return !full;
    }

    /// <summary>The zones have other places now; what is counted goes on by name.</summary>
    void Rename(ReportedZones now)
    {
        var before = zones;
        var kept = ofZones.Select(z => (Name: before.Names[z.Key], z.Value)).ToList();
        ofZones.Clear();
        waiting.Clear();
        open.Clear();
        zones = now;
        foreach (var (name, zone) in kept)
        {
            var place = now.Place(name);
            if (place < 0) continue;
            ofZones.Add(place, zone);
            foreach (var window in zone.Windows.OfType<ReportWindow>())
            {
                window.Changed = false;
                open.Add((place, window));
                Wait(place, window);
            }
        }
    }
}
