using System.Globalization;
using System.Text;
using Oops.Core;
using Oops.Engine;

namespace Oops.Control;

/// <summary>Prometheus text, version 0.0.4.</summary>
internal sealed class MetricsText
{
    /// <summary>More zones than this have no series of their own.</summary>
    public const int MostZones = 1000;

    readonly StringBuilder text = new();

    public void Write(StatusAnswer status, Daemon daemon)
    {
        Head("oops_info", "gauge", "What runs.");
        Line("oops_info", 1, ("version", status.Version), ("site", status.Site), ("config", status.ConfigHash), ("mode", status.Mode == Mode.Act ? "act" : "observe"));
        One("oops_start_time_seconds", "gauge", "When it started, Unix time.", status.Started.ToUnixTimeMilliseconds() / 1000.0);
        Routes(status);
        Servers(status);
        Head("oops_channel_open", "gauge", "1: the channel is open.");
        foreach (var c in status.Channels) Line("oops_channel_open", c.Open ? 1 : 0, ("channel", c.Name), ("server", c.Server));
        Head("oops_channel_silence_seconds", "gauge", "Since the channel was last heard.");
        foreach (var c in status.Channels)
            if (c.LastHeard is { } silent) Line("oops_channel_silence_seconds", silent.TotalSeconds, ("channel", c.Name), ("server", c.Server));
        Head("oops_alarm", "gauge", "1: the alarm stands.");
        foreach (var a in status.Alarms) Line("oops_alarm", 1, ("id", a.Id));
        Sessions(status);
        var counters = daemon.Engine.Counters;
        One("oops_inputs_total", "counter", "Inputs that the machine took.", counters.Steps);
        One("oops_inputs_merged_total", "counter", "Measurements replaced by a newer one of the same subject before they were taken.", counters.Merged);
        Head("oops_shed_total", "counter", "What was shed on the way in, by where.");
        foreach (var (where, count) in daemon.Shed.All) Line("oops_shed_total", count, ("where", where));
        One("oops_inputs_waiting", "gauge", "Inputs that wait.", counters.Waiting);
        One("oops_faults_total", "counter", "Steps that failed by a bug.", counters.Faults);
        One("oops_lateness_worst_seconds", "gauge", "The latest wake-up since the start.", counters.WorstLateness.TotalSeconds);
        One("oops_source_restarts_total", "counter", "Sources that ended without being told to.", daemon.Restarts);
        One("oops_journal_up", "gauge", "1: the journal is written.", daemon.Journal.Broken is null ? 1 : 0);
        One("oops_journal_written_total", "counter", "Records given to the journal's file.", daemon.Journal.Written);
        One("oops_journal_lost_total", "counter", "Records that could not be written.", daemon.Journal.Lost);
        Head("oops_action_waiting", "gauge", "Reactions that wait or run.");
        foreach (var action in daemon.Actions) Line("oops_action_waiting", action.Depth, ("action", action.Name));
        Write(daemon.Counted);
    }

    /// <summary>One family per name, however many sources of the kind there are.</summary>
    public void Write(IEnumerable<(string Source, SourceCount Count)> counted)
    {
        foreach (var family in counted.GroupBy(c => (Kind: c.Source.Split('/')[0], c.Count.Name)))
        {
            var (help, kind) = (family.First().Count.Help, family.First().Count.Kind);
            // A config word may have a hyphen, a metric may not.
            var name = $"oops_{family.Key.Kind.Replace('-', '_')}_{family.Key.Name}{(kind == SourceCountKind.Total ? "_total" : "")}";
            Head(name, kind == SourceCountKind.Total ? "counter" : "gauge", help);
            foreach (var (source, count) in family) Line(name, count.Value, ("source", source));
        }
    }

    public void Write(IEnumerable<ZoneReport> zones)
    {
        var all = zones.ToList();
        Head("oops_zone_ready", "gauge", "1: met, 0: not met, -1: unknown.");
        foreach (var z in all) Line("oops_zone_ready", Number(z.Ready), ("server", z.Server), ("zone", z.Zone));
        Head("oops_zone_serial", "gauge", "Serial served.");
        foreach (var z in all)
            if (z.Serial is { } serial) Line("oops_zone_serial", serial, ("server", z.Server), ("zone", z.Zone));
        Head("oops_zone_condition", "gauge", "1: met. Only of conditions that are met, but for zone-ready.");
        foreach (var z in all)
            foreach (var c in z.Conditions) Line("oops_zone_condition", 1, ("condition", c.Id.Split('/')[1]), ("server", z.Server), ("zone", z.Zone));
        Head("oops_zone_signed_until_seconds", "gauge", "When the first of the zone's signatures ends, as far as anybody has looked, Unix time.");
        foreach (var z in all)
            if (z.SignedUntil is { } end) Line("oops_zone_signed_until_seconds", end.ToUnixTimeMilliseconds() / 1000.0, ("server", z.Server), ("zone", z.Zone));
    }

