using Oops.Doctor.Reading;

namespace Oops.Doctor.Exams;

/// <summary>knot.conf: D-Bus signals are off by default; without a control socket nothing is witnessed.</summary>
internal static class KnotExam
{
    const string DefaultFolder = "/run/knot";

    /// <summary>Those that every version with D-Bus takes (3.1.6).</summary>
    static readonly string[] Events = ["running", "zone-updated", "ksk-submission", "dnssec-invalid"];

    public static void Examine(Chart chart)
    {
        var root = chart.Root;
        var folder = root.Value("server", "rundir") ?? DefaultFolder;
        chart.Zones = root.Find("zone").Count(z => z.Find("domain").Any());
        chart.SetPidfile(Path.Combine(folder, root.Value("server", "pidfile") ?? "knot.pid"));
        chart.SetControl(Path.Combine(folder, chart.Found.Argument("-s", "--socket") ?? root.Value("control", "listen") ?? "knot.sock"), "knot", Pages.Knot);
        foreach (var listen in root.Find("server", "listen").SelectMany(l => l.Values))
            if (Addresses.TryParse(listen, 53, out var endpoint)) chart.Configured.Add(endpoint);

        chart.Hear("knot", chart.Found.Pid is null ? HearingState.Off : HearingState.On, "its zones: ready, updated, expiring, not refreshed, signatures; by the control socket, and at once where D-Bus is on");
        Bus(chart);
        Statistics(chart);
        var notifies = root.Find("zone").Concat(root.Find("template")).Any(z => z.Find("notify").Any());
        chart.Hear("notify", chart.State(notifies), "its zone updates (over TCP)");
    }

    static void Bus(Chart chart)
    {
        // A later section's option replaces an earlier one's.
        var events = chart.Root.Last("server", "dbus-event");
        var on = events?.Values.Where(v => v != "none").ToArray() ?? [];
        var missing = Events.Where(e => !on.Contains(e)).ToArray();
        var wanted = Newer(chart.Found.Version, 3, 3) ? [.. Events, "keys-updated"] : Events;
        var lines = chart.InConfig("server:", $"    dbus-event: [{string.Join(", ", on.Union(wanted))}]");
        if (on.Length == 0)
        {
            chart.SayOff(Grade.Advice, "knot-dbus-off", "its D-Bus signals are off: what it does is seen when it is asked, every minute, and not when it happens. The change needs a restart of knotd", Pages.Knot,
                lines, chart.InOops("knot", $"server: {chart.Server}"));
            return;
        }

        if (missing.Length > 0)
            chart.Say(Grade.Advice, "knot-dbus-partial", $"{events!.At}: dbus-event leaves out {string.Join(", ", missing)}. The change needs a restart of knotd", Pages.Knot, lines);
        if (!chart.Around.HasBus)
            chart.Say(Grade.Advice, "knot-no-bus", "its D-Bus signals are on, and there is no system bus; knotd never looks for one that comes later", Pages.Knot, new Remedy("a shell", ["apt install dbus", "systemctl restart knot"]));
        else if (chart.Around.Exists("/usr/share/dbus-1/system.d/cz.nic.knotd.conf") == false && chart.Around.Exists("/etc/dbus-1/system.d/cz.nic.knotd.conf") == false)
            chart.Say(Grade.Advice, "knot-bus-policy", "the bus has no policy that lets knotd take the name cz.nic.knotd (the file cz.nic.knotd.conf of the package knot)", Pages.Knot);
    }

    static void Statistics(Chart chart)
    {
        var root = chart.Root;
        var modules = root.Find("template").Concat(root.Find("zone")).SelectMany(t => t.Find("module").Concat(t.Find("global-module"))).SelectMany(m => m.Values).ToArray();
        if (!modules.Any(m => m.StartsWith("mod-stats", StringComparison.Ordinal)))
            chart.SayOff(Grade.Note, "knot-stats-off", "mod-stats is off: query rates cannot be read from its counters", Pages.Knot, chart.InConfig("template:", "  - id: default", "    global-module: mod-stats"));
        var dnstap = modules.Any(m => m.StartsWith("mod-dnstap", StringComparison.Ordinal));
        Dnstap.Examine(chart, dnstap, chart.InConfig(
            "mod-dnstap:", "  - id: oops", $"    sink: unix:{Dnstap.Path}", "    log-queries: off", "    log-responses: on", "template:", "  - id: default", "    global-module: mod-dnstap/oops"));
    }

    static bool Newer(string? version, int major, int minor)
    {
        var parts = version?.Split('.') ?? [];
        return parts.Length > 1 && int.TryParse(parts[0], out var first) && int.TryParse(parts[1], out var second) && (first > major || (first == major && second >= minor));
    }
}