    public override string ToString() => text.ToString();

    void Routes(StatusAnswer status)
    {
        Head("oops_route_state", "gauge", "1 for the state that the route is in.");
        foreach (var r in status.Routes) Line("oops_route_state", 1, ("route", r.Name), ("action", r.Action), ("state", Words.Of(r.State)), ("shadow", r.Shadow ? "true" : "false"));
        Head("oops_route_since_seconds", "gauge", "Since when, Unix time.");
        foreach (var r in status.Routes)
            if (r.Since is { } since) Line("oops_route_since_seconds", since.ToUnixTimeMilliseconds() / 1000.0, ("route", r.Name), ("shadow", r.Shadow ? "true" : "false"));
        Head("oops_route_announced", "gauge", "1: the router shows it announced, 0: it does not.");
        foreach (var r in status.Routes)
            if (r.Router is { } form) Line("oops_route_announced", form == RouteForm.Withdrawn ? 0 : 1, ("route", r.Name), ("action", r.Action));
        Head("oops_route_upstream", "gauge", "1: the routers beyond ours show it, 0: they do not, -1: not known. Only of routes with `upstream`.");
        foreach (var r in status.Routes)
            if (r.Upstream is { } upstream) Line("oops_route_upstream", Number(upstream.State), ("route", r.Name));
        Head("oops_route_budget_left", "gauge", "Announcements left in the window.");
        foreach (var r in status.Routes)
            if (r.BudgetLeft is { } left) Line("oops_route_budget_left", left, ("route", r.Name), ("shadow", r.Shadow ? "true" : "false"));
    }

    void Servers(StatusAnswer status)
    {
        Head("oops_condition", "gauge", "1: met, 0: not met, -1: unknown.");
        foreach (var s in status.Servers)
            foreach (var c in s.Conditions) Line("oops_condition", Number(c.State), ("condition", c.Id.Split('/') is { Length: > 1 } parts ? parts[1] : c.Id), ("server", s.Name));
        Head("oops_zones", "gauge", "Expected zones by what is believed of zone-ready.");
        foreach (var s in status.Servers)
        {
            if (s.Ready is not { } ready) continue;
            Line("oops_zones", ready.Met, ("server", s.Name), ("ready", "met"));
            Line("oops_zones", ready.NotMet, ("server", s.Name), ("ready", "not-met"));
            Line("oops_zones", ready.Unknown, ("server", s.Name), ("ready", "unknown"));
        }

        Head("oops_zones_with", "gauge", "Expected zones where a condition of zones is met, but for zone-ready.");
        foreach (var s in status.Servers)
            foreach (var w in s.ZonesWith) Line("oops_zones_with", w.Zones.Count, ("condition", w.Condition), ("server", s.Name));
        Head("oops_zones_not_expected", "gauge", "Zones that are served and not expected.");
        foreach (var s in status.Servers)
            if (s.ZonesComplete) Line("oops_zones_not_expected", s.NotExpected?.Count ?? 0, ("server", s.Name));
        Head("oops_zones_listed_seconds", "gauge", "When the expected zones were last listed, or found to be as they are, Unix time.");
        foreach (var s in status.Servers)
            if (s.ZonesListed is { } listed) Line("oops_zones_listed_seconds", listed.ToUnixTimeMilliseconds() / 1000.0, ("server", s.Name));
    }

    void Sessions(StatusAnswer status)
    {
        if (status.Sessions.IsDefaultOrEmpty) return;
        Head("oops_bgp_session_up", "gauge", "1: the BGP session of our own is established, 0: it is not.");
        foreach (var s in status.Sessions) Line("oops_bgp_session_up", s.Down is null ? 1 : 0, ("action", s.Action), ("peer", s.Peer));
        Head("oops_bgp_session_since_seconds", "gauge", "Since when it is established or not, Unix time.");
        foreach (var s in status.Sessions) Line("oops_bgp_session_since_seconds", s.Since.ToUnixTimeMilliseconds() / 1000.0, ("action", s.Action), ("peer", s.Peer));
        Head("oops_bgp_session_transitions_total", "counter", "How often it came to be established.");
        foreach (var s in status.Sessions) Line("oops_bgp_session_transitions_total", s.Transitions, ("action", s.Action), ("peer", s.Peer));
    }

    static int Number(State state) => state switch { State.Met => 1, State.NotMet => 0, _ => -1 };

    void One(string name, string type, string help, double value)
    {
        Head(name, type, help);
        Line(name, value);
    }

    void Head(string name, string type, string help) => text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    void Line(string name, double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        text.Append(name);
        for (var i = 0; i < labels.Length; i++)
        {
            text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"");
            foreach (var c in labels[i].Value)
                _ = c switch { '\\' => text.Append(@"\\"), '"' => text.Append("\\\""), '\n' => text.Append("\\n"), _ => text.Append(c) };
            text.Append('"');
        }

        if (labels.Length > 0) text.Append('}');
        text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}
